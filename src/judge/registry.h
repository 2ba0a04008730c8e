#pragma once
// judge/registry.h — what a judge's file gives to the list of judges.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cairn/judges.h"

namespace cairn::judge {

struct Entry {
  JudgeInfo info;
  // Errors: as make_judge.
  std::function<Reads(const Settings&)> check;
  std::function<std::unique_ptr<Judge>(const Settings&, const JudgeMeans&)> make;
};

// A judge without options, or with an options struct (cairn/options.h).
struct NoOptions {};
inline void describe(OptionSet&, NoOptions&) {}

template <class Options>
Entry entry(JudgeInfo info, std::unique_ptr<Judge> (*make)(const Options&, const JudgeMeans&)) {
  info.options = options_of<Options>();
  const std::string name = info.name;
  const auto check = [name, reads = info.reads](const Settings& settings) {
    assigned<Options>(name, settings);
    return reads;
  };
  const auto bound = [name, make](const Settings& settings, const JudgeMeans& means) {
    return make(assigned<Options>(name, settings), means);
  };
  return {std::move(info), check, bound};
}

// One line of what there is, each in its own file.
std::vector<Entry> token_mean_judges();  // entropy, logprob, self_certainty
std::vector<Entry> label_judges();       // prm, self_eval
std::vector<Entry> combined_judges();    // cascade, veto, weighted
Entry critic_judge();
Entry exact_judge();
Entry natural_program_judge();
Entry none_judge();
Entry program_check_judge();
Entry rollout_value_judge();
Entry xverify_judge();

// The model of `means`. Errors: Fault::input when there is none.
LanguageModel& model_for(const std::string& judge, const JudgeMeans& means);

}  // namespace cairn::judge
