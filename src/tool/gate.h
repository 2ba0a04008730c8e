#pragma once
// tool/gate.h — lets so many coroutines through at a time; the others wait in the order they came.

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <utility>

namespace cairn::tool {

class Gate {
 public:
  explicit Gate(int places) : free_(places) {}
  Gate(const Gate&) = delete;

  // Held while inside.
  class Place {
   public:
    explicit Place(Gate& gate) : gate_(&gate) {}
    Place(Place&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (gate_) gate_->leave();
    }

   private:
    Gate* gate_;
  };

  // Cancelled: throws operation_aborted and holds nothing.
  boost::asio::awaitable<Place> enter() {
    const auto executor = co_await boost::asio::this_coro::executor;
    if (free_ == 0 || !waiting_.empty()) {
      boost::asio::steady_timer turn(executor, boost::asio::steady_timer::time_point::max());
      waiting_.push_back(&turn);
      boost::system::error_code woken;
      auto token = boost::asio::redirect_error(boost::asio::use_awaitable, woken);
      co_await turn.async_wait(token);
      const auto place = std::find(waiting_.begin(), waiting_.end(), &turn);
      if (place != waiting_.end()) {  // nobody called it: it was cancelled from outside
        waiting_.erase(place);
        throw boost::system::system_error(boost::asio::error::operation_aborted);
      }
    } else {
      --free_;
    }
    co_return Place(*this);
  }

 private:
  void leave() {
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    boost::asio::steady_timer* next = waiting_.front();
    waiting_.pop_front();
    next->cancel();
  }

  int free_;
  std::deque<boost::asio::steady_timer*> waiting_;  // the place of one that is called stays taken
};

}  // namespace cairn::tool
