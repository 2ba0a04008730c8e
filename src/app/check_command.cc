#include "app/check_command.h"

#include <fmt/core.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli.h"
#include "app/result_json.h"
#include "cairn/answer.h"
#include "cairn/error.h"

namespace cairn::app {
namespace {

struct Arguments {
  std::string answer, gold, type = "auto", file;
  bool json = false;
};

nlohmann::ordered_json to_json(const Comparison& comparison) {
  return {{"verdict", name_of(comparison.verdict)}, {"rule", comparison.rule}};
}

// One object a line in, one a line out. A broken line is reported and left out.
int check_file(const Arguments& arguments, AnswerKind kind) {
  std::ifstream file(arguments.file);
  if (!file)
    throw Error(Fault::input, "check", fmt::format("{} cannot be read", arguments.file),
                "Check the path");
  int broken = 0;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    const auto pair = nlohmann::json::parse(line, nullptr, false);
    const auto text = [&](const char* key) {
      return pair.is_object() && pair.contains(key) && pair[key].is_string();
    };
    if (!text("answer") || !text("gold")) {
      fmt::print(stderr,
                 "check: line {} of {} has no texts \"answer\" and \"gold\". It is left out.\n",
                 number, arguments.file);
      ++broken;
      continue;
    }
    const AnswerKind own = text("type") ? answer_kind(pair["type"].get<std::string>()) : kind;
    fmt::print("{}\n", one_line(to_json(compare_answers(pair["answer"].get<std::string>(),
                                                        pair["gold"].get<std::string>(), own))));
  }
  return broken > 0 ? kSomeFailed : kOk;
}

int check(const Arguments& arguments) {
  const AnswerKind kind = answer_kind(arguments.type);
  if (!arguments.file.empty()) return check_file(arguments, kind);
  const Comparison comparison = compare_answers(arguments.answer, arguments.gold, kind);
  if (arguments.json)
    fmt::print("{}\n", one_line(to_json(comparison)));
  else
    fmt::print("{} ({})\n", name_of(comparison.verdict), comparison.rule);
  return kOk;
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("check", "Do two answers mean the same?");
  auto* answer = command->add_option("answer", arguments->answer, "the answer to check");
  auto* gold = command->add_option("gold", arguments->gold, "the right answer");
  command->add_option("--type", arguments->type, "auto, number, choice, text, math, sql")
      ->envname("CAIRN_TYPE");
  auto* file =
      command->add_option("--file", arguments->file, "pairs {\"answer\", \"gold\"}, one a line");
  command->add_flag("--json", arguments->json, "JSON on standard output");
  command->callback([=, &exit_code] {
    if (file->count() == 0 && (answer->count() == 0 || gold->count() == 0))
      throw Error(Fault::input, "check", "an answer and a gold answer are needed",
                  "Write `cairn check ANSWER GOLD`");
    exit_code = check(*arguments);
  });
}

}  // namespace cairn::app
