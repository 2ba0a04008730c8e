#include "app/judge_bench.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "app/result_json.h"
#include "base/text.h"
#include "cairn/error.h"
#include "cairn/model_policy.h"
#include "cairn/rng.h"
#include "cairn/runner.h"

namespace cairn::app {
namespace {

using eval::JudgeRow;
using eval::LabelledChain;

// The prompt that a chain is read behind, as if it were the reply.
constexpr const char* kPrompt = "sample/cot";

// A labelled chain has no task.
Reads checked(const std::vector<std::string>& judges) {
  Reads most = Reads::text;
  for (const std::string& judge : judges) {
    const Reads reads = check_judge(judge);
    if (reads == Reads::task)
      throw Error(Fault::input, "bench judges",
                  fmt::format("{} reads the rules of a task, and a chain has none", judge),
                  "Use another judge, such as program_check or self_eval");
    most = std::max(most, reads);
  }
  return most;
}

// Steps are paragraphs.
std::vector<Step> steps_of(const LabelledChain& chain) {
  std::vector<Step> steps(chain.steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].text = chain.steps[i] + "\n\n";
  return steps;
}

std::vector<Trace> traces_of(std::vector<Step> steps) {
  std::vector<Trace> traces;
  Trace trace;
  for (Step& step : steps) traces.push_back(trace = trace.extended(std::move(step)));
  return traces;
}

// A judge of outcomes alone is asked for the value of every prefix.
asio::awaitable<std::vector<float>> rewards_of(Judge& judge, const Problem& problem,
                                               const std::vector<Trace>& traces, Budget& budget) {
  const std::span<const Trace> whole(&traces.back(), 1);
  std::vector<Verdict> verdicts = co_await judge.score(problem, whole, budget);
  std::vector<float> rewards = verdicts.front().process;
  if (!rewards.empty()) co_return rewards;
  const std::span<const Trace> parts(traces.data(), traces.size() - 1);
  std::vector<Verdict> values = co_await judge.score(problem, parts, budget);
  for (const Verdict& value : values) rewards.push_back(value.outcome);
  rewards.push_back(verdicts.front().outcome);
  co_return rewards;
}

std::vector<float> part_of(const std::vector<float>& values, std::size_t from, std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(from);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

Scores read_scores(const nlohmann::json& json) {
  return {.rewards = json.at("rewards").get<std::vector<float>>(),
          .evaluated = json.at("evaluated").get<std::int64_t>(),
          .generated = json.at("generated").get<std::int64_t>(),
          .seconds = json.at("seconds").get<double>()};
}

}  // namespace

// ---- what is kept

KeptScores::KeptScores(const std::string& path) {
  if (path.empty()) return;
  finished_ids(path);  // mends a torn end
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    try {
      scores_[json.at("id").get<std::string>()] = read_scores(json);
    } catch (const nlohmann::json::exception& error) {
      throw Error(Fault::store, path, error.what(), "Choose another --out");
    }
  }
  file_ = std::make_unique<ResultFile>(path);
}

const Scores* KeptScores::find(const std::string& key) const {
  const auto found = scores_.find(key);
  return found == scores_.end() ? nullptr : &found->second;
}

void KeptScores::put(const std::string& key, Scores scores) {
  if (file_)
    file_->write(one_line({{"id", key},
                           {"rewards", scores.rewards},
                           {"evaluated", scores.evaluated},
                           {"generated", scores.generated},
                           {"seconds", scores.seconds}}));
  scores_[key] = std::move(scores);
}

// ---- the run

JudgeBench::JudgeBench(JudgeBenchOptions options, const std::vector<LabelledChain>& chains,
                       KeptScores& kept)
    : options_(std::move(options)), chains_(chains), kept_(kept), signals_(io_, running_) {
  if (checked(options_.judges) != Reads::text) model_ = open_model(options_.model);
}

std::vector<JudgeRow> JudgeBench::run() {
  std::vector<JudgeRow> rows;
  for (const char* name : {"(random)", "(all clean)", "(first step)"})
    rows.push_back({.judge = name, .chains = eval::baseline(name, chains_, options_.seed)});
  for (const std::string& judge : options_.judges) {
    judge_all(judge);
    if (running_.cancelled()) break;
    for (JudgeRow& row : rows_of(judge)) rows.push_back(std::move(row));
  }
  signals_.stop();
  return rows;
}

void JudgeBench::judge_all(const std::string& judge) {
  to_judge_.clear();
  next_ = 0;
  for (const LabelledChain& chain : chains_)
    if (kept_.find(key_of(judge, chain)) == nullptr) to_judge_.push_back(&chain);
  std::size_t at_work = model_ ? static_cast<std::size_t>(std::max(2, model_->info().rows)) : 1;
  at_work = std::min(at_work, to_judge_.size());
  if (at_work == 0) return;
  last_ = std::chrono::steady_clock::now();
  for (std::size_t i = at_work; i > 0; --i)
    asio::co_spawn(io_, worker(judge, check_judge(judge)), [&](std::exception_ptr error) {
      if (error && !error_) error_ = error, running_.cancel();
      if (--at_work == 0) io_.stop();
    });
  io_.restart();
  io_.run();
  if (error_) std::rethrow_exception(error_);
}

asio::awaitable<void> JudgeBench::worker(const std::string& judge, Reads reads) {
  Budget** slot = running_.add();
  while (next_ < to_judge_.size() && !running_.cancelled()) {
    const LabelledChain& chain = *to_judge_[next_++];
    Budget budget;
    *slot = &budget;
    std::optional<Scores> scores;
    try {
      scores = co_await scores_of(judge, reads, chain, budget);
    } catch (const Error& error) {
      fmt::print(stderr, "{}, chain {}: {}\n", judge, chain.problem.id,
                 base::printable(error.what()));
    }
    *slot = nullptr;
    if (running_.cancelled()) co_return;  // to be judged again
    if (scores) keep(judge, chain, std::move(*scores));
  }
}

void JudgeBench::keep(const std::string& judge, const LabelledChain& chain, Scores scores) {
  const auto now = std::chrono::steady_clock::now();
  scores.seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  kept_.put(key_of(judge, chain), std::move(scores));
}

asio::awaitable<Scores> JudgeBench::scores_of(const std::string& judge, Reads reads,
                                              const LabelledChain& chain, Budget& budget) {
  const std::uint64_t seed = mix(options_.seed, chain.problem.id);
  Prefixes prefixes;
  Usage noting;  // of a reading that another judge asked for: alone, this one would have
  if (reads >= Reads::sampling) {
    const bool known = noted_.contains(&chain);
    prefixes = co_await noted_of(chain, budget);
    if (known) noting = prefixes.usage;
  } else {
    prefixes.traces = traces_of(steps_of(chain));
  }
  std::unique_ptr<ModelPolicy> policy;
  if (reads == Reads::policy)
    policy = std::make_unique<ModelPolicy>(
        *model_,
        ModelPolicyOptions{.prompt = prompt_named(kPrompt),
                           .segmenter = make_segmenter(RunOptions().segmenter)},
        budget, nullptr, seed);
  const JudgeMeans means{.model = model_.get(), .policy = policy.get(), .seed = seed};
  const std::unique_ptr<Judge> made = make_judge(judge, means);
  Scores scores;
  scores.rewards = co_await rewards_of(*made, chain.problem, prefixes.traces, budget);
  const Usage spent = budget.spent();
  scores.evaluated = spent.evaluated_tokens + noting.evaluated_tokens;
  scores.generated = spent.generated_tokens;
  co_return scores;
}

asio::awaitable<JudgeBench::Prefixes> JudgeBench::noted_of(const LabelledChain& chain,
                                                           Budget& budget) {
  const auto known = noted_.find(&chain);
  if (known != noted_.end()) co_return known->second;
  const std::vector<Message> turns = prompt_named(kPrompt).render(chain.problem);
  const BranchPtr prompt = model_->branch(nullptr, model_->chat(turns));
  std::vector<Step> steps = steps_of(chain);
  std::vector<Token> all;
  for (Step& step : steps) {
    step.model = model_->info().name;
    step.tokens = model_->tokenize(step.text, false);
    all.insert(all.end(), step.tokens.begin(), step.tokens.end());
  }
  const Reading reading = co_await model_->read(prompt, all, budget);
  if (reading.logprobs.empty()) co_return Prefixes{traces_of(std::move(steps))};  // cancelled
  std::size_t at = 0;
  for (Step& step : steps) {
    const std::size_t count = step.tokens.size();
    step.logprobs = part_of(reading.logprobs, at, count);
    step.certainties = part_of(reading.certainties, at, count);
    step.entropies = part_of(reading.entropies, at, count);
    at += count;
  }
  Prefixes prefixes{traces_of(std::move(steps)), budget.spent()};
  noted_[&chain] = prefixes;
  co_return prefixes;
}

// What the scores depend on.
std::string JudgeBench::key_of(const std::string& judge, const LabelledChain& chain) const {
  std::uint64_t text = mix(0, question_text(chain.problem));
  for (const std::string& step : chain.steps) text = mix(text, step);
  const bool asks = check_judge(judge) != Reads::text;
  return fmt::format("{}|{}|{}|{}|{:016x}", judge, asks ? model_->info().fingerprint : "",
                     options_.seed, chain.problem.id, text);
}

std::vector<JudgeRow> JudgeBench::rows_of(const std::string& judge) const {
  JudgeRow row{.judge = judge, .by_kind = true, .costs = true};
  std::vector<eval::RewardedChain> rewarded;
  for (const LabelledChain& chain : chains_) {
    const Scores* scores = kept_.find(key_of(judge, chain));
    if (scores == nullptr) {
      ++row.failed;
      continue;
    }
    rewarded.push_back({&chain, scores->rewards});
    row.evaluated += scores->evaluated;
    row.generated += scores->generated;
    row.seconds += scores->seconds;
  }
  row.chains = eval::scored(rewarded, options_.threshold);
  JudgeRow fitted{.judge = judge + " (fitted)"};
  fitted.chains = eval::cross_fitted(rewarded, options_.seed);
  return {row, fitted};
}

}  // namespace cairn::app
