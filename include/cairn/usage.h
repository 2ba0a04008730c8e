#pragma once
// cairn/usage.h — what work has cost.
//
//   generated  tokens sampled by any model (policy, draft, judge)
//   evaluated  positions run through any model: prompts, judges' reading and repeated work included
//   unique     positions in the prefix tree of all that was evaluated; evaluated / unique is the
//              work ratio, 1 when nothing was evaluated twice
//   prompt     positions of prompts, counted whether or not they were already in the KV cache
//   judge      the parts of `evaluated` and `generated` that judges asked a model for;
//              what a policy writes on for one of them (rollout_value) is the policy's
//   draft      the parts of both spent by the second model (Kit::draft)
//   cached     the part of `generated` that was not drawn but taken from a cache (model/cached.h)
//   calls      requests to a model
//   tool       calls of tools, those that did not end well, and their seconds
//
// What is neither a judge's nor the draft's is the policy's. Answers are extracted by rule.

#include <cstdint>

namespace cairn {

struct Usage {
  std::int64_t generated_tokens = 0;
  std::int64_t evaluated_tokens = 0;
  std::int64_t unique_tokens = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t judge_tokens = 0;  // evaluated
  std::int64_t judge_generated = 0;
  std::int64_t draft_tokens = 0;  // evaluated
  std::int64_t draft_generated = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t model_calls = 0;
  std::int64_t tool_calls = 0;
  std::int64_t tool_errors = 0;
  double tool_seconds = 0;
  double seconds = 0;

  Usage& operator+=(const Usage& other);
};

}  // namespace cairn
