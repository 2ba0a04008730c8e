#pragma once
// cairn/judges.h — the judges by name.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/judge.h"
#include "cairn/language_model.h"
#include "cairn/task.h"

namespace cairn {

struct JudgeInfo {
  std::string name, summary, paper;
};

// Every judge, sorted by name:
//   exact           the value that a task's rules give to the steps so far; needs a task
//   logprob         the mean probability of the trace's tokens, exp(mean log-probability)
//   program_check   0 for a step that states a false equation between numbers, 1 where all that it
//                   states are true, 0.5 where it states none; the outcome is 0 where a step is 0,
//                   else the best step's. Calls no model
//   self_certainty  how far the model's distribution was from uniform, on average over the tokens
//   self_eval       the probability that the model itself gives to "correct"
const std::vector<JudgeInfo>& judge_list();

// Errors: Fault::input with the nearest name.
void check_judge_name(std::string_view name);

// A judge by its name. `model` and `task` are borrowed. "none" gives every trace 0.
// Errors: Fault::input with the nearest name, or for "exact" without a task.
std::unique_ptr<Judge> make_judge(std::string_view name, LanguageModel& model,
                                  const Task* task = nullptr);

// A judge that asks no model and no task; null where the one of that name does.
// Errors: Fault::input with the nearest name.
std::unique_ptr<Judge> make_plain_judge(std::string_view name);

}  // namespace cairn
