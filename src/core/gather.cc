#include "cairn/gather.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>

namespace cairn {
namespace asio = boost::asio;
namespace {

struct Family {
  explicit Family(const asio::any_io_executor& executor) : all_ended(executor) {
    all_ended.expires_at(asio::steady_timer::time_point::max());
  }
  void cancel_all() {
    cancelling = true;
    for (auto& signal : signals) signal->emit(asio::cancellation_type::terminal);
  }

  asio::steady_timer all_ended;  // cancelled when the last child ends
  std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
  std::vector<std::exception_ptr> errors;
  std::size_t running = 0;
  bool cancelling = false;
};

}  // namespace

asio::awaitable<void> gather_while(std::vector<asio::awaitable<void>> children,
                                   std::function<bool(std::size_t)> ended) {
  if (children.empty()) co_return;
  const auto executor = co_await asio::this_coro::executor;
  // The children are waited for even when this coroutine is cancelled: they are cancelled with it.
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  co_await asio::this_coro::throw_if_cancelled(false);
  auto family = std::make_shared<Family>(executor);
  family->running = children.size();
  family->errors.resize(children.size());
  for (std::size_t i = 0; i < children.size(); ++i)
    family->signals.push_back(std::make_unique<asio::cancellation_signal>());
  for (std::size_t i = 0; i < children.size(); ++i) {
    auto on_end = [family, i, &ended](std::exception_ptr error) {
      family->errors[i] = family->cancelling ? nullptr : error;
      if (error && !family->cancelling)
        family->cancel_all();
      else if (!error && !family->cancelling && !ended(i))
        family->cancel_all();
      if (--family->running == 0) family->all_ended.cancel();
    };
    asio::co_spawn(executor, std::move(children[i]),
                   asio::bind_cancellation_slot(family->signals[i]->slot(), on_end));
  }
  bool cancelled = false;
  while (family->running > 0) {
    boost::system::error_code ignored;
    co_await family->all_ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (family->running > 0 && state.cancelled() != asio::cancellation_type::none && !cancelled) {
      cancelled = true;
      family->cancel_all();
    }
  }
  for (const std::exception_ptr& error : family->errors)
    if (error) std::rethrow_exception(error);
}

asio::awaitable<void> gather(std::vector<asio::awaitable<void>> children) {
  std::function<bool(std::size_t)> always = [](std::size_t) { return true; };
  co_await gather_while(std::move(children), always);
}

}  // namespace cairn
