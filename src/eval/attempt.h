#pragma once
// eval/attempt.h — one question answered once: by a recipe with its settings, within a budget, with
// a seed. A run over a data set is a file of attempts, one JSON object a line.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cairn/usage.h"

namespace cairn::eval {

// What is compared: a recipe with its settings, and a budget.
struct Arm {
  std::string recipe;                    // "beam:expand=4,width=4"
  std::optional<std::int64_t> budget{};  // generated tokens a question; empty: no limit
  auto operator<=>(const Arm&) const = default;
};
std::string name_of(const Arm& arm);  // "cot", "cot @ 512"

struct Line {
  std::optional<std::string> answer;
  bool right = false;
  float reward = 0;
  std::vector<std::string> steps;
};

// How far an attempt's steps go with the true ones: where the question has them (exercises of
// procedures), or where a task's rules say which steps are legal. Shares are in [0, 1].
struct StepMarks {
  int written = 0;        // steps
  int first_error = -1;   // index of the first step that is wrong, missing or too much; -1: none
  double valid = 0;       // leading right steps / steps written; 0 where nothing was written
  bool sequence = false;  // all steps are right and none is missing or too much
  bool final = false;     // the last one is
  // Where there is one true sequence, cairn/match.h: prefix accuracy, hits at their place,
  // similarity of the characters, and fewest steps to add, leave out or replace.
  std::optional<double> accuracy{}, ratio{}, similarity{};
  std::optional<int> edits{};
};

struct Attempt {
  Arm arm;
  std::string problem;  // its id
  std::uint64_t seed = 0;
  std::string question, gold;
  std::optional<std::string> answer{};
  bool right = false;  // by the gold answer or the task's rules
  double confidence = 0;
  std::string stopped;
  std::string failure;  // why there is no outcome; counts as wrong
  Usage usage;
  std::vector<Line> lines;           // of reasoning, all that finished
  std::optional<StepMarks> steps{};  // of the line that the answer was taken from
  bool independent = false;          // the lines are samples that nothing has chosen or cut short
};

struct AttemptFile {
  std::vector<Attempt> attempts;        // the last one of each arm, problem and seed
  std::vector<std::string> complaints;  // a line each, with its number, for what cannot be read
};

// Errors: Fault::input when the file cannot be read.
AttemptFile read_attempts(const std::string& path);

// By budget, then by the recipe's place in `recipes`; within an arm as they came.
void sort_attempts(std::vector<Attempt>& attempts, const std::vector<std::string>& recipes);

}  // namespace cairn::eval
