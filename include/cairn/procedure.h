#pragma once
// cairn/procedure.h — exercises whose every step is determined: a state, and rules that say what it
// becomes. So each step of a solution can be checked exactly, and wrong ones can be made on
// purpose. Exercises of a task (cairn/task.h) have more than one way; its rules judge the steps.
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
#include "cairn/task.h"

namespace cairn {

struct Exercise {
  Problem problem;                 // its id names procedure, difficulty and seed
  std::vector<std::string> steps;  // one line each: the states after the first, the last one final
  const Task* task = nullptr;  // whose rules judge the steps; none: they are the only right ones
};

struct Procedure {
  std::string name, summary;
  // difficulty in [1, 10]: mostly the number of steps. Either this or a task makes the exercises.
  Exercise (*generate)(std::uint64_t seed, int difficulty) = nullptr;
  const Task* task = nullptr;
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

// The true solution that goes on from what is right of the steps: the exercise's, or with a task
// the steps up to the first that breaks a rule or puts the goal out of reach, and a shortest way
// on.
std::vector<std::string> truth_for(const Exercise& exercise, const std::vector<std::string>& steps);

// How far a solution of the exercise is right, beside its truth_for.
Match match(const Exercise& exercise, const std::vector<std::string>& steps);

// ---- wrong solutions

// What was done to a step, each a mistake that solvers make.
//   off_by_one, digit                  a number of the step is another one; a letter, without one
//   sign, operand                      the number is below 0, or one of another step
//   lost, doubled, transposed          a character is left out, twice there, or after the next one
//   skipped, repeated, swapped, stale  a step is left out, said twice, before its turn, or as the
//                                      state was before
//   early                              the final state too soon
//   invented, inserted, continued      a step of another exercise, in place of the step, before it,
//                                      or after the last
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
