#include "cairn/judges.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "cairn/error.h"
#include "cairn/written.h"
#include "judge/registry.h"

namespace cairn {
namespace {

using judge::Entry;

std::vector<Entry> all_entries() {
  std::vector<Entry> entries = {judge::critic_judge(),          judge::exact_judge(),
                                judge::natural_program_judge(), judge::none_judge(),
                                judge::program_check_judge(),   judge::rollout_value_judge(),
                                judge::xverify_judge()};
  for (auto more : {judge::token_mean_judges(), judge::label_judges(), judge::combined_judges()})
    entries.insert(entries.end(), more.begin(), more.end());
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.info.name < b.info.name; });
  return entries;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = all_entries();
  return all;
}

const Entry& entry_named(std::string_view name) {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) {
    if (entry.info.name == name) return entry;
    names.push_back(entry.info.name);
  }
  throw Error(Fault::input, "judge", fmt::format("there is no judge \"{}\"", name),
              base::did_you_mean(name, names));
}

}  // namespace

LanguageModel& judge::model_for(const std::string& judge, const JudgeMeans& means) {
  if (means.model) return *means.model;
  throw Error(Fault::input, judge, "it asks a language model, and there is none",
              "Use a judge that reads text alone, such as program_check");
}

const std::vector<JudgeInfo>& judge_list() {
  static const std::vector<JudgeInfo> list = [] {
    std::vector<JudgeInfo> infos;
    for (const Entry& entry : entries()) infos.push_back(entry.info);
    return infos;
  }();
  return list;
}

const JudgeInfo& judge_named(std::string_view name) {
  return entry_named(name).info;
}

std::unique_ptr<Judge> make_judge(std::string_view written, const JudgeMeans& means) {
  const Written parts = read_written("judge", written);
  return entry_named(parts.name).make(parts.settings, means);
}

Reads check_judge(std::string_view written) {
  const Written parts = read_written("judge", written);
  return entry_named(parts.name).check(parts.settings);
}

}  // namespace cairn
