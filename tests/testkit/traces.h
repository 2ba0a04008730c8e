#pragma once
// testkit/traces.h — traces made by hand.

#include <optional>
#include <string>
#include <vector>

#include "cairn/trace.h"

namespace cairn::testkit {

inline Step step(std::string text, std::vector<float> logprobs = {}) {
  Step out;
  out.text = std::move(text);
  out.logprobs = std::move(logprobs);
  out.tokens.assign(out.logprobs.size(), 7);
  out.certainties.assign(out.logprobs.size(), 1.0f);
  return out;
}

// One step that states an answer, or none.
inline Trace answered(std::optional<std::string> answer) {
  Step only = step(answer ? "The answer is " + *answer + ".\n" : "I do not know.\n");
  only.answer = std::move(answer);
  return Trace().extended(std::move(only), End::done);
}

inline std::vector<Trace> answered(const std::vector<std::string>& answers) {
  std::vector<Trace> traces;
  for (const std::string& answer : answers)
    traces.push_back(answered(answer.empty() ? std::optional<std::string>() : answer));
  return traces;
}

}  // namespace cairn::testkit
