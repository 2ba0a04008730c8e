#include "cairn/usage.h"

namespace cairn {

Usage& Usage::operator+=(const Usage& other) {
  generated_tokens += other.generated_tokens;
  evaluated_tokens += other.evaluated_tokens;
  unique_tokens += other.unique_tokens;
  prompt_tokens += other.prompt_tokens;
  judge_tokens += other.judge_tokens;
  cached_tokens += other.cached_tokens;
  model_calls += other.model_calls;
  tool_calls += other.tool_calls;
  tool_errors += other.tool_errors;
  tool_seconds += other.tool_seconds;
  seconds += other.seconds;
  return *this;
}

}  // namespace cairn
