#pragma once
// cairn/procedure.h — exercises whose every step is determined: a state, and rules that say what it
// becomes. So each step of a solution can be checked exactly, and wrong ones can be made on
// purpose.
//
//   sort_bubble, difficulty 1:  "3 1 2"  ->  1 3 2  ->  1 2 3
//
// The same name, seed and difficulty give the same exercise on every machine.
// Fujisawa et al. 2024 (ProcBench), arXiv:2410.03117, for tasks of this shape.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/match.h"
#include "cairn/problem.h"

namespace cairn {

struct Exercise {
  Problem problem;                 // its id names procedure, difficulty and seed
  std::vector<std::string> steps;  // one line each: the states after the first, the last one final
};

struct Procedure {
  std::string name, summary;
  // difficulty in [1, 10]: mostly the number of steps.
  Exercise (*generate)(std::uint64_t seed, int difficulty) = nullptr;
  std::string family = {};  // what it has in common with others: lists, texts, procbench, …
};

inline constexpr int kHardest = 10;

// Every procedure, sorted by name.
const std::vector<Procedure>& procedures();
// Errors: Fault::input with the nearest name.
const Procedure& find_procedure(std::string_view name);

// Errors: Fault::input for an unknown procedure, or a difficulty outside [1, kHardest].
Exercise exercise(std::string_view name, std::uint64_t seed, int difficulty);
// The exercise that a problem's id names, "sort_bubble/3/17" (difficulty, seed).
// Errors: Fault::input for an id that names none.
Exercise exercise_of(std::string_view id);

// How far a solution of the exercise is right.
Match match(const Exercise& exercise, const std::vector<std::string>& steps);

// ---- wrong solutions

// What was done to a step, each a mistake that solvers make.
//   off_by_one, digit, sign, operand   a number of the step is another one
//   skipped, repeated, swapped, stale  a step is left out, said twice, before its turn, or as the
//                                      state was before
//   early, invented                    the final state too soon; a step of another exercise
std::vector<std::string> corruption_kinds();

struct Chain {
  std::vector<std::string> steps;
  int first_error = -1;  // -1: it is right
  std::string kind;      // of the corruption; empty: none
};

// A solution with one mistake of this kind; nothing becomes wrong before first_error. Right where
// the exercise has no place for the mistake. Errors: Fault::input with the nearest kind.
Chain corrupted(const Exercise& exercise, std::string_view kind, std::uint64_t seed);

}  // namespace cairn
