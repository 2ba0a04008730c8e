#pragma once
// app/eval_progress.h — how far an evaluation is, on standard error: a bar on a terminal, a line
// now and then elsewhere. Threads: one.

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "app/solved.h"

namespace cairn::app {

class EvalProgress {
 public:
  EvalProgress(std::size_t total, bool quiet)
      : total_(total), terminal_(isatty(STDERR_FILENO) != 0), quiet_(quiet) {}

  void note(const Solved& solved) {
    ++done_;
    right_ += solved.marks.outcome.value_or(false);
    generated_ += solved.outcome.usage.generated_tokens;
    const auto now = Clock::now();
    const bool early = now - last_ < std::chrono::seconds(terminal_ ? 0 : 10);
    if (quiet_ || (early && done_ < total_)) return;
    last_ = now;
    show(std::chrono::duration<double>(now - start_).count());
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kWidth = 24;  // of the bar, characters

  void show(double seconds) const {
    const std::size_t full = kWidth * done_ / total_;
    const std::string bar =
        terminal_ ? fmt::format("\r\x1b[2K[{:=<{}}{: <{}}] ", "", full, "", kWidth - full) : "";
    const auto done = static_cast<double>(done_), left = static_cast<double>(total_ - done_);
    fmt::print(stderr, "{}{}/{}, {:.1f} % right, {:.0f} tokens/s, {:.0f} s left{}", bar, done_,
               total_, 100 * static_cast<double>(right_) / done,
               static_cast<double>(generated_) / std::max(seconds, 1e-9), seconds / done * left,
               terminal_ && done_ < total_ ? "" : "\n");
  }

  const std::size_t total_;
  const bool terminal_, quiet_;
  std::size_t done_ = 0, right_ = 0;
  std::int64_t generated_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace cairn::app
