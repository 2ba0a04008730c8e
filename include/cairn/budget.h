#pragma once
// cairn/budget.h — what one problem may spend, and what it has spent.
//
// Tokens are reserved before they are decoded and given back when they were not used, so the sum
// of what is spent never exceeds a limit, whatever runs at the same time. A part can be held back
// for a forced final answer: it is invisible to `reserve` and `stopped` until `release_held`.
//
// Threads: every member may be called from any thread.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "cairn/step.h"
#include "cairn/usage.h"

namespace cairn {

// No limit is an empty optional.
struct Limits {
  std::optional<std::int64_t> generated_tokens = {};
  std::optional<std::int64_t> evaluated_tokens = {};
  std::optional<std::int64_t> model_calls = {};
  std::optional<std::chrono::nanoseconds> wall_time = {};  // from the budget's construction
};

struct Amount {
  std::int64_t generated_tokens = 0;
  std::int64_t evaluated_tokens = 0;
  std::int64_t model_calls = 0;
};

class Budget {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Budget(Limits limits = {});
  // A part of a larger budget, which outlives it: what is spent here is spent there, and its limits
  // hold; spent() is of this part alone.
  explicit Budget(Budget& whole);
  Budget(const Budget&) = delete;

  // Takes `amount`, all of it or nothing. False when a limit would be exceeded; from then on
  // stopped() is Stop::budget.
  [[nodiscard]] bool reserve(const Amount& amount);
  // Gives back what was reserved and not used.
  void give_back(const Amount& amount);

  // Keeps `amount` from reserve() until release_held(), and moves the deadline forward by `time`
  // until then. Holding more than is left holds what is left.
  void hold(const Amount& amount, std::chrono::nanoseconds time = {});
  void release_held();  // and clears Stop::budget, so that the held part can be spent

  // Asks everything that spends from this budget to end at its next step.
  void cancel();

  // Why spending has to end: cancelled, deadline, budget (a reservation was refused), or nothing.
  std::optional<Stop> stopped() const;

  // Notes that are not limited.
  void note_unique(std::int64_t tokens);
  void note_prompt(std::int64_t tokens);
  void note_judge(std::int64_t evaluated, std::int64_t generated);
  void note_draft(std::int64_t evaluated, std::int64_t generated);
  void note_cached(std::int64_t tokens);
  void note_tool(bool failed, double seconds);  // one call

  // What has been spent so far; `seconds` is since construction.
  Usage spent() const;
  Amount left_or(const Amount& if_unlimited) const;  // what reserve() would still accept
  const Limits& limits() const { return limits_; }
  // When it was made: who asked first is served first.
  Clock::time_point start() const { return start_; }

 private:
  Budget* const whole_ = nullptr;
  const Limits limits_;
  const Clock::time_point start_;
  const std::optional<Clock::time_point> deadline_;
  mutable std::mutex mutex_;
  Usage spent_;
  Amount held_;
  std::chrono::nanoseconds held_time_{0};
  bool refused_ = false;
  bool cancelled_ = false;
};

}  // namespace cairn
