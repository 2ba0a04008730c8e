#include "app/gym_command.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/result_json.h"
#include "base/text.h"
#include "cairn/bayes_chain.h"
#include "cairn/error.h"
#include "cairn/procedure.h"
#include "cairn/rng.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;

struct GymArguments {
  std::vector<std::string> names;
  std::string file = "-", out;
  std::uint64_t seed = 1;
  std::vector<int> difficulties = {3};
  int count = 1;
  double wrong_share = 0.5;
  bool json = false, all = false;
  LocalityStudy study;
};

// Where lines go: a file that is written anew, or standard output.
class Lines {
 public:
  explicit Lines(const std::string& path) {
    if (path.empty()) return;
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (!file_.is_open())
      throw Error(Fault::store, "gym", fmt::format("{} cannot be written", path),
                  "Choose another --out");
    path_ = path;
  }
  void write(const Json& line) {
    const std::string text = one_line(line) + "\n";
    if (path_.empty()) {
      fmt::print("{}", text);
      return;
    }
    file_ << text << std::flush;
    if (!file_)
      throw Error(Fault::store, "gym", fmt::format("{} cannot be written", path_),
                  "Is the disk full?");
  }

 private:
  std::ofstream file_;
  std::string path_;
};

std::vector<std::string> chosen(const GymArguments& arguments) {
  std::vector<std::string> names = arguments.names;
  if (arguments.all)
    for (const Procedure& procedure : procedures()) names.push_back(procedure.name);
  if (names.empty())
    throw Error(Fault::input, "gym", "no procedure is named", "Name one, or write --all");
  for (const std::string& name : names) find_procedure(name);
  return names;
}

int list(const GymArguments& arguments) {
  Json all = Json::array();
  for (const Procedure& procedure : procedures()) {
    all.push_back({{"name", procedure.name},
                   {"family", procedure.family},
                   {"summary", procedure.summary},
                   {"hardest", kHardest}});
    if (!arguments.json)
      fmt::print("{:<24} {:<12} {}\n", procedure.name, procedure.family, procedure.summary);
  }
  if (arguments.json) fmt::print("{}\n", all.dump());
  return kOk;
}

// Each exercise that is asked for: by name, difficulty and seed.
void for_each_exercise(const GymArguments& arguments, const auto& use) {
  for (const std::string& name : chosen(arguments))
    for (const int difficulty : arguments.difficulties)
      for (int i = 0; i < arguments.count; ++i) {
        const std::uint64_t seed = arguments.seed + static_cast<std::uint64_t>(i);
        use(exercise(name, seed, difficulty), difficulty, seed);
      }
}

// For a person to read.
int sample(const GymArguments& arguments) {
  for_each_exercise(arguments, [](const Exercise& made, int, std::uint64_t) {
    fmt::print("{}\n\n{}\n\n", made.problem.id, made.problem.question);
    for (const std::string& step : made.steps) fmt::print("    {}\n", step);
    fmt::print("\n");
  });
  return kOk;
}

// As `cairn eval` and `cairn solve --file` read problems.
int export_problems(const GymArguments& arguments) {
  Lines lines(arguments.out);
  for_each_exercise(arguments, [&](const Exercise& made, int difficulty, std::uint64_t seed) {
    Json line = {{"id", made.problem.id},           {"question", made.problem.question},
                 {"answer", *made.problem.answer},  {"kind", name_of(made.problem.kind)},
                 {"extract", made.problem.extract}, {"steps", made.steps},
                 {"difficulty", difficulty},        {"seed", seed}};
    if (made.task != nullptr) line["task"] = made.task->name();
    lines.write(line);
  });
  return kOk;
}

using Steps = std::vector<std::string>;

Steps lines_of(const nlohmann::json& texts) {
  Steps all;
  for (const auto& text : texts)
    for (std::string& one : steps_in(text.get<std::string>())) all.push_back(std::move(one));
  return all;
}

// The steps of a solution: lists of lines, or a text's lines with something on them. A final state
// that the intermediate ones end with already counts once, as in ProcBench.
Steps steps_of(const nlohmann::json& line) {
  if (line.contains("steps")) return lines_of(line.at("steps"));
  if (line.contains("text")) return steps_in(line.at("text").get<std::string>());
  if (line.contains("traces"))  // a result of `cairn solve --file`: its first line of reasoning
    return lines_of(line.at("traces").at(0).at("steps"));
  Steps steps = lines_of(line.at("intermediate"));
  const std::string final = line.at("final").get<std::string>();
  if (steps.empty() || text_of_state(steps.back()) != text_of_state(final)) steps.push_back(final);
  return steps;
}

Json to_json(const Exercise& made, const Match& found) {
  return {{"id", made.problem.id},      {"steps", made.steps.size()},
          {"right", found.right},       {"first_error", found.first_error},
          {"hits", found.hits},         {"edits", found.edits},
          {"accuracy", found.accuracy}, {"ratio", found.ratio},
          {"valid", found.valid},       {"similarity", found.similarity},
          {"sequence", found.sequence}, {"final", found.final}};
}

// How solutions match their exercises; one line for each, and what they come to together.
int check(const GymArguments& arguments) {
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file);
    if (!file.is_open())
      throw Error(Fault::input, "gym check", fmt::format("{} cannot be read", arguments.file),
                  "Check the path");
  }
  std::istream& in = arguments.file == "-" ? std::cin : file;
  int number = 0, count = 0, broken = 0, sequences = 0, finals = 0;
  double accuracy = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    if (base::trim(text).empty()) continue;
    try {
      const auto line = nlohmann::json::parse(text);
      const Exercise made = exercise_of(line.at("id").get<std::string>());
      const Match found = match(made, steps_of(line));
      fmt::print("{}\n", one_line(to_json(made, found)));
      ++count;
      accuracy += found.accuracy;
      sequences += found.sequence ? 1 : 0;
      finals += found.final ? 1 : 0;
    } catch (const nlohmann::json::exception&) {
      fmt::print(stderr,
                 "gym check: line {} holds no id with steps, text or intermediate and final. It is "
                 "left out.\n",
                 number);
      ++broken;
    } catch (const Error& error) {
      fmt::print(stderr, "line {}: {} It is left out.\n", number, error.what());
      ++broken;
    }
  }
  if (count > 0)
    fmt::print(stderr,
               "{} solutions: prefix accuracy {:.3f}, all steps right {}, last step right {}\n",
               count, accuracy / count, sequences, finals);
  return broken > 0 ? kSomeFailed : kOk;
}

// A right or a wrong chain, as `cairn bench judges` reads it.
Json chain_json(const Exercise& made, const Chain& chain, const std::string& id) {
  return {{"id", id},
          {"question", made.problem.question},
          {"steps", chain.steps},
          {"label", chain.first_error},
          {"error", chain.kind.empty() ? "none" : chain.kind}};
}

int chains(const GymArguments& arguments) {
  Lines lines(arguments.out);
  const std::vector<std::string> kinds = corruption_kinds();
  for_each_exercise(arguments, [&](const Exercise& made, int, std::uint64_t seed) {
    Chain chain{made.steps, -1, ""};
    const std::uint64_t draw = mix(mix(seed, "chains"), made.problem.id);
    if (uniform(draw, 0) < arguments.wrong_share)
      for (std::size_t k = 0; k < kinds.size() && chain.kind.empty(); ++k)
        chain = corrupted(made, kinds[(mix(draw, std::uint64_t{1}) + k) % kinds.size()], draw);
    lines.write(chain_json(made, chain, made.problem.id));
  });
  return kOk;
}

// Does it help to go step by step? One row for each kind of training.
int study_locality(const GymArguments& arguments) {
  if (!arguments.json)
    fmt::print("{:<12} {:>8} {:>10} {:>8} {:>8} {:>8} {:>6} {:>10}\n", "seen", "direct",
               "scaffolded", "negative", "free", "marginal", "named", "separating");
  for (const LocalityRow& row : locality(arguments.study, arguments.seed)) {
    if (arguments.json)
      fmt::print("{}\n", one_line({{"seen", name_of(row.seen)},
                                   {"direct", row.direct},
                                   {"scaffolded", row.scaffolded},
                                   {"negative", row.negative},
                                   {"free", row.free},
                                   {"marginal", row.marginal},
                                   {"named", row.named},
                                   {"separating", row.separating}}));
    else
      fmt::print("{:<12} {:>8.4f} {:>10.4f} {:>8.4f} {:>8.4f} {:>8.4f} {:>6.1f} {:>10.2f}\n",
                 name_of(row.seen), row.direct, row.scaffolded, row.negative, row.free,
                 row.marginal, row.named, row.separating);
  }
  return kOk;
}

void add_drawing(CLI::App& command, GymArguments& a) {
  command.add_option("names", a.names, "procedures, see `cairn gym list`");
  command.add_flag("--all", a.all, "all procedures");
  command.add_option("-s,--seed", a.seed, "of the first exercise; the next have the next seeds");
  command.add_option("--difficulty", a.difficulties, "mostly how many steps: one, or 1,4,10")
      ->delimiter(',')
      ->check(CLI::Range(1, kHardest));
  command.add_option("-n,--count", a.count, "exercises of each procedure")
      ->check(CLI::Range(1, 1000000));
}

void add_out(CLI::App& command, GymArguments& a) {
  command.add_option("--out", a.out, "a file instead of standard output");
}

void add_locality(CLI::App& gym, const std::shared_ptr<GymArguments>& a, int& exit_code) {
  CLI::App* command = gym.add_subcommand(
      "locality", "Does it help to go step by step, by what a learner has seen together?");
  command->add_option("-s,--seed", a->seed, "of the chains and all that is drawn");
  command->add_option("--nets", a->study.nets, "chains")->check(CLI::Range(1, 1000));
  command->add_option("--variables", a->study.variables, "of a chain")->check(CLI::Range(6, 200));
  command->add_option("--strings", a->study.strings, "to learn from")
      ->check(CLI::Range(1, 10000000));
  command->add_option("--pairs", a->study.pairs, "asked for, of each chain")
      ->check(CLI::Range(1, 1000));
  command->add_option("--samples", a->study.samples, "for each estimate")
      ->check(CLI::Range(1, 1000));
  command->add_flag("--json", a->json, "JSON on standard output");
  command->callback([a, &exit_code] { exit_code = study_locality(*a); });
}

}  // namespace

void add_gym_command(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<GymArguments>();
  CLI::App* gym = app.add_subcommand("gym", "Exercises whose every step can be checked");
  gym->require_subcommand(1);
  CLI::App* listed = gym->add_subcommand("list", "The procedures");
  listed->add_flag("--json", a->json, "JSON on standard output");
  listed->callback([a, &exit_code] { exit_code = list(*a); });
  CLI::App* sampled = gym->add_subcommand("sample", "Exercises with their steps, to be read");
  add_drawing(*sampled, *a);
  sampled->callback([a, &exit_code] { exit_code = sample(*a); });
  CLI::App* exported = gym->add_subcommand(
      "export", "Exercises for `cairn eval` and `cairn solve --file`, one JSON object a line");
  add_drawing(*exported, *a);
  add_out(*exported, *a);
  exported->callback([a, &exit_code] { exit_code = export_problems(*a); });
  CLI::App* checked = gym->add_subcommand("check", "How far solutions are right");
  checked->add_option(
      "file", a->file,
      "objects with id and steps, text, traces, or intermediate and final, one a line; -: "
      "standard input");
  checked->callback([a, &exit_code] { exit_code = check(*a); });
  CLI::App* chained =
      gym->add_subcommand("chains", "Right and wrong solutions for `cairn bench judges`");
  add_drawing(*chained, *a);
  add_out(*chained, *a);
  chained->add_option("--wrong-share", a->wrong_share, "how many of them are wrong")
      ->check(CLI::Range(0.0, 1.0));
  chained->callback([a, &exit_code] { exit_code = chains(*a); });
  add_locality(*gym, a, exit_code);
}

}  // namespace cairn::app
