#include "app/judges_command.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli.h"
#include "app/option_text.h"
#include "cairn/judges.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(Reads reads) {
  switch (reads) {
    case Reads::text:
      return "text";
    case Reads::model:
      return "text, through a model";
    case Reads::sampling:
      return "what was noted while the trace was drawn";
    case Reads::task:
      return "a task's rules";
    case Reads::policy:
      break;
  }
  return "what the policy writes on";
}

Json to_json(const JudgeInfo& judge) {
  Json options = Json::array();
  for (const Option& option : judge.options) options.push_back(option_json(option));
  return {{"name", judge.name},
          {"summary", judge.summary},
          {"paper", judge.paper},
          {"reads", name_of(judge.reads)},
          {"options", options}};
}

void print_judge(const JudgeInfo& judge) {
  fmt::print("{}\n  {}\n", judge.name, judge.summary);
  if (!judge.paper.empty()) fmt::print("  {}\n", judge.paper);
  fmt::print("  reads: {}\n", name_of(judge.reads));
  for (const Option& option : judge.options)
    fmt::print("  --judge {}:{}\n", judge.name, option_text(option));
}

void list_judges(bool json) {
  Json all = Json::array();
  for (const JudgeInfo& judge : judge_list()) {
    all.push_back(to_json(judge));
    if (!json) fmt::print("{:<16} {}\n", judge.name, judge.summary);
  }
  if (json) fmt::print("{}\n", all.dump());
}

struct JudgesArguments {
  std::string name;
  bool json = false;
};

}  // namespace

void add_judges_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<JudgesArguments>();
  CLI::App* command =
      app.add_subcommand("judges", "List the judges, or describe one with its options");
  command->add_option("name", arguments->name, "a judge");
  command->add_flag("--json", arguments->json, "JSON on standard output");
  command->callback([arguments, &exit_code] {
    if (arguments->name.empty()) {
      list_judges(arguments->json);
    } else {
      const JudgeInfo& judge = judge_named(arguments->name);
      arguments->json ? fmt::print("{}\n", to_json(judge).dump()) : print_judge(judge);
    }
    exit_code = kOk;
  });
}

}  // namespace cairn::app
