#pragma once
// app/solved.h — a problem run and checked: by the task's rules, by the gold answer, a query that
// has a database by running it (cairn/sql.h), a program that has unit tests by running those
// (cairn/code.h).

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "cairn/runner.h"
#include "eval/attempt.h"

namespace cairn::app {

struct Marks {
  std::optional<bool> outcome;  // is its answer right? Nothing where there is nothing to check by
  std::vector<bool> traces;     // [outcome.traces], likewise
  // Of the trace that the answer was taken from, else of the first; nothing where neither a
  // procedure nor a task says which steps are right.
  std::optional<eval::StepMarks> steps = {};
};

// Does a problem bring what its answers can be checked by: a gold answer, or unit tests?
bool checkable(const Problem& problem);

// Each answer checked once, however often it was given.
// Errors: as sql::right and code::checked where there is something to run.
boost::asio::awaitable<Marks> marked(const Outcome& outcome, const Problem& problem,
                                     const Task* task, Toolbox& tools);

struct Solved {
  Outcome outcome;
  Marks marks;
};

// run_problem, and its outcome marked. An outcome that was cancelled has no marks.
// Requires: options.tools. Errors: as run_problem and marked.
boost::asio::awaitable<Solved> solved(LanguageModel& model, const Recipe& recipe,
                                      const Problem& problem, RunOptions options,
                                      Budget** budget_out);

}  // namespace cairn::app
