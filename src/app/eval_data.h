#pragma once
// app/eval_data.h — DATA of `cairn eval`: a file of problems, or a procedure of the gym.

#include <string>
#include <vector>

#include "app/problem_file.h"
#include "cairn/task.h"

namespace cairn::app {

// Questions that have something to check their answers by: a gold answer, unit tests, or a task's
// rules when `has_task`; the others are complained of. The first `limit` of them, 0 for all.
//   gsm8k/train.jsonl                 a file, see read_problems
//   gcd:difficulty=4,count=40         exercises of a procedure, cairn/procedure.h; of an open one
//                                     its task's rules decide
// Errors: Fault::input when the file cannot be read or the procedure has no such option.
ProblemFile read_eval_data(const std::string& data, bool has_task, int limit);

struct WrongGold {
  std::string id, why;
};

// The problems whose gold answer is not right by their own rules; no model is asked.
// Errors: Fault::tool where it would have to be run and cannot be.
std::vector<WrongGold> wrong_golds(const std::vector<Problem>& problems, const Task* task);

}  // namespace cairn::app
