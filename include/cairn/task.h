#pragma once
// cairn/task.h — a kind of problem whose steps can be checked exactly, by rules.
//
//   game24        four numbers, each used once, become 24:          4 + 8 = 12 (left: 3 6 12)
//   countdown     the same with another target and whole numbers only
//   blocksworld   a plan moves blocks from one stacking to another: (unstack d a)
//   igsm          quantities are found one from another: Define Art Room's Bag as b; so b = 2 + a …
//
// A task reads the lines of a trace as moves. With a task, a trace ends when its goal is reached or
// a rule is broken, and the judge `exact` gives the task's value.
// Threads: immutable; may be shared.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/problem.h"

namespace cairn {

// Where the moves of a text have led.
struct TaskState {
  bool over = false;                       // nothing may follow
  std::optional<std::string> answer = {};  // where the goal is reached
  std::string broken = {};                 // which rule a move broke; then over is set
  int moves = 0;                           // legal ones
  // 1: the goal is reached. 0: broken, or the goal cannot be reached from here. Between: it can;
  // game24 and countdown 0.5, the others 1 / (1 + moves still needed).
  float value = 0;
};

class Task {
 public:
  virtual ~Task() = default;
  virtual std::string name() const = 0;
  virtual std::string prompt() const = 0;  // in prompts/

  // Lines that are no move are passed over. A last line without its end is read as well.
  // Errors: Fault::input when the question is none of the task's.
  virtual TaskState read(const Problem& problem, std::string_view text) const = 0;

  // The legal moves where the text has led, a line each without its end; none when it is over.
  // Errors: as read.
  virtual std::vector<std::string> moves(const Problem& problem, std::string_view text) const = 0;

  // Is every step of a policy to be one of them? Its model chooses then: it writes as much of a
  // move as it takes to know which, and the rest is given (cairn/choice.h).
  virtual bool only_legal() const { return false; }

  // Does an answer solve the problem? Any right answer does, whatever the gold one is.
  // Errors: as read.
  virtual bool solves(const Problem& problem, std::string_view answer) const = 0;

  // The moves, one a line and as few as can be, that lead on from where the text has led to the
  // goal. Nothing when it is broken or the goal cannot be reached.  Errors: as read.
  virtual std::optional<std::vector<std::string>> solution(const Problem& problem,
                                                           std::string_view text) const = 0;

  // A problem whose goal can be reached, the same on every machine; without id and answer. igsm
  // reads from its id, which is the exercise's, what its question was made from.
  // difficulty in [1, 10].
  virtual Problem draw(std::uint64_t seed, int difficulty) const = 0;
};

// "NAME", or "NAME:moves=legal" for the same task with only_legal().
// Errors: Fault::input with the nearest name.
const Task& find_task(std::string_view name);
std::vector<std::string> task_names();

}  // namespace cairn
