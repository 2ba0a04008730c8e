#pragma once
// testkit/sample_run.h — one small run, logged as a recipe would: two samples that share nothing.
//
//   1: "48/2=24"  ── 2: "The answer is 72."  (done, answer 72)
//   3: bytes that are not UTF-8              (cut)

#include <limits>
#include <string>

#include "cairn/trace_log.h"

namespace cairn::testkit {

inline const std::string kBadBytes = std::string("caf\xC3") + '\0' + "\xFF\"\n\x1b[31m";

inline Problem sample_problem(const std::string& id) {
  return {.id = id,
          .question = "How many clips, \"caf\xC3\xA9\"?",
          .answer = "72",
          .kind = AnswerKind::number,
          .choices = {{"A", "72"}, {"B", "7\xFF"}}};
}

inline Step sample_step(const std::string& text) {
  Step step;
  step.text = text;
  step.tokens = {0, 151'935, 7};
  step.logprobs = {-0.1f, -std::numeric_limits<float>::infinity(), -3.25e-8f};
  step.certainties = {0.5f, 1.25f, 0.0f};
  step.entropies = {0.75f, 0.0f, 2.5f};
  step.seed = 18'446'744'073'709'551'615u;
  step.model = "scripted";
  step.usage = {.generated_tokens = 3, .evaluated_tokens = 5, .model_calls = 1, .seconds = 0.125};
  return step;
}

// Logs the run; returns its outcome.
inline Outcome log_sample_run(TraceLog& log, const std::string& id) {
  const Problem problem = sample_problem(id);
  log.begin(problem, "self_consistency", 42);
  const auto extend = [&](const Trace& from, Step step, End end, std::uint64_t name) {
    Trace trace = from.extended(std::move(step), end, name);
    log.step(problem, {.id = name,
                       .parent = from.id(),
                       .depth = static_cast<int>(trace.depth()),
                       .end = end,
                       .step = &trace.last()});
    return trace;
  };
  const Trace first = extend(Trace(), sample_step("48/2=24\n"), End::open, 1);
  Step last = sample_step("The answer is 72.");
  last.answer = "72";
  last.stop = Stop::end_of_text;
  last.tool = {"calculator", "48+24", "error", kBadBytes, "no\n", 3, 0.25};
  const Trace done = extend(first, last, End::done, 2);
  Step odd = sample_step(kBadBytes);
  odd.stop = Stop::budget;
  const Trace cut = extend(Trace(1), odd, End::cut, 3);
  log.reward(problem, 2, "logprob", 0.75f,
             {.generated_tokens = 4, .evaluated_tokens = 50, .model_calls = 2});
  log.node(problem, 1, {.visit_count = 2, .value = 0.5f, .prior = 0.25f});
  Outcome outcome{.answer = "72", .confidence = 0.5, .traces = {{done, 0.75f}, {cut, 0.0f}}};
  outcome.stopped = Stopped::budget;
  outcome.usage = {.generated_tokens = 9,
                   .evaluated_tokens = 15,
                   .unique_tokens = 14,
                   .prompt_tokens = 4,
                   .judge_tokens = 3,
                   .judge_generated = 2,
                   .draft_tokens = 6,
                   .draft_generated = 1,
                   .model_calls = 3,
                   .tool_calls = 2,
                   .tool_errors = 1,
                   .tool_seconds = 0.5,
                   .seconds = 1.5};
  log.end(problem, outcome);
  return outcome;
}

}  // namespace cairn::testkit
