#include "cairn/budget.h"

#include <algorithm>

namespace cairn {
namespace {

std::optional<Budget::Clock::time_point> deadline_of(const Limits& limits,
                                                     Budget::Clock::time_point start) {
  if (!limits.wall_time) return {};
  return start + std::chrono::duration_cast<Budget::Clock::duration>(*limits.wall_time);
}

bool within(const std::optional<std::int64_t>& limit, std::int64_t spent, std::int64_t held,
            std::int64_t amount) {
  return !limit || amount == 0 || spent + held + amount <= *limit;
}

std::int64_t left(const std::optional<std::int64_t>& limit, std::int64_t spent, std::int64_t held,
                  std::int64_t if_unlimited) {
  return limit ? std::max<std::int64_t>(0, *limit - spent - held) : if_unlimited;
}

}  // namespace

Budget::Budget(Limits limits)
    : limits_(limits), start_(Clock::now()), deadline_(deadline_of(limits, start_)) {}

Budget::Budget(Budget& whole)
    : whole_(&whole), limits_(whole.limits_), start_(whole.start_), deadline_(whole.deadline_) {}

bool Budget::reserve(const Amount& amount) {
  if (whole_ && !whole_->reserve(amount)) return false;
  const std::lock_guard lock(mutex_);
  const bool fits =
      within(limits_.generated_tokens, spent_.generated_tokens, held_.generated_tokens,
             amount.generated_tokens) &&
      within(limits_.evaluated_tokens, spent_.evaluated_tokens, held_.evaluated_tokens,
             amount.evaluated_tokens) &&
      within(limits_.model_calls, spent_.model_calls, held_.model_calls, amount.model_calls);
  if (!fits && whole_ == nullptr) {
    refused_ = true;
    return false;
  }
  spent_.generated_tokens += amount.generated_tokens;
  spent_.evaluated_tokens += amount.evaluated_tokens;
  spent_.model_calls += amount.model_calls;
  return true;
}

void Budget::give_back(const Amount& amount) {
  if (whole_) whole_->give_back(amount);
  const std::lock_guard lock(mutex_);
  spent_.generated_tokens -= amount.generated_tokens;
  spent_.evaluated_tokens -= amount.evaluated_tokens;
  spent_.model_calls -= amount.model_calls;
}

void Budget::hold(const Amount& amount, std::chrono::nanoseconds time) {
  const std::lock_guard lock(mutex_);
  held_time_ = time;
  held_.generated_tokens =
      std::min(amount.generated_tokens,
               left(limits_.generated_tokens, spent_.generated_tokens, 0, amount.generated_tokens));
  held_.evaluated_tokens =
      std::min(amount.evaluated_tokens,
               left(limits_.evaluated_tokens, spent_.evaluated_tokens, 0, amount.evaluated_tokens));
  held_.model_calls = std::min(
      amount.model_calls, left(limits_.model_calls, spent_.model_calls, 0, amount.model_calls));
}

void Budget::release_held() {
  const std::lock_guard lock(mutex_);
  held_ = {};
  held_time_ = {};
  refused_ = false;
}

void Budget::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
}

std::optional<Stop> Budget::stopped() const {
  if (whole_)
    if (const auto stop = whole_->stopped()) return stop;
  const std::lock_guard lock(mutex_);
  if (cancelled_) return Stop::cancelled;
  if (whole_) return {};
  if (deadline_ && Clock::now() >= *deadline_ - held_time_) return Stop::deadline;
  if (refused_) return Stop::budget;
  return {};
}

void Budget::note_unique(std::int64_t tokens) {
  if (whole_) whole_->note_unique(tokens);
  const std::lock_guard lock(mutex_);
  spent_.unique_tokens += tokens;
}

void Budget::note_prompt(std::int64_t tokens) {
  if (whole_) whole_->note_prompt(tokens);
  const std::lock_guard lock(mutex_);
  spent_.prompt_tokens += tokens;
}

void Budget::note_judge(std::int64_t evaluated, std::int64_t generated) {
  if (whole_) whole_->note_judge(evaluated, generated);
  const std::lock_guard lock(mutex_);
  spent_.judge_tokens += evaluated;
  spent_.judge_generated += generated;
}

void Budget::note_draft(std::int64_t evaluated, std::int64_t generated) {
  if (whole_) whole_->note_draft(evaluated, generated);
  const std::lock_guard lock(mutex_);
  spent_.draft_tokens += evaluated;
  spent_.draft_generated += generated;
}

void Budget::note_cached(std::int64_t tokens) {
  if (whole_) whole_->note_cached(tokens);
  const std::lock_guard lock(mutex_);
  spent_.cached_tokens += tokens;
}

void Budget::note_tool(bool failed, double seconds) {
  if (whole_) whole_->note_tool(failed, seconds);
  const std::lock_guard lock(mutex_);
  ++spent_.tool_calls;
  spent_.tool_errors += failed ? 1 : 0;
  spent_.tool_seconds += seconds;
}

Usage Budget::spent() const {
  const std::lock_guard lock(mutex_);
  Usage usage = spent_;
  usage.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  return usage;
}

Amount Budget::left_or(const Amount& if_unlimited) const {
  if (whole_) return whole_->left_or(if_unlimited);
  const std::lock_guard lock(mutex_);
  return {
      left(limits_.generated_tokens, spent_.generated_tokens, held_.generated_tokens,
           if_unlimited.generated_tokens),
      left(limits_.evaluated_tokens, spent_.evaluated_tokens, held_.evaluated_tokens,
           if_unlimited.evaluated_tokens),
      left(limits_.model_calls, spent_.model_calls, held_.model_calls, if_unlimited.model_calls)};
}

}  // namespace cairn
