#pragma once
// cairn/runner.h — one problem through one recipe: makes the kit, keeps the budget, and turns a
// budget's end into the best answer there is.
//
// A small part of the budget, time included, is held back. When the rest, or max_trace_tokens, ends
// with nothing finished, the model is asked for a short final answer with the held part; otherwise
// it is never spent.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cairn/budget.h"
#include "cairn/language_model.h"
#include "cairn/outcome.h"
#include "cairn/problem.h"
#include "cairn/prompt.h"
#include "cairn/recipe.h"
#include "cairn/task.h"
#include "cairn/trace_log.h"
#include "cairn/unfinished.h"

namespace cairn {

// What the user said about sampling; what is not said is the recipe's.
struct SamplingOverrides {
  std::optional<float> temperature = {};
  std::optional<int> top_k = {};
  std::optional<float> top_p = {};
  std::optional<float> min_p = {};
};

// The part of each prompt that comes before any question, by model and prompt; held while this
// lives.
struct PinnedPrompts {
  std::map<std::string, BranchPtr> shared;
};

struct RunOptions {
  Settings settings = {};                // the recipe's options, as the user wrote them
  std::string judge = {};                // as make_judge reads it; empty: the recipe's
  std::string segmenter = "line";        // see make_segmenter
  std::optional<Prompt> prompt = {};     // empty: the task's or the recipe's
  LanguageModel* draft = nullptr;        // a second model (Kit::draft), borrowed
  LanguageModel* judge_model = nullptr;  // the judge's; null: the policy's. Borrowed
  const Task* task = nullptr;            // borrowed; its rules end traces, see cairn/task.h
  SamplingOverrides sampling = {};
  int max_step_tokens = 256;
  int max_trace_tokens = 512;
  Limits limits = {};
  std::uint64_t seed = 0;
  Toolbox* tools = nullptr;  // null: those of make_tool. Borrowed
  TraceLog* log = nullptr;   // borrowed
  // Interrupted runs with these very options, by problem id.
  std::map<std::string, Unfinished> unfinished = {};
  // Copies of these options share it: what all questions of a run have in common is evaluated once.
  std::shared_ptr<PinnedPrompts> pins = std::make_shared<PinnedPrompts>();
};

// Runs to the end of the recipe or of its budget. `budget_out`, when given, is set to the budget
// while the run lasts, so that a signal can cancel it, and to null at the end.
// Borrows everything until it completes.
// Errors: those of the recipe, the model and the log; a spent budget is an outcome.
boost::asio::awaitable<Outcome> run_problem(LanguageModel& model, const Recipe& recipe,
                                            const Problem& problem, RunOptions options,
                                            Budget** budget_out = nullptr);

}  // namespace cairn
