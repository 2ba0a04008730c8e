#pragma once
// model/llama/workers.h — a few threads that share out a loop.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::llama {

class Workers {
 public:
  explicit Workers(int threads);  // including the caller's
  ~Workers();

  // Calls work(i) for i in 0 … count-1, on all threads; returns when all are done.
  // `work` must not throw.
  void each(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  void help(const std::function<void(std::size_t)>& work);
  void run();

  std::mutex mutex_;
  std::condition_variable start_, done_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::uint64_t round_ = 0;
  int active_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cairn::llama
