#pragma once
// cairn/step.h — the unit everything else counts in: reasoning between two boundaries.
//
// Text and token ids for a language model; a move in a game; a tool call and its output. A step
// carries what happened, what it was judged, what it cost, and a state only its policy understands.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/usage.h"

namespace cairn {

using Token = std::int32_t;  // an index into a model's vocabulary

// Why a step or a generation ended.
//   segment       the segmenter saw a boundary
//   stop_string   a stop string of the request appeared
//   end_of_text   the model ended its text
//   max_tokens    the step's own limit was reached
//   grammar       the grammar admits nothing more
//   context       the model's context is full
//   budget, deadline, cancelled   the run's limits; see cairn/budget.h
enum class Stop {
  segment,
  stop_string,
  end_of_text,
  max_tokens,
  grammar,
  context,
  budget,
  deadline,
  cancelled
};

std::string_view name_of(Stop stop);
std::optional<Stop> stop_named(std::string_view name);

// One call of a tool and what came back.
struct ToolUse {
  std::string tool;             // its name
  std::string call;             // exact bytes
  std::string status;           // as name_of(ToolStatus), see cairn/tool.h
  std::string output, message;  // exact bytes
  int exit_status = 0;
  double seconds = 0;
  bool operator==(const ToolUse&) const = default;
};

struct Step {
  std::string kind = "text";       // "text", "tool", "move", "answer" (a forced final answer)
  std::string text;                // exact bytes
  std::vector<Token> tokens;       // [n]; empty where the policy has no tokens
  std::vector<float> logprobs;     // [n]; nats, under the model's distribution at temperature 1
  std::vector<float> certainties;  // [n]; KL(uniform || model) at each token, nats
  std::vector<float> entropies;    // [n]; of the model's distribution at each token, nats; empty
                                   // where they were not noted
  std::map<std::string, float>
      rewards;  // by judge name, each in [0, 1] unless the judge says otherwise
  // What it cost to ask that judge about the trace up to here, and others with it.
  std::map<std::string, Usage> judge_usage;
  std::optional<std::string> answer;  // the final answer, where this step states one
  std::optional<ToolUse> tool = {};   // where the step called one
  Stop stop = Stop::segment;
  Usage usage;
  std::uint64_t seed = 0;
  std::string model;                  // name of the model that wrote it
  std::shared_ptr<const void> state;  // what its policy needs to go on; never written to disk

  double logprob() const;  // sum of logprobs
};

}  // namespace cairn
