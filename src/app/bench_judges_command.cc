#include "app/bench_judges_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/model_options.h"
#include "app/problem_file.h"
#include "app/result_json.h"
#include "cairn/error.h"
#include "cairn/judges.h"
#include "cairn/written.h"
#include "eval/judges/judge_report.h"

namespace cairn::app {
namespace {

using eval::JudgeReport;
using eval::LabelledChain;
using eval::ScoredChain;
using nlohmann::ordered_json;

struct Arguments {
  std::string data, out;
  std::vector<std::string> judges;
  std::optional<std::size_t> limit;
  double threshold = 0.5;
  std::uint64_t seed = 1;
  bool resume = false, json = false;
  ModelFlags model;
};

// What a judge said of one chain, as --out keeps it.
struct Scores {
  std::vector<float> rewards;  // [steps]
  std::int64_t evaluated = 0, generated = 0;
  double seconds = 0;
};

struct Row {
  std::string judge;
  std::vector<ScoredChain> chains;
  std::int64_t evaluated = 0, generated = 0;
  double seconds = 0;
};

std::vector<LabelledChain> read_chains(const Arguments& arguments) {
  std::ifstream file(arguments.data, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || text.empty())
    throw Error(Fault::input, "bench judges",
                fmt::format("{} cannot be read, or is empty", arguments.data),
                "Name a file of labelled chains");
  eval::LabelledFile labelled = eval::read_labelled(arguments.data, text);
  if (labelled.chains.empty())
    throw Error(Fault::input, "bench judges",
                fmt::format("{} holds no labelled chain", arguments.data),
                "Give JSON lines with question, steps and label, first_error or chain_correct");
  if (labelled.without_label > 0)
    fmt::print(stderr, "bench judges: {} lines without a labelled chain are left out.\n",
               labelled.without_label);
  return arguments.limit ? eval::drawn(std::move(labelled.chains), *arguments.limit, arguments.seed)
                         : std::move(labelled.chains);
}

// These read what a run noted beside its steps, or a task's rules; a labelled chain has neither.
std::vector<std::string> read_judges(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (const std::string& list : lists)
    for (std::string& name : split_written("--judge", list)) names.push_back(std::move(name));
  for (const std::string& name : names) {
    if (check_judge(name) > Reads::model)
      throw Error(Fault::input, "bench judges",
                  fmt::format("{} reads more than the text of a chain", name),
                  "Use a judge of text, such as program_check or self_eval");
  }
  return names;
}

// Every prefix of the chain as a trace; steps are paragraphs.
std::vector<Trace> prefixes(const LabelledChain& chain) {
  std::vector<Trace> traces;
  Trace trace;
  for (const std::string& text : chain.steps) {
    Step step;
    step.text = text + "\n\n";
    trace = trace.extended(step);
    traces.push_back(trace);
  }
  return traces;
}

// A judge of outcomes alone is asked for the value of every prefix.
asio::awaitable<std::vector<float>> rewards_of(Judge& judge, const LabelledChain& chain,
                                               Budget& budget) {
  const std::vector<Trace> traces = prefixes(chain);
  const std::span<const Trace> whole(&traces.back(), 1);
  std::vector<Verdict> verdicts = co_await judge.score(chain.problem, whole, budget);
  std::vector<float> rewards = verdicts.front().process;
  if (!rewards.empty()) co_return rewards;
  const std::span<const Trace> parts(traces.data(), traces.size() - 1);
  std::vector<Verdict> values = co_await judge.score(chain.problem, parts, budget);
  for (const Verdict& value : values) rewards.push_back(value.outcome);
  rewards.push_back(verdicts.front().outcome);
  co_return rewards;
}

Scores score(Judge& judge, const LabelledChain& chain) {
  asio::io_context io;
  Budget budget;
  Scores scores;
  std::exception_ptr failed;
  asio::co_spawn(io, rewards_of(judge, chain, budget),
                 [&](std::exception_ptr error, std::vector<float> rewards) {
                   failed = error;
                   scores.rewards = std::move(rewards);
                 });
  io.run();
  if (failed) std::rethrow_exception(failed);
  const Usage spent = budget.spent();
  scores.evaluated = spent.evaluated_tokens;
  scores.generated = spent.generated_tokens;
  scores.seconds = spent.seconds;
  return scores;
}

// ---- what is done is kept

// A judge and its model, the chain, and how many steps it has: what a kept line belongs to.
std::string key_of(const std::string& judge, const LabelledChain& chain) {
  return fmt::format("{}|{}|{}", judge, chain.problem.id, chain.steps.size());
}

std::map<std::string, Scores> kept_scores(const Arguments& arguments) {
  std::map<std::string, Scores> kept;
  if (!arguments.resume) return kept;
  finished_ids(arguments.out);  // mends a torn end
  std::ifstream file(arguments.out);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) continue;
    try {
      kept[json.at("id").get<std::string>()] = {
          json.at("rewards").get<std::vector<float>>(), json.at("evaluated").get<std::int64_t>(),
          json.at("generated").get<std::int64_t>(), json.at("seconds").get<double>()};
    } catch (const nlohmann::json::exception& error) {
      throw Error(Fault::store, arguments.out, error.what(), "Choose another --out");
    }
  }
  return kept;
}

std::string kept_line(const std::string& key, const Scores& scores) {
  return one_line({{"id", key},
                   {"rewards", scores.rewards},
                   {"evaluated", scores.evaluated},
                   {"generated", scores.generated},
                   {"seconds", scores.seconds}});
}

// ---- the table

// F1 is for data with both, faulty chains and clean ones.
bool has_f1(const JudgeReport& report) {
  return report.faulty.all > 0 && report.clean.all > 0;
}

ordered_json to_json(const JudgeReport& report) {
  const auto share = [](const eval::Share& share) {
    const eval::Interval interval = eval::wilson(share.hits, share.all);
    return ordered_json{
        {"hits", share.hits}, {"all", share.all}, {"low", interval.low}, {"high", interval.high}};
  };
  const auto f1 = [&](double value) {
    return has_f1(report) ? ordered_json(value) : ordered_json(nullptr);
  };
  return {{"faulty", share(report.faulty)},
          {"clean", share(report.clean)},
          {"precision", share(report.precision)},
          {"f1", f1(report.f1)},
          {"f1_low", f1(report.f1_interval.low)},
          {"f1_high", f1(report.f1_interval.high)},
          {"auroc", report.auroc ? ordered_json(*report.auroc) : ordered_json(nullptr)},
          {"ece", report.ece}};
}

std::string shown(const eval::Share& share) {
  if (share.all == 0) return "–";
  const eval::Interval interval = eval::wilson(share.hits, share.all);
  return fmt::format("{}/{} {:.3f} [{:.3f}, {:.3f}]", share.hits, share.all, share.value(),
                     interval.low, interval.high);
}

void print_row(const std::string& name, const JudgeReport& report, const std::string& cost) {
  const std::string f1 = fmt::format("{:.3f} [{:.3f}, {:.3f}]", report.f1, report.f1_interval.low,
                                     report.f1_interval.high);
  fmt::print("| {} | {} | {} | {} | {} | {} | {:.3f} | {} |\n", name, shown(report.faulty),
             shown(report.clean), shown(report.precision), has_f1(report) ? f1 : "–",
             report.auroc ? fmt::format("{:.3f}", *report.auroc) : "–", report.ece, cost);
}

void print_table(const std::vector<Row>& rows, std::uint64_t seed) {
  fmt::print(
      "| judge, kind | faulty found | clean left alone | precision | F1 | AUROC | ECE | tokens "
      "evaluated + generated, seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Row& row : rows) {
    print_row(row.judge, eval::judge_report(row.chains, seed),
              fmt::format("{} + {}, {:.2f}", row.evaluated, row.generated, row.seconds));
    const auto kinds = eval::reports_by_kind(row.chains, seed);
    if (kinds.size() < 2 || row.judge.starts_with("(")) continue;
    for (const auto& [kind, report] : kinds)
      print_row(fmt::format("{}, {}", row.judge, kind.empty() ? "(no kind)" : kind), report, "");
  }
}

void print_json(const std::vector<Row>& rows, std::uint64_t seed) {
  for (const Row& row : rows) {
    ordered_json json = {{"judge", row.judge},
                         {"all", to_json(eval::judge_report(row.chains, seed))},
                         {"kinds", ordered_json::object()},
                         {"evaluated_tokens", row.evaluated},
                         {"generated_tokens", row.generated},
                         {"seconds", row.seconds}};
    for (const auto& [kind, report] : eval::reports_by_kind(row.chains, seed))
      json["kinds"][kind] = to_json(report);
    fmt::print("{}\n", one_line(json));
  }
}

// ---- the run

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments),
        judges_(read_judges(arguments.judges)),
        chains_(read_chains(arguments)),
        kept_(kept_scores(arguments)) {
    if (!arguments.out.empty() && !arguments.resume) start_results(arguments.out);
    if (!arguments.out.empty()) out_ = std::make_unique<ResultFile>(arguments.out);
  }

  void run() {
    std::vector<Row> rows;
    for (const char* name : {"(random)", "(all clean)", "(first step)"})
      rows.push_back({.judge = name, .chains = eval::baseline(name, chains_, arguments_.seed)});
    for (const std::string& name : judges_) rows.push_back(judged(name));
    arguments_.json ? print_json(rows, arguments_.seed) : print_table(rows, arguments_.seed);
  }

 private:
  Row judged(const std::string& name) {
    std::string full = name;
    if (check_judge(name) == Reads::model) {
      if (!model_) model_ = open_model(arguments_.model);
      full += "@" + model_->info().name;
    }
    const std::unique_ptr<Judge> judge =
        make_judge(name, {.model = model_.get(), .seed = arguments_.seed});
    Row row{.judge = full};
    for (const LabelledChain& chain : chains_) {
      const Scores scores = scores_of(*judge, full, chain);
      row.chains.push_back(eval::scored(chain, scores.rewards, arguments_.threshold));
      row.evaluated += scores.evaluated;
      row.generated += scores.generated;
      row.seconds += scores.seconds;
    }
    return row;
  }

  Scores scores_of(Judge& judge, const std::string& name, const LabelledChain& chain) {
    const std::string key = key_of(name, chain);
    const auto kept = kept_.find(key);
    if (kept != kept_.end() && kept->second.rewards.size() == chain.steps.size())
      return kept->second;
    Scores scores = score(judge, chain);
    if (out_) out_->write(kept_line(key, scores));
    return scores;
  }

  const Arguments& arguments_;
  const std::vector<std::string> judges_;
  const std::vector<LabelledChain> chains_;
  const std::map<std::string, Scores> kept_;
  std::unique_ptr<ResultFile> out_;
  std::unique_ptr<LanguageModel> model_;
};

int bench_judges(const Arguments& arguments) {
  if (arguments.resume && arguments.out.empty())
    throw Error(Fault::input, "--resume", "there is no --out FILE to go on with",
                "Give --out FILE --resume");
  Bench bench(arguments);
  bench.run();
  return kOk;
}

}  // namespace

void add_bench_judges_command(CLI::App& bench, int& exit_code) {
  auto a = std::make_shared<Arguments>();
  CLI::App* command =
      bench.add_subcommand("judges", "How well judges find the first wrong step of a chain");
  command->add_option("data", a->data, "labelled chains, one JSON object a line")->required();
  command->add_option("--judge", a->judges, "NAME[:option=value,option=value],NAME,...")
      ->required();
  command->add_option("--limit", a->limit, "so many chains, drawn with the seed")
      ->check(CLI::PositiveNumber);
  command->add_option("--threshold", a->threshold, "a step with a reward below it is called wrong")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("-s,--seed", a->seed, "of everything that is drawn")->envname("CAIRN_SEED");
  command->add_option("--out", a->out, "keep what the judges said in this file");
  command->add_flag("--resume", a->resume, "go on: take from --out FILE what it has");
  command->add_flag("--json", a->json, "one JSON object a judge on standard output");
  add_model_flags(*command, a->model);
  command->callback([a, &exit_code] { exit_code = bench_judges(*a); });
}

}  // namespace cairn::app
