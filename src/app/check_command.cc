#include "app/check_command.h"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/model_options.h"
#include "app/result_json.h"
#include "cairn/answer.h"
#include "cairn/error.h"
#include "cairn/judges.h"

namespace cairn::app {
namespace {

struct CheckArguments {
  std::string answer, gold, question, type = "auto", file;
  bool xverify = false, json = false;
  ModelFlags model;
};

struct Pair {
  std::string answer, gold, question;
  AnswerKind kind = AnswerKind::automatic;
};

struct Checked {
  Comparison comparison;
  std::optional<float> probability;  // that they are equal, where the model was asked
  std::int64_t judge_tokens = 0;
};

// By the rules, and by a judge where they leave it open and there is one.
class Checker {
 public:
  explicit Checker(const CheckArguments& arguments) {
    if (!arguments.xverify) return;
    model_ = open_model(arguments.model);
    judge_ = make_judge("xverify", {.model = model_.get()});
  }

  Checked check(const Pair& pair) const {
    Checked checked{compare_answers(pair.answer, pair.gold, pair.kind), {}, 0};
    if (!judge_ || !leaves_open(checked.comparison)) return checked;
    const Problem problem{
        .id = "check", .question = pair.question, .answer = pair.gold, .kind = pair.kind};
    Step step;
    step.text = step.answer.emplace(pair.answer);
    const std::vector<Trace> traces = {Trace().extended(std::move(step), End::done)};
    Budget budget;
    asio::io_context io;
    std::exception_ptr failed;
    asio::co_spawn(io, judge_->score(problem, traces, budget),
                   [&](std::exception_ptr error, std::vector<Verdict> verdicts) {
                     failed = error;
                     if (!error) checked.probability = verdicts.front().outcome;
                   });
    io.run();
    if (failed) std::rethrow_exception(failed);
    const bool equal = *checked.probability >= 0.5f;
    checked.comparison = {equal ? Equality::equal : Equality::different, "xverify"};
    checked.judge_tokens = budget.spent().evaluated_tokens;
    return checked;
  }

 private:
  std::unique_ptr<LanguageModel> model_;
  std::unique_ptr<Judge> judge_;
};

nlohmann::ordered_json to_json(const Checked& checked) {
  nlohmann::ordered_json json = {{"verdict", name_of(checked.comparison.verdict)},
                                 {"rule", checked.comparison.rule}};
  if (!checked.probability) return json;
  json["probability"] = *checked.probability;
  json["judge_tokens"] = checked.judge_tokens;
  return json;
}

// Nothing when the line is no object with the texts "answer" and "gold".
std::optional<Pair> pair_of(const std::string& line, AnswerKind kind) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  const auto text = [&](const char* key) -> std::optional<std::string> {
    if (!json.is_object() || !json.contains(key) || !json[key].is_string()) return {};
    return json[key].get<std::string>();
  };
  const auto answer = text("answer"), gold = text("gold"), type = text("type");
  if (!answer || !gold) return {};
  return Pair{*answer, *gold, text("question").value_or(""), type ? answer_kind(*type) : kind};
}

// One object a line in, one a line out. A broken line is reported and left out.
int check_file(const CheckArguments& arguments, const Checker& checker, AnswerKind kind) {
  std::ifstream file(arguments.file);
  if (!file)
    throw Error(Fault::input, "check", fmt::format("{} cannot be read", arguments.file),
                "Check the path");
  int broken = 0;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    if (const auto pair = pair_of(line, kind)) {
      fmt::print("{}\n", one_line(to_json(checker.check(*pair))));
      continue;
    }
    fmt::print(stderr,
               "check: line {} of {} has no texts \"answer\" and \"gold\". It is left out.\n",
               number, arguments.file);
    ++broken;
  }
  return broken > 0 ? kSomeFailed : kOk;
}

int check(const CheckArguments& arguments) {
  const AnswerKind kind = answer_kind(arguments.type);
  const Checker checker(arguments);
  if (!arguments.file.empty()) return check_file(arguments, checker, kind);
  const Checked checked =
      checker.check({arguments.answer, arguments.gold, arguments.question, kind});
  const std::string sure =
      checked.probability ? fmt::format(" {:.2f}", *checked.probability) : std::string();
  if (arguments.json)
    fmt::print("{}\n", one_line(to_json(checked)));
  else
    fmt::print("{} ({}{})\n", name_of(checked.comparison.verdict), checked.comparison.rule, sure);
  return kOk;
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = app.add_subcommand("check", "Do two answers mean the same?");
  auto* answer = command->add_option("answer", arguments->answer, "the answer to check");
  auto* gold = command->add_option("gold", arguments->gold, "the right answer");
  command
      ->add_option("--type", arguments->type,
                   "auto, number, choice, text, math, list, set, sql, code")
      ->envname("CAIRN_TYPE");
  auto* xverify = command->add_flag("--xverify", arguments->xverify,
                                    "ask the model where the rules leave it open (docs/judges.md)");
  command->add_option("--question", arguments->question, "what was asked, for the model to read")
      ->needs(xverify);
  auto* file =
      command->add_option("--file", arguments->file, "pairs {\"answer\", \"gold\"}, one a line");
  add_model_flags(*command, arguments->model);
  command->add_flag("--json", arguments->json, "JSON on standard output");
  command->callback([=, &exit_code] {
    if (file->count() == 0 && (answer->count() == 0 || gold->count() == 0))
      throw Error(Fault::input, "check", "an answer and a gold answer are needed",
                  "Write `cairn check ANSWER GOLD`");
    exit_code = check(*arguments);
  });
}

}  // namespace cairn::app
