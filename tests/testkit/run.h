#pragma once
// testkit/run.h — runs coroutines to their end on an io_context of their own.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "cairn/language_model.h"

namespace cairn::testkit {

// What the coroutine returns, or the exception it throws.
template <class T>
T run(asio::awaitable<T> work) {
  asio::io_context io;
  std::optional<T> value;
  std::exception_ptr error;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T result) {
    error = e;
    value.emplace(std::move(result));
  });
  io.run();
  if (error) std::rethrow_exception(error);
  return std::move(*value);
}

inline void run(asio::awaitable<void> work) {
  asio::io_context io;
  std::exception_ptr error;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr e) { error = e; });
  io.run();
  if (error) std::rethrow_exception(error);
}

// All of them in flight at once; result[i] is what works[i] returned.
template <class T>
std::vector<T> run_all(std::vector<asio::awaitable<T>> works) {
  asio::io_context io;
  std::vector<std::optional<T>> values(works.size());
  std::exception_ptr error;
  for (std::size_t i = 0; i < works.size(); ++i)
    asio::co_spawn(io, std::move(works[i]), [&, i](std::exception_ptr e, T result) {
      if (e) error = e;
      values[i].emplace(std::move(result));
    });
  io.run();
  if (error) std::rethrow_exception(error);
  std::vector<T> results;
  for (auto& value : values) results.push_back(std::move(*value));
  return results;
}

}  // namespace cairn::testkit
