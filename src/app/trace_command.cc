#include "app/trace_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli.h"
#include "app/trace_text.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cairn/answer.h"
#include "cairn/diversity.h"
#include "cairn/error.h"
#include "store/jsonl_log.h"
#include "store/run_store.h"
#include "store/trace_file.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;
using store::Episode;
using store::TraceFile;

struct TraceArguments {
  std::string file, out, problem;
  bool json = false;
};

// A trace file or a store of runs, by its first bytes.
TraceFile read(const std::string& path) {
  if (!store::is_run_store(path)) return store::read_trace_file(path);
  return {store::RunStore(path, store::RunStore::Mode::read).episodes(), {}, false};
}

// Tells what was left out; the exit code that goes with it.
int report_broken(const TraceArguments& arguments, const TraceFile& file) {
  for (const store::BrokenLine& line : file.broken)
    fmt::print(stderr, "{} line {}: {}\n", arguments.file, line.number,
               base::printable(line.reason));
  return file.broken.empty() ? kOk : kSomeFailed;
}

// The episodes that were asked for.
std::vector<const Episode*> chosen(const TraceArguments& arguments, const TraceFile& file) {
  std::vector<const Episode*> all;
  std::vector<std::string> ids;
  for (const Episode& episode : file.episodes) {
    const std::string& id = episode.problem.problem.id;
    ids.push_back(id);
    if (arguments.problem.empty() || arguments.problem == id) all.push_back(&episode);
  }
  if (all.empty() && !arguments.problem.empty())
    throw Error(Fault::input, "--problem",
                fmt::format("{} has no problem \"{}\"", arguments.file, arguments.problem),
                base::did_you_mean(arguments.problem, ids));
  return all;
}

int show(const TraceArguments& arguments) {
  const TraceFile file = read(arguments.file);
  for (const Episode* episode : chosen(arguments, file)) {
    if (!arguments.json) {
      fmt::print("{}", episode_text(*episode));
      continue;
    }
    for (const store::Record& record : store::records_of(*episode))
      fmt::print("{}", store::to_line(record));
  }
  return report_broken(arguments, file);
}

struct Stats {
  std::size_t problems = 0, finished = 0, answered = 0, steps = 0, leaves = 0, checked = 0,
              right = 0, branching = 0;
  double diversity = 0;  // of siblings, summed over the `branching` problems that have some
  Usage usage;

  void add(const Episode& episode) {
    ++problems;
    steps += episode.tree.size() - 1;
    leaves += episode.tree.leaves().size();
    if (const auto here = sibling_diversity(episode.tree)) diversity += *here, ++branching;
    if (!episode.outcome) return;
    ++finished;
    usage += episode.outcome->usage;
    const auto& answer = episode.outcome->answer;
    answered += answer.has_value();
    const Problem& problem = episode.problem.problem;
    const bool runs = problem.kind == AnswerKind::sql || problem.kind == AnswerKind::code;
    if (!problem.answer || runs) return;  // they would have to be run
    ++checked;
    right += check_answer(answer, problem).verdict == Equality::equal;
  }
};

int stats(const TraceArguments& arguments) {
  const TraceFile file = read(arguments.file);
  Stats all;
  for (const Episode* episode : chosen(arguments, file)) all.add(*episode);
  const Usage& usage = all.usage;
  const double diversity =
      all.diversity / static_cast<double>(std::max<std::size_t>(1, all.branching));
  if (arguments.json) {
    const Json json{{"problems", all.problems},
                    {"finished", all.finished},
                    {"answered", all.answered},
                    {"with_gold", all.checked},
                    {"correct", all.right},
                    {"steps", all.steps},
                    {"leaves", all.leaves},
                    {"sibling_diversity", all.branching > 0 ? Json(diversity) : Json()},
                    {"generated_tokens", usage.generated_tokens},
                    {"evaluated_tokens", usage.evaluated_tokens},
                    {"unique_tokens", usage.unique_tokens},
                    {"seconds", usage.seconds},
                    {"broken_lines", file.broken.size()}};
    fmt::print("{}\n", json.dump());
    return report_broken(arguments, file);
  }
  fmt::print("problems   {} ({} finished, {} with an answer)\n", all.problems, all.finished,
             all.answered);
  if (all.checked > 0) fmt::print("correct    {} of {}\n", all.right, all.checked);
  fmt::print("steps      {} in {} lines of reasoning\n", all.steps, all.leaves);
  if (all.branching > 0)
    fmt::print("siblings   differ in {:.0f} % of their words\n", 100 * diversity);
  fmt::print("tokens     {} generated, {} evaluated, {} unique\n", usage.generated_tokens,
             usage.evaluated_tokens, usage.unique_tokens);
  fmt::print("seconds    {:.1f}, summed over problems\n", usage.seconds);
  return report_broken(arguments, file);
}

void export_lines(const std::string& out, const std::vector<const Episode*>& episodes) {
  if (std::filesystem::exists(out))
    throw Error(Fault::input, "trace export", fmt::format("{} is there already", out),
                "Choose another name, or remove it");
  store::LineFile file(out);
  for (const Episode* episode : episodes)
    for (const store::Record& record : store::records_of(*episode))
      file.add(store::to_line(record));
  file.sync();
}

int export_(const TraceArguments& arguments) {
  const TraceFile file = read(arguments.file);
  const auto episodes = chosen(arguments, file);
  if (store::names_a_store(arguments.out)) {
    store::RunStore runs(arguments.out);
    for (const Episode* episode : episodes) runs.add(*episode);
  } else {
    export_lines(arguments.out, episodes);
  }
  fmt::print(stderr, "{} problems written to {}\n", episodes.size(), arguments.out);
  return report_broken(arguments, file);
}

int validate(const TraceArguments& arguments) {
  const TraceFile file = read(arguments.file);
  std::size_t unfinished = 0;
  for (const Episode& episode : file.episodes) unfinished += !episode.outcome;
  const int code = report_broken(arguments, file);
  if (arguments.json) {
    Json lines = Json::array();
    for (const store::BrokenLine& line : file.broken)
      lines.push_back({{"line", line.number}, {"reason", base::printable(line.reason)}});
    const Json json{{"problems", file.episodes.size()},
                    {"unfinished", unfinished},
                    {"torn", file.torn},
                    {"broken", lines}};
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("{}: {} problems, {} unfinished, {} broken lines{}\n", arguments.file,
               file.episodes.size(), unfinished, file.broken.size(),
               file.torn ? ", the last line torn" : "");
  }
  return code;
}

}  // namespace

void add_trace_command(CLI::App& app, int& exit_code) {
  CLI::App* trace = app.add_subcommand("trace", "Read trace files and stores of runs");
  trace->require_subcommand(1);
  const auto arguments = std::make_shared<TraceArguments>();
  const auto add = [&](const char* name, const char* help, int (*run)(const TraceArguments&)) {
    CLI::App* command = trace->add_subcommand(name, help);
    command->add_option("FILE", arguments->file, "a trace file, or a store (SQLite)")->required();
    command->callback([arguments, run, &exit_code] { exit_code = run(*arguments); });
    return command;
  };
  const auto some = [&](CLI::App* command) {
    command->add_option("--problem", arguments->problem, "only the problem with this id");
    return command;
  };
  const auto json = [&](CLI::App* command) {
    command->add_flag("--json", arguments->json, "JSON on standard output");
    return command;
  };
  json(some(add("show", "The tree of steps of each problem", show)));
  json(some(add("stats", "Counts of problems, steps, tokens", stats)));
  some(add("export", "Write to another file: JSONL, or a store if OUT ends in .db or .sqlite",
           export_))
      ->add_option("OUT", arguments->out, "the file to write")
      ->required();
  json(add("validate", "Check every line; exit code 3 when some are broken", validate));
}

}  // namespace cairn::app
