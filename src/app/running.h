#pragma once
// app/running.h — questions in flight, and the signals that end them. Threads: one.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <vector>

#include "app/cli.h"
#include "cairn/budget.h"

namespace cairn::app {

// The budgets in flight: a signal cancels them all.
class Running {
 public:
  Budget** add() {
    slots_.push_back(std::make_unique<Budget*>(nullptr));
    return slots_.back().get();
  }
  void cancel() {
    cancelled_ = true;
    for (const auto& slot : slots_)
      if (*slot) (*slot)->cancel();
  }
  bool cancelled() const { return cancelled_; }

 private:
  std::vector<std::unique_ptr<Budget*>> slots_;
  bool cancelled_ = false;
};

// The first signal lets everything end in order, the second at once.
class Signals {
 public:
  Signals(boost::asio::io_context& io, Running& running)
      : set_(io, SIGINT, SIGTERM), running_(running) {
    wait();
  }
  void stop() { set_.cancel(); }
  int exit_code() const {
    return number_ == SIGINT ? kInterrupted : number_ == SIGTERM ? kTerminated : kOk;
  }

 private:
  void wait() {
    set_.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      if (number_ != 0) std::_Exit(number == SIGINT ? kInterrupted : kTerminated);
      number_ = number;
      running_.cancel();
      wait();
    });
  }
  boost::asio::signal_set set_;
  Running& running_;
  int number_ = 0;
};

}  // namespace cairn::app
