#include "app/bench_judges_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/cli.h"
#include "app/eval_folder.h"
#include "app/judge_bench.h"
#include "base/file.h"
#include "cairn/error.h"
#include "cairn/written.h"

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

struct BenchJudgesArguments {
  std::string data, out;
  std::vector<std::string> judges;
  std::optional<std::size_t> sample;
  double threshold = 0.5;
  std::uint64_t seed = 1;
  bool resume = false, json = false;
  ModelFlags model;
};

eval::LabelledFile read_chains(const std::string& path) {
  const std::string text = base::file_content(path).value_or("");
  if (text.empty())
    throw Error(Fault::input, "bench judges", fmt::format("{} cannot be read, or is empty", path),
                "Name a file of labelled chains");
  eval::LabelledFile labelled = eval::read_labelled(path, text);
  if (labelled.chains.empty())
    throw Error(Fault::input, "bench judges", fmt::format("{} holds no labelled chain", path),
                "Give JSON lines with question, steps and label, first_error or chain_correct");
  if (labelled.without_label > 0)
    fmt::print(stderr, "bench judges: {} lines without a labelled chain are left out.\n",
               labelled.without_label);
  return labelled;
}

std::vector<std::string> split_judges(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (const std::string& list : lists)
    for (std::string& name : split_written("--judge", list)) names.push_back(std::move(name));
  return names;
}

// Makes the folder, unless scores lie in it and nobody asked to go on with them.
void open_folder(const BenchJudgesArguments& arguments) {
  if (arguments.resume && arguments.out.empty())
    throw Error(Fault::input, "--resume", "there is no --out DIR to go on with",
                "Give --out DIR --resume");
  if (arguments.out.empty()) return;
  std::error_code error;
  fs::create_directories(arguments.out, error);
  if (error)
    throw Error(Fault::store, "--out",
                fmt::format("{} cannot be made: {}", arguments.out, error.message()),
                "Choose another folder");
  if (fs::exists(fs::path(arguments.out) / "scores.jsonl") && !arguments.resume)
    throw Error(Fault::input, "--out", fmt::format("{} holds a run", arguments.out),
                "Add --resume to go on with it, or choose another folder");
}

void write_report(const std::string& folder, const eval::JudgeTable& table) {
  if (folder.empty()) return;
  write_file(fs::path(folder) / "report.json", eval::to_json(table));
  write_file(fs::path(folder) / "report.md", eval::to_markdown(table));
  write_file(fs::path(folder) / "report.html", eval::to_html(table));
}

eval::Facts facts_of(const BenchJudgesArguments& arguments, std::size_t used, std::size_t all,
                     const ModelInfo* model) {
  return {{"data", arguments.data},
          {"chains", used == all ? fmt::format("all {}", all)
                                 : fmt::format("{} of {}, drawn at random with seed {}", used, all,
                                               arguments.seed)},
          {"model", model ? model->name + ", " + model->description : "none"},
          {"threshold", fmt::format("{}; (fitted): chosen on one half of the questions for the "
                                    "other, and the other way round",
                                    arguments.threshold)}};
}

int bench_judges(const BenchJudgesArguments& arguments) {
  eval::LabelledFile file = read_chains(arguments.data);
  const std::size_t all = file.chains.size();
  const std::vector<eval::LabelledChain> chains =
      eval::drawn(std::move(file.chains), arguments.sample.value_or(all), arguments.seed);
  open_folder(arguments);
  KeptScores kept(arguments.out.empty() ? "" : fs::path(arguments.out) / "scores.jsonl");
  JudgeBench bench({.judges = split_judges(arguments.judges),
                    .threshold = arguments.threshold,
                    .seed = arguments.seed,
                    .model = arguments.model},
                   chains, kept);
  eval::JudgeTable table{.title = "Judges on labelled chains", .seed = arguments.seed};
  table.rows = bench.run();
  if (bench.exit_code() != kOk) return bench.exit_code();
  table.facts = facts_of(arguments, chains.size(), all, bench.model());
  write_report(arguments.out, table);
  fmt::print("{}", arguments.json ? eval::to_json(table) : eval::to_markdown(table));
  const bool failed = std::any_of(table.rows.begin(), table.rows.end(),
                                  [](const eval::JudgeRow& row) { return row.failed > 0; });
  return failed ? kSomeFailed : kOk;
}

}  // namespace

void add_bench_judges_command(CLI::App& bench, int& exit_code) {
  auto a = std::make_shared<BenchJudgesArguments>();
  CLI::App* command =
      bench.add_subcommand("judges", "How well judges find the first wrong step of a chain");
  command->add_option("data", a->data, "labelled chains, one JSON object a line")->required();
  command->add_option("--judge", a->judges, "NAME[:option=value,option=value],NAME,...")
      ->required();
  command->add_option("--sample", a->sample, "so many chains, drawn with the seed")
      ->check(CLI::PositiveNumber);
  command->add_option("--threshold", a->threshold, "a step with a reward below it is called wrong")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("-s,--seed", a->seed, "of everything that is drawn")->envname("CAIRN_SEED");
  command->add_option("--out", a->out, "a folder: scores, report.json, report.md, report.html");
  command->add_flag("--resume", a->resume, "go on with what lies in --out");
  command->add_flag("--json", a->json, "the report as JSON on standard output");
  add_model_flags(*command, a->model);
  command->callback([a, &exit_code] { exit_code = bench_judges(*a); });
}

}  // namespace cairn::app
