#pragma once
// app/marks.h — which answers and steps of an outcome are right: by the task's rules, by the gold
// answer, by the exercise that it is.

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "cairn/outcome.h"
#include "cairn/problem.h"
#include "cairn/runner.h"
#include "cairn/task.h"
#include "eval/attempt.h"

namespace cairn::app {

struct Marks {
  std::optional<bool> answer;  // nothing where there is nothing to tell it by
  std::vector<bool> traces;    // one each of the outcome's; false without an answer
  // Of the trace that the answer was taken from, else of the first; nothing where neither a
  // procedure nor a task says what is right.
  std::optional<eval::StepMarks> steps;
};

Marks mark(const Outcome& outcome, const Problem& problem, const Task* task);

struct Marked {
  Outcome outcome;
  Marks marks;
};
// run_problem, and its outcome marked. Errors: those of run_problem.
boost::asio::awaitable<Marked> run_and_mark(LanguageModel& model, const Recipe& recipe,
                                            const Problem& problem, RunOptions options,
                                            Budget** budget_out);

}  // namespace cairn::app
