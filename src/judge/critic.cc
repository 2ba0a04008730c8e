// A generative critic: the model explains what it thinks of a solution, and its verdict is read out
// of what it wrote.  Zheng et al. 2024 (ProcessBench), arXiv:2412.06559; verdicts by vote as there.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "cairn/fold.h"
#include "cairn/gather.h"
#include "cairn/prompt.h"
#include "cairn/rng.h"
#include "judge/ask.h"
#include "judge/each_trace.h"
#include "judge/kept.h"
#include "judge/registry.h"

namespace cairn::judge {
namespace {

struct Critic {
  std::string form = "whole";
  int votes = 1;             // the paper: 1, and 8 for its vote
  float temperature = 0.7f;  // of each of several votes; one vote is greedy
  int max_tokens = 384;
  std::string aggregate = "min";
};

void describe(OptionSet& set, Critic& o) {
  set.add("form", o.form, {"whole", "step"}, "one critique of the whole solution, or one a step");
  set.add("votes", o.votes, 1, 64, "critiques that are drawn; their verdicts vote");
  set.add("temperature", o.temperature, 0, 2, "of each critique, where there are several");
  set.add("max_tokens", o.max_tokens, 1, 1 << 16, "longest critique");
  set.add("aggregate", o.aggregate, {"last", "min", "product", "mean", "weighted"},
          "how the steps' rewards become the trace's");
}

constexpr std::string_view kBoxed = "\\boxed{";
constexpr float kUnknown = 0.5f;  // no verdict could be read

// The number in the last \boxed{…}, where it names a paragraph or -1.
std::optional<int> boxed_index(std::string_view text, std::size_t steps) {
  const auto at = text.rfind(kBoxed);
  if (at == std::string_view::npos) return {};
  text = text.substr(at + kBoxed.size());
  text = base::trim(text.substr(0, text.find('}')));
  int index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  if (index < -1 || index >= static_cast<int>(steps)) return {};
  return index;
}

// What follows the last "verdict": does it begin with "correct" or "incorrect"?
std::optional<bool> verdict_in(std::string_view text) {
  const std::string lower = base::lower(text);
  const auto at = lower.rfind("verdict");
  if (at == std::string::npos) return {};
  const auto word = lower.find_first_of("abcdefghijklmnopqrstuvwxyz", at + 7);
  if (word == std::string::npos) return {};
  if (lower.compare(word, 9, "incorrect") == 0) return false;
  if (lower.compare(word, 7, "correct") == 0) return true;
  return {};
}

class CriticJudge : public EachTraceJudge {
 public:
  CriticJudge(LanguageModel& model, Critic options, std::uint64_t seed)
      : model_(model), options_(std::move(options)), seed_(seed) {
    prompt_ = prompt_named(options_.form == "step" ? "judge/critic_step" : "judge/critic");
  }

  std::string name() const override { return "critic"; }

 private:
  void let_go() override { kept_.let_go(); }

  asio::awaitable<Verdict> score_one(const Problem& problem, Trace trace, Budget& budget) override {
    Verdict verdict;
    if (trace.depth() == 0) co_return verdict;
    if (const Known* known = kept_.find(trace)) {
      verdict.process = known->process;
    } else if (options_.form == "step") {
      verdict.process = co_await step_by_step(problem, trace, budget);
    } else {
      verdict.process = co_await at_once(problem, trace, budget);
    }
    if (verdict.process.size() < trace.depth()) co_return Verdict();  // the budget ended it
    verdict.outcome = folded(verdict.process, fold_named(options_.aggregate));
    co_return verdict;
  }

  // A step's reward: the share of the votes that name no error up to it.
  asio::awaitable<std::vector<float>> at_once(const Problem& problem, Trace trace, Budget& budget) {
    const BranchPtr prompt = question(model_, whole_turns(problem, trace), budget);
    const std::vector<std::string> replies = co_await ask(model_, prompt, asking(trace), budget);
    if (budget.stopped()) co_return std::vector<float>();
    std::vector<float> good(trace.depth(), 0);
    float votes = 0;
    for (const std::string& reply : replies) {
      const std::optional<int> first_error = boxed_index(reply, trace.depth());
      if (!first_error) continue;
      ++votes;
      for (std::size_t i = 0; i < good.size(); ++i)
        good[i] += *first_error == -1 || static_cast<int>(i) < *first_error ? 1.0f : 0.0f;
    }
    for (float& reward : good) reward = votes > 0 ? reward / votes : kUnknown;
    kept_.put(trace, {good, shared_part(model_, prompt,
                                        model_.chat(whole_turns(problem, continued(trace))))});
    co_return good;
  }
  std::vector<Message> whole_turns(const Problem& problem, const Trace& trace) const {
    return prompt_.render(problem, {{"solution", numbered(trace)}});
  }

  asio::awaitable<std::vector<float>> step_by_step(const Problem& problem, Trace trace,
                                                   Budget& budget) {
    const std::vector<Trace> prefixes = unknown_prefixes(kept_, trace);
    std::vector<BranchPtr> prompts;
    std::vector<asio::awaitable<float>> fresh;
    for (const Trace& prefix : prefixes) {
      prompts.push_back(question(model_, step_turns(problem, prefix), budget));
      fresh.push_back(one_step(prompts.back(), prefix, budget));
    }
    const std::vector<float> rewards = co_await gather<float>(std::move(fresh));
    const Known* before = kept_.find(prefixes.front().parent());
    std::vector<float> process = before ? before->process : std::vector<float>();
    if (budget.stopped()) co_return std::vector<float>();
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      process.push_back(rewards[i]);
      kept_.put(prefixes[i],
                {process, shared_part(model_, prompts[i],
                                      model_.chat(step_turns(problem, continued(prefixes[i]))))});
    }
    co_return process;
  }

  std::vector<Message> step_turns(const Problem& problem, const Trace& trace) const {
    const std::string before(base::trim(trace.parent().text()));
    const Parts parts = {{"before", before.empty() ? "(nothing yet)" : before},
                         {"step", std::string(base::trim(trace.last().text))}};
    return prompt_.render(problem, parts);
  }

  asio::awaitable<float> one_step(BranchPtr prompt, Trace trace, Budget& budget) {
    const std::vector<std::string> replies = co_await ask(model_, prompt, asking(trace), budget);
    float good = 0, votes = 0;
    for (const std::string& reply : replies) {
      const std::optional<bool> correct = verdict_in(reply);
      if (!correct) continue;
      ++votes;
      good += *correct ? 1.0f : 0.0f;
    }
    co_return votes > 0 ? good / votes : kUnknown;
  }

  Asking asking(const Trace& trace) const {
    const bool whole = options_.form == "whole";
    return {.answers = options_.votes,
            .temperature = options_.votes == 1 ? 0 : options_.temperature,
            .max_tokens = options_.max_tokens,
            .seed = mix(seed_, trace.text()),
            .lead = whole ? "\n\nThe first wrong paragraph, or -1: " : "\n",
            .mark = whole ? std::string(kBoxed) : "Verdict:"};
  }

  static std::string numbered(const Trace& trace) {
    std::string text;
    const std::vector<const Step*> steps = trace.steps();
    for (std::size_t i = 0; i < steps.size(); ++i)
      text += fmt::format("{}<paragraph_{}>\n{}\n</paragraph_{}>", i > 0 ? "\n\n" : "", i,
                          base::trim(steps[i]->text), i);
    return text;
  }

  LanguageModel& model_;
  const Critic options_;
  const std::uint64_t seed_;
  Prompt prompt_;
  // Of a trace: the rewards of its steps, and the part of the question that a longer one needs.
  struct Known {
    std::vector<float> process;
    BranchPtr shared;
  };
  Kept<Known> kept_;
};

std::unique_ptr<Judge> make_critic(const Critic& options, const JudgeMeans& means) {
  return std::make_unique<CriticJudge>(model_for("critic", means), options, means.seed);
}

}  // namespace

Entry critic_judge() {
  return entry<Critic>(
      {"critic", "the model criticises a solution in words and names its first error",
       "Zheng et al. 2024, arXiv:2412.06559", Reads::model},
      make_critic);
}

}  // namespace cairn::judge
