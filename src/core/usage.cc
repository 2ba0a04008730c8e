#include "cairn/usage.h"

namespace cairn {

Usage& Usage::operator+=(const Usage& other) {
  generated_tokens += other.generated_tokens;
  evaluated_tokens += other.evaluated_tokens;
  unique_tokens += other.unique_tokens;
  prompt_tokens += other.prompt_tokens;
  judge_tokens += other.judge_tokens;
  judge_generated += other.judge_generated;
  draft_tokens += other.draft_tokens;
  draft_generated += other.draft_generated;
  cached_tokens += other.cached_tokens;
  model_calls += other.model_calls;
  tool_calls += other.tool_calls;
  tool_errors += other.tool_errors;
  tool_seconds += other.tool_seconds;
  seconds += other.seconds;
  return *this;
}

}  // namespace cairn
