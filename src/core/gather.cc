#include "cairn/gather.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <exception>
#include <memory>

#include "cairn/error.h"

namespace cairn {
namespace asio = boost::asio;
namespace {

// Resumes the coroutine that waits for its children.
struct Waiting {
  virtual ~Waiting() = default;
  virtual void resume() = 0;
};

template <class Handler>
struct WaitingHandler : Waiting {
  explicit WaitingHandler(Handler h) : handler(std::move(h)) {}
  void resume() override {
    asio::get_associated_cancellation_slot(handler).clear();
    const auto executor = asio::get_associated_executor(handler);
    asio::post(executor, std::move(handler));
  }
  Handler handler;
};

struct Family {
  std::deque<asio::cancellation_signal> signals;  // [children]
  std::vector<std::exception_ptr> errors;         // [children]
  std::vector<bool> over;                         // [children]
  std::size_t running = 0;
  bool enough = false;  // `ended` said so: the others are cancelled and their errors swallowed
  std::function<bool(std::size_t)> ended;
  std::unique_ptr<Waiting> waiting;

  void cancel_all() {
    for (std::size_t i = 0; i < signals.size(); ++i)
      if (!over[i]) signals[i].emit(asio::cancellation_type::terminal);
  }

  void child_ended(std::size_t i, std::exception_ptr error) {
    over[i] = true;
    if (!error && !enough) error = ask(i);
    errors[i] = error;
    if (error || enough) cancel_all();
    if (--running == 0) waiting->resume();
  }

  std::exception_ptr ask(std::size_t i) {
    try {
      enough = !ended(i);
      return nullptr;
    } catch (...) {
      return std::current_exception();
    }
  }
};

bool is_cancellation(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    return e.fault() == Fault::cancelled;
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

// The first error that is no consequence of a cancellation; else the first.
std::exception_ptr first_error(const Family& family) {
  std::exception_ptr first;
  for (const std::exception_ptr& error : family.errors) {
    if (!error) continue;
    if (!is_cancellation(error)) return error;
    if (!first && !family.enough) first = error;
  }
  return first;
}

struct Start {
  template <class Handler>
  void operator()(Handler handler, std::shared_ptr<Family> family, asio::any_io_executor executor,
                  std::vector<asio::awaitable<void>>* children) const {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected())
      slot.assign([family](asio::cancellation_type) { family->cancel_all(); });
    family->waiting = std::make_unique<WaitingHandler<Handler>>(std::move(handler));
    for (std::size_t i = 0; i < children->size(); ++i) {
      auto on_end = [family, i](std::exception_ptr error) { family->child_ended(i, error); };
      asio::co_spawn(executor, std::move((*children)[i]),
                     asio::bind_cancellation_slot(family->signals[i].slot(), on_end));
    }
  }
};

}  // namespace

asio::awaitable<void> gather_while(std::vector<asio::awaitable<void>> children,
                                   std::function<bool(std::size_t)> ended) {
  if (children.empty()) co_return;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto family = std::make_shared<Family>();
  family->running = children.size();
  family->errors.resize(children.size());
  family->over.resize(children.size());
  family->signals.resize(children.size());
  family->ended = std::move(ended);
  auto wait = asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      Start{}, asio::use_awaitable, family, executor, &children);
  co_await std::move(wait);
  family->ended = nullptr;
  if (const std::exception_ptr error = first_error(*family)) std::rethrow_exception(error);
}

asio::awaitable<void> gather(std::vector<asio::awaitable<void>> children) {
  std::function<bool(std::size_t)> always = [](std::size_t) { return true; };
  co_await gather_while(std::move(children), always);
}

}  // namespace cairn
