#pragma once
// cairn/judges.h — the judges by name, with their options: "critic:votes=3,form=step".
//
// A judge that is made of others names them in its options, theirs in round brackets:
//     "veto:judges=program_check+self_eval(of=step)"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/judge.h"
#include "cairn/language_model.h"
#include "cairn/options.h"
#include "cairn/policy.h"
#include "cairn/task.h"

namespace cairn {

// What a judge reads.
//   text      the steps' texts alone
//   model     the texts, through a language model
//   sampling  what was noted while the trace was drawn
//   task      the rules of a task
//   policy    it lets the policy write on from the trace
enum class Reads { text, model, sampling, task, policy };

struct JudgeInfo {
  std::string name, summary, paper;
  Reads reads = Reads::text;
  std::vector<Option> options = {};
};

// Every judge, sorted by name.
const std::vector<JudgeInfo>& judge_list();
// Errors: Fault::input with the nearest name.
const JudgeInfo& judge_named(std::string_view name);

// What a judge may use; null where there is none. Borrowed.
struct JudgeMeans {
  LanguageModel* model = nullptr;
  const Task* task = nullptr;
  Policy* policy = nullptr;
  std::uint64_t seed = 0;  // of what a judge draws
};

// A judge as a user writes it: NAME or NAME:option=value,option=value.
// Errors: Fault::input with the nearest name; an option that it has not; a preset that cannot be
// read; something in `means` that it needs and that is missing. Fault::model when the model's
// vocabulary does not have its labels.
std::unique_ptr<Judge> make_judge(std::string_view written, const JudgeMeans& means);

// Checks the name and the options, as far as that goes without a model. What it reads; of a judge
// made of others the most that one of them reads.
// Errors: Fault::input as make_judge.
Reads check_judge(std::string_view written);

}  // namespace cairn
