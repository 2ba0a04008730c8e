#pragma once
// gym/families.h — the procedures, a file for each family, and what they are written with.

#include <fmt/ranges.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/procedure.h"
#include "gym/draw.h"

namespace cairn::gym {

using Lines = std::vector<std::string>;

std::string shown(const std::vector<int>& numbers);  // "3 1 2"

std::string joined(const auto& parts, std::string_view between = " ") {
  return fmt::format("{}", fmt::join(parts, between));
}

inline std::size_t place(int number) {
  return static_cast<std::size_t>(number);
}

// What an exercise's id says: "gcd/4/17".
struct ExerciseName {
  std::string procedure;
  int difficulty = 0;
  std::uint64_t seed = 0;

  std::string id() const;
  std::uint64_t drawn_from() const;  // the seed that its procedure gets
};
ExerciseName exercise_name(std::string_view id);  // Errors: as exercise_of

// An exercise: what to do and how a state is written, from what, and the states. The last of them
// is the answer. Requires: steps is not empty.
Exercise made(std::string rules, std::string given, Lines steps,
              AnswerKind kind = AnswerKind::text);

std::vector<Procedure> arithmetic();
std::vector<Procedure> bayes();
std::vector<Procedure> lists();
std::vector<Procedure> logicgame();
std::vector<Procedure> numbers();
std::vector<Procedure> machines();
std::vector<Procedure> open();  // see cairn/task.h
std::vector<Procedure> procbench();
std::vector<Procedure> puzzles();
std::vector<Procedure> texts();
std::vector<Procedure> worlds();

}  // namespace cairn::gym
