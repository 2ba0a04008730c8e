#include "model/llama/workers.h"

namespace cairn::llama {

Workers::Workers(int threads) {
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::each(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (count <= 1 || threads_.empty()) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
    ++round_;
    active_ = static_cast<int>(threads_.size());
  }
  start_.notify_all();
  help(work);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return active_ == 0; });
}

void Workers::help(const std::function<void(std::size_t)>& work) {
  for (std::size_t i = next_++; i < count_; i = next_++) work(i);
}

void Workers::run() {
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    start_.wait(lock, [&] { return stopping_ || round_ != seen; });
    if (stopping_) return;
    seen = round_;
    const auto* work = work_;
    lock.unlock();
    help(*work);
    lock.lock();
    if (--active_ == 0) done_.notify_one();
  }
}

}  // namespace cairn::llama
