#include "cairn/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <set>
#include <span>

#include "cairn/judges.h"
#include "cairn/kit.h"
#include "cairn/model_policy.h"
#include "cairn/prompt.h"
#include "cairn/rng.h"

namespace cairn {
namespace {

// What a forced answer needs: "The answer is \boxed{", and a short answer after it.
constexpr std::int64_t kAnswerTokens = 32;
constexpr std::int64_t kAnswerEvaluated = 48;

// The time for it, of a deadline: some decodes of a slow machine, a fifth at most.
std::chrono::nanoseconds held_time(const Limits& limits) {
  if (!limits.wall_time) return {};
  return std::min<std::chrono::nanoseconds>(std::chrono::seconds(2), *limits.wall_time / 5);
}

// A quarter of a small budget at most, so that reasoning keeps the larger part.
Amount held_back(const Limits& limits) {
  Amount amount;
  if (limits.generated_tokens)
    amount.generated_tokens = std::min(kAnswerTokens, *limits.generated_tokens / 4);
  if (limits.evaluated_tokens)
    amount.evaluated_tokens = std::min(kAnswerEvaluated, *limits.evaluated_tokens / 4);
  if (limits.model_calls) amount.model_calls = *limits.model_calls > 1 ? 1 : 0;
  return amount;
}

Stopped stopped_by(Stop stop) {
  if (stop == Stop::deadline) return Stopped::deadline;
  return stop == Stop::cancelled ? Stopped::cancelled : Stopped::budget;
}

bool has_answer(const Outcome& outcome) {
  return outcome.answer.has_value();
}

ModelPolicyOptions policy_options(const Recipe& recipe, const RunOptions& options) {
  ModelPolicyOptions out;
  const std::string name = options.task ? options.task->prompt() : recipe.prompt;
  out.prompt = options.prompt ? *options.prompt : prompt_named(name);
  out.task = options.task;
  out.segmenter = make_segmenter(options.segmenter);
  if (options.sampling.temperature) out.sampling.temperature = *options.sampling.temperature;
  out.sampling.top_k = options.sampling.top_k;
  out.sampling.top_p = options.sampling.top_p.value_or(1);
  out.sampling.min_p = options.sampling.min_p.value_or(0);
  out.max_step_tokens = options.max_step_tokens;
  out.max_trace_tokens = options.max_trace_tokens;
  return out;
}

// Holds the tokens that the prompt begins with whatever the question is.
void pin_shared_part(LanguageModel& model, const Prompt& prompt, const std::string& name,
                     PinnedPrompts& pins) {
  const std::string key = model.info().fingerprint + " " + name;
  if (pins.shared.contains(key)) return;
  const std::vector<Token> one = model.chat(prompt.render({.id = "pin", .question = "1"}));
  const std::vector<Token> other = model.chat(prompt.render({.id = "pin", .question = "x"}));
  const auto differ = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first;
  const auto common = static_cast<std::size_t>(differ - one.begin());
  if (common > 0) pins.shared[key] = model.branch(nullptr, std::span(one).first(common));
}

// Says whether the recipe can be run with the models there are.
void check_draft(const Recipe& recipe, const RunOptions& options) {
  if (options.draft && recipe.draft == Draft::none)
    throw Error(Fault::input, recipe.name, "it uses one model, so the second would do nothing",
                "Leave --draft out, or use spec_reason or ab_mcts");
}

class BudgetShown {
 public:
  BudgetShown(Budget** out, Budget& budget) : out_(out) {
    if (out_) *out_ = &budget;
  }
  ~BudgetShown() {
    if (out_) *out_ = nullptr;
  }
  BudgetShown(const BudgetShown&) = delete;
  BudgetShown& operator=(const BudgetShown&) = delete;

 private:
  Budget** const out_;
};

// The judge of a kit: its rewards go to the log, and what it made the model read and write counts
// as its own.
class LoggedJudge : public Judge {
 public:
  // `written`: the judge with its options, the name of its rewards.
  LoggedJudge(Judge& judge, std::string written, TraceLog* log, const Unfinished* unfinished)
      : judge_(judge),
        outcome_(std::move(written)),
        process_(outcome_ + " step"),
        log_(log),
        unfinished_(unfinished) {}
  std::string name() const override { return judge_.name(); }

  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget& budget) override {
    if (std::optional<std::vector<Verdict>> recalled = recall(traces, budget)) {
      for (std::size_t i = 0; i < traces.size(); ++i)
        note(problem, traces[i], (*recalled)[i], recorded_usage(traces[i]));
      co_return std::move(*recalled);
    }
    Budget own(budget);
    std::vector<Verdict> verdicts = co_await judge_.score(problem, traces, own);
    const Usage cost = own.spent();
    budget.note_judge(cost.evaluated_tokens, cost.generated_tokens);
    // What asking about several traces cost stands with the last of them.
    for (std::size_t i = 0; i < traces.size(); ++i)
      note(problem, traces[i], verdicts[i], i + 1 == traces.size() ? cost : Usage());
    co_return verdicts;
  }

 private:
  const float* recorded(const Trace& trace, const std::string& reward) const {
    const auto found = unfinished_->rewards.find({trace.id(), reward});
    return found == unfinished_->rewards.end() ? nullptr : &found->second;
  }

  // What the interrupted run was told of these traces, at the cost that it had then; nothing unless
  // it was told of all of them.
  std::optional<std::vector<Verdict>> recall(std::span<const Trace> traces, Budget& budget) {
    const auto known = [this](const Trace& trace) { return recorded(trace, outcome_) != nullptr; };
    if (!unfinished_ || traces.empty() || !std::all_of(traces.begin(), traces.end(), known))
      return {};
    Usage cost;  // the same trace may be asked about twice, and costs once
    if (charged_.insert(traces.back().id()).second) cost = recorded_usage(traces.back());
    if (!budget.reserve({cost.generated_tokens, cost.evaluated_tokens, cost.model_calls}))
      return {};
    budget.note_judge(cost.evaluated_tokens, cost.generated_tokens);
    std::vector<Verdict> verdicts;
    for (const Trace& trace : traces) verdicts.push_back(recorded_verdict(trace));
    return verdicts;
  }

  Verdict recorded_verdict(Trace trace) const {
    Verdict verdict{.outcome = *recorded(trace, outcome_)};
    for (; trace.depth() > 0; trace = trace.parent())
      if (const float* process = recorded(trace, process_))
        verdict.process.insert(verdict.process.begin(), *process);
    return verdict;
  }

  Usage recorded_usage(const Trace& trace) const {
    const auto found = unfinished_->judge_usage.find({trace.id(), outcome_});
    return found == unfinished_->judge_usage.end() ? Usage() : found->second;
  }

  // The process reward of a step is noted once.
  void note(const Problem& problem, Trace trace, const Verdict& verdict, const Usage& usage) {
    log(problem, trace, outcome_, verdict.outcome, usage);
    for (std::size_t i = verdict.process.size(); i-- > 0; trace = trace.parent())
      if (noted_.insert(trace.id()).second) log(problem, trace, process_, verdict.process[i], {});
  }

  void log(const Problem& problem, const Trace& trace, const std::string& name, float value,
           const Usage& usage) {
    if (log_ && trace.id() != 0 && outcome_ != "none")
      log_->reward(problem, trace.id(), name, value, usage);
  }

  Judge& judge_;
  const std::string outcome_, process_;
  TraceLog* const log_;
  const Unfinished* const unfinished_;
  std::set<std::uint64_t> noted_, charged_;
};

// The recipe's outcome; where the caller cancelled it, an outcome that says so.
asio::awaitable<Outcome> run_recipe(const Recipe& recipe, Kit& kit, const Problem& problem,
                                    const Settings& settings) {
  Outcome outcome;
  try {
    outcome = co_await recipe.run(kit, problem, settings);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;
    kit.budget.cancel();
  } catch (const Error& error) {
    if (error.fault() != Fault::cancelled) throw;
    kit.budget.cancel();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) kit.budget.cancel();
  co_return outcome;
}

// The held part for a short answer, where a spent budget, a deadline or the longest line of
// reasoning left none. (A task's answer is its moves: there is no short form of them.)
asio::awaitable<void> force_answer(ModelPolicy& policy, const Problem& problem, Budget& budget,
                                   Outcome& outcome) {
  budget.release_held();
  const Amount left = budget.left_or({kAnswerTokens, kAnswerEvaluated, 1});
  if (left.generated_tokens < 1 || left.model_calls < 1) co_return;
  const std::vector<Trace> cut = policy.cut();
  const Trace from = cut.empty() ? Trace() : cut.front();
  const int most = static_cast<int>(std::min(kAnswerTokens, left.generated_tokens));
  const Trace answered = co_await policy.force_answer(problem, from, most);
  if (!answered.answer()) co_return;
  outcome.answer = answered.answer();
  outcome.traces.push_back({answered, 0});
}

}  // namespace

asio::awaitable<Outcome> run_problem(LanguageModel& model, const Recipe& recipe,
                                     const Problem& problem, RunOptions options,
                                     Budget** budget_out) {
  check_draft(recipe, options);
  Budget budget(options.limits);
  const BudgetShown shown(budget_out, budget);
  budget.hold(held_back(options.limits), held_time(options.limits));
  const std::uint64_t seed = mix(options.seed, problem.id);
  ModelPolicyOptions policy_is = policy_options(recipe, options);
  const std::string prompt_name = options.task ? options.task->prompt() : recipe.prompt;
  pin_shared_part(model, policy_is.prompt, prompt_name, *options.pins);
  if (options.draft) pin_shared_part(*options.draft, policy_is.prompt, prompt_name, *options.pins);
  const auto begun = options.unfinished.find(problem.id);
  const bool goes_on =
      begun != options.unfinished.end() && begun->second.question == problem.question;
  const Unfinished* unfinished = goes_on ? &begun->second : nullptr;
  policy_is.unfinished = unfinished;
  ModelPolicy policy(model, std::move(policy_is), budget, options.log, seed);
  std::optional<ModelPolicy> draft;
  Budget draft_budget(budget);
  if (options.draft) draft.emplace(*options.draft, policy, draft_budget);
  if (!options.judge.empty() && recipe.judge.empty() && options.judge != "none")
    throw Error(Fault::input, recipe.name,
                fmt::format("it asks no judge, so \"{}\" would do nothing", options.judge),
                "Leave --judge out, or use a recipe that ranks, such as best_of_n");
  const std::string judge_name = !options.judge.empty() ? options.judge
                                 : recipe.judge.empty() ? "none"
                                                        : recipe.judge;
  const std::unique_ptr<Judge> judge =
      make_judge(judge_name, {.model = options.judge_model ? options.judge_model : &model,
                              .task = options.task,
                              .policy = &policy,
                              .seed = mix(seed, "judge")});
  LoggedJudge logged_judge(*judge, judge_name, options.log, unfinished);
  Toolbox own_tools;
  Toolbox& tools = options.tools ? *options.tools : own_tools;
  Kit kit{policy, draft ? *draft : policy, logged_judge, tools, budget, seed};
  if (options.log) options.log->begin(problem, recipe.name, options.seed);
  Outcome outcome = co_await run_recipe(recipe, kit, problem, options.settings);
  const auto limit = budget.stopped();
  if (limit) outcome.stopped = stopped_by(*limit);
  const bool late = limit == Stop::budget || limit == Stop::deadline;
  const bool too_long = !limit && !policy.cut().empty();
  if ((late || too_long) && !has_answer(outcome) && !options.task)
    co_await force_answer(policy, problem, budget, outcome);
  const Usage drafted = draft_budget.spent();
  budget.note_draft(drafted.evaluated_tokens, drafted.generated_tokens);
  outcome.usage = budget.spent();
  if (options.log) {
    for (const auto& [step, stats] : outcome.nodes) options.log->node(problem, step, stats);
    options.log->end(problem, outcome);
  }
  co_return outcome;
}

}  // namespace cairn
