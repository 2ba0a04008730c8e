#pragma once
// cairn/outcome.h — what a recipe returns. A wrong or missing answer is an outcome, not an error.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cairn/trace.h"
#include "cairn/tree.h"
#include "cairn/usage.h"

namespace cairn {

// Why the recipe ended: by itself, or at a limit with its best finished trace as the answer.
enum class Stopped { done, budget, deadline, cancelled };
std::string_view name_of(Stopped stopped);

struct FinishedTrace {
  Trace trace;
  float reward = 0;  // by what the recipe ranks with; 0 where it does not rank
};

struct Outcome {
  std::optional<std::string> answer;
  double confidence = 0;              // in [0, 1]: the share of the vote, or the judge's reward
  std::vector<FinishedTrace> traces;  // all that finished, in the order they were started
  // What a search knows of its steps, by their ids in the trace log.
  std::vector<std::pair<std::uint64_t, NodeStats>> nodes = {};
  Stopped stopped = Stopped::done;
  Usage usage;
};

}  // namespace cairn
