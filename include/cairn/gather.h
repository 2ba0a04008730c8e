#pragma once
// cairn/gather.h — fanning out: run coroutines side by side and wait for all of them.
//
// Structured: gather completes only after every child has ended, also when one throws (the first
// error by index is rethrown, the others are cancelled first). Cancelled from outside it cancels
// its children, waits for them and throws operation_aborted. Runs on the awaiting executor, which
// must be single-threaded or a strand.

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace cairn {

// As each child ends, `ended(index)` is called; when it returns false the others are cancelled
// (they end with Fault::cancelled or operation_aborted, which is swallowed then).
boost::asio::awaitable<void> gather_while(std::vector<boost::asio::awaitable<void>> children,
                                          std::function<bool(std::size_t index)> ended);

boost::asio::awaitable<void> gather(std::vector<boost::asio::awaitable<void>> children);

namespace detail {
template <class T>
boost::asio::awaitable<void> store_into(boost::asio::awaitable<T> child, std::optional<T>& slot) {
  T value = co_await std::move(child);
  slot.emplace(std::move(value));
}
}  // namespace detail

// result[i] is what children[i] returned.
template <class T>
boost::asio::awaitable<std::vector<T>> gather(std::vector<boost::asio::awaitable<T>> children) {
  std::vector<std::optional<T>> slots(children.size());
  std::vector<boost::asio::awaitable<void>> stores;
  stores.reserve(children.size());
  for (std::size_t i = 0; i < children.size(); ++i)
    stores.push_back(detail::store_into<T>(std::move(children[i]), slots[i]));
  co_await gather(std::move(stores));
  std::vector<T> values;
  values.reserve(slots.size());
  for (std::optional<T>& slot : slots) values.push_back(std::move(*slot));
  co_return values;
}

}  // namespace cairn
