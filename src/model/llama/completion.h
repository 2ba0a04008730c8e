#pragma once
// model/llama/completion.h — from the scheduler's thread back to the coroutine that waits.

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "cairn/language_model.h"

namespace cairn::llama {

// Called once, from any thread; resumes the coroutine on its own executor.
template <class T>
class Completion {
 public:
  virtual ~Completion() = default;
  virtual void operator()(std::exception_ptr error, T value) = 0;
};

namespace detail {

// Threads that are inside post() to a context. When the handler runs that was posted last, the
// context may be done and be destroyed, and the thread that posted it may still be on its way out:
// the destruction waits for it.
class Posting : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit Posting(asio::execution_context& context) : service(context) {}
  std::shared_ptr<std::atomic<int>> threads() const { return threads_; }

 private:
  void shutdown() override {
    while (const int count = *threads_) threads_->wait(count);
  }
  const std::shared_ptr<std::atomic<int>> threads_ = std::make_shared<std::atomic<int>>(0);
};

template <class T, class Handler>
class HandlerCompletion : public Completion<T> {
 public:
  explicit HandlerCompletion(Handler handler)
      : handler_(std::move(handler)), work_(asio::get_associated_executor(handler_)) {
    auto& context = asio::query(work_.get_executor(), asio::execution::context);
    posting_ = asio::use_service<Posting>(context).threads();
  }

  void operator()(std::exception_ptr error, T value) override {
    const auto posting = posting_;
    ++*posting;
    post(error, std::move(value));
    --*posting;
    posting->notify_all();
  }

 private:
  void post(std::exception_ptr error, T value) {
    const auto executor = work_.get_executor();
    asio::post(executor, [handler = std::move(handler_), work = std::move(work_), error,
                          value = std::move(value)]() mutable {
      asio::get_associated_cancellation_slot(handler).clear();
      work.reset();
      std::move(handler)(error, std::move(value));
    });
  }

  Handler handler_;
  std::shared_ptr<std::atomic<int>> posting_;
  asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
};

}  // namespace detail

// Suspends the coroutine; `start(completion, cancelled)` begins the work. When the coroutine is
// cancelled, `*cancelled` becomes true and `wake()` is called.
template <class T>
asio::awaitable<T> suspend(
    std::function<void(std::unique_ptr<Completion<T>>, std::shared_ptr<std::atomic<bool>>)> start,
    std::function<void()> wake) {
  auto initiate = [](auto handler, auto begin, auto wake_up) {
    auto cancelled = std::make_shared<std::atomic<bool>>(false);
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected())
      slot.assign([cancelled, wake_up](asio::cancellation_type) {
        *cancelled = true;
        wake_up();
      });
    using Handler = std::decay_t<decltype(handler)>;
    begin(std::make_unique<detail::HandlerCompletion<T, Handler>>(std::move(handler)), cancelled);
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, T)>(
      initiate, asio::use_awaitable, std::move(start), std::move(wake));
}

}  // namespace cairn::llama
