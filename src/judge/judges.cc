#include "cairn/judges.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/nearest.h"
#include "cairn/error.h"
#include "cairn/gather.h"
#include "cairn/prompt.h"
#include "judge/arithmetic.h"

namespace cairn {
namespace {

class NoJudge : public Judge {
 public:
  std::string name() const override { return "none"; }
  asio::awaitable<std::vector<Verdict>> score(const Problem&, std::span<const Trace> traces,
                                              Budget&) override {
    std::vector<Verdict> verdicts(traces.size());
    co_return verdicts;
  }
};

// A number for each token, averaged over a step for its process reward and over the trace for the
// outcome reward; a step without tokens says nothing and gets 0.
class TokenMeanJudge : public Judge {
 public:
  using Values = const std::vector<float>& (*)(const Step&);
  using Scale = float (*)(double mean);

  TokenMeanJudge(std::string name, Values values, Scale scale)
      : name_(std::move(name)), values_(values), scale_(scale) {}

  std::string name() const override { return name_; }

  asio::awaitable<std::vector<Verdict>> score(const Problem&, std::span<const Trace> traces,
                                              Budget&) override {
    std::vector<Verdict> verdicts;
    for (const Trace& trace : traces) verdicts.push_back(score_one(trace));
    co_return verdicts;
  }

 private:
  Verdict score_one(const Trace& trace) const {
    Verdict verdict;
    double total = 0;
    std::size_t count = 0;
    for (const Step* step : trace.steps()) {
      const std::vector<float>& values = values_(*step);
      double sum = 0;
      for (const float value : values) sum += value;
      verdict.process.push_back(values.empty() ? 0.0f
                                               : scale_(sum / static_cast<double>(values.size())));
      total += sum;
      count += values.size();
    }
    verdict.outcome = count == 0 ? 0.0f : scale_(total / static_cast<double>(count));
    return verdict;
  }

  const std::string name_;
  const Values values_;
  const Scale scale_;
};

const std::vector<float>& logprobs_of(const Step& step) {
  return step.logprobs;
}
const std::vector<float>& certainties_of(const Step& step) {
  return step.certainties;
}

float probability(double mean_logprob) {
  return static_cast<float>(std::exp(std::min(0.0, mean_logprob)));
}
// Certainty is 0 for a uniform distribution and has no upper end; 1 - 1/(1 + c) keeps its order.
float bounded(double mean_certainty) {
  const double c = std::max(0.0, mean_certainty);
  return static_cast<float>(c / (1 + c));
}

// The task's own value of the steps so far.
class ExactJudge : public Judge {
 public:
  explicit ExactJudge(const Task& task) : task_(task) {}
  std::string name() const override { return "exact"; }
  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget&) override {
    std::vector<Verdict> verdicts;
    for (const Trace& trace : traces)
      verdicts.push_back({.outcome = task_.read(problem, trace.text()).value});
    co_return verdicts;
  }

 private:
  const Task& task_;
};

// Computes the stated arithmetic again. No model: what cannot be computed is neither good nor bad.
class ProgramCheckJudge : public Judge {
 public:
  std::string name() const override { return "program_check"; }
  asio::awaitable<std::vector<Verdict>> score(const Problem&, std::span<const Trace> traces,
                                              Budget&) override {
    std::vector<Verdict> verdicts;
    for (const Trace& trace : traces) verdicts.push_back(score_one(trace));
    co_return verdicts;
  }

 private:
  static Verdict score_one(const Trace& trace) {
    Verdict verdict;
    float least = 1, most = kUnknown;
    for (const Step* step : trace.steps()) {
      const judge::Arithmetic found = judge::check_arithmetic(step->text);
      const float reward = found.false_one ? 0 : found.equations > 0 ? 1 : kUnknown;
      verdict.process.push_back(reward);
      least = std::min(least, reward);
      most = std::max(most, reward);
    }
    verdict.outcome = least == 0 ? 0 : most;
    return verdict;
  }
  static constexpr float kUnknown = 0.5f;
};

// P(True): the question and the whole reasoning are shown, the labels' probabilities are read.
class SelfEvalJudge : public Judge {
 public:
  explicit SelfEvalJudge(LanguageModel& model)
      : model_(model),
        turns_(parse_prompt("prompts/judge/self_eval.md", prompt_text("judge/self_eval")).turns) {
    for (const char* label : {"A", "B"}) labels_.push_back(model_.tokenize(label, false));
    for (const auto& label : labels_)
      if (label.size() != 1)
        throw Error(
            Fault::model, "self_eval",
            fmt::format("the labels A and B are not single tokens of {}", model_.info().name),
            "Use another judge");
  }

  std::string name() const override { return "self_eval"; }

  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget& budget) override {
    std::vector<asio::awaitable<Verdict>> verdicts;
    for (const Trace& trace : traces) verdicts.push_back(score_one(problem, trace, budget));
    std::vector<Verdict> scored = co_await gather<Verdict>(std::move(verdicts));
    co_return scored;
  }

 private:
  asio::awaitable<Verdict> score_one(const Problem& problem, Trace trace, Budget& budget) {
    const std::vector<Token> tokens = model_.chat(render(problem, trace));
    BranchPtr branch = model_.branch(nullptr, tokens);
    budget.note_prompt(static_cast<std::int64_t>(tokens.size()));
    std::vector<float> p = co_await model_.label_probabilities(branch, labels_, budget);
    Verdict verdict;
    if (!p.empty()) verdict.outcome = p[0];
    co_return verdict;
  }

  // One pass over each turn, so that a placeholder inside the question or the reasoning stays text.
  std::vector<Message> render(const Problem& problem, const Trace& trace) const {
    constexpr std::string_view kProposal = "{proposal}";
    std::vector<Message> messages;
    for (const Message& turn : turns_) {
      const auto at = turn.content.find(kProposal);
      if (at == std::string::npos) {
        messages.push_back(Prompt{{turn}}.render(problem).front());
        continue;
      }
      const Message before{turn.role, turn.content.substr(0, at)};
      const Message after{turn.role, turn.content.substr(at + kProposal.size())};
      messages.push_back({turn.role, Prompt{{before}}.render(problem).front().content +
                                         trace.text() +
                                         Prompt{{after}}.render(problem).front().content});
    }
    return messages;
  }

  LanguageModel& model_;
  const std::vector<Message> turns_;
  std::vector<std::vector<Token>> labels_;
};

}  // namespace

const std::vector<JudgeInfo>& judge_list() {
  static const std::vector<JudgeInfo> list = {
      {"exact", "what a task's rules say of the steps so far (--task)", ""},
      {"logprob", "mean token probability: exp of the mean log-probability", ""},
      {"none", "0 for every trace", ""},
      {"program_check", "0 for a step with a false equation between numbers, 1 where all are true",
       ""},
      {"self_certainty", "how far the model's distributions were from uniform",
       "Kang et al. 2025, arXiv:2502.18581"},
      {"self_eval", "the probability the model itself gives to \"correct\"",
       "Kadavath et al. 2022, arXiv:2207.05221"},
  };
  return list;
}

void check_judge_name(std::string_view name) {
  std::vector<std::string> names;
  for (const JudgeInfo& judge : judge_list()) {
    if (judge.name == name) return;
    names.push_back(judge.name);
  }
  throw Error(Fault::input, "judge", fmt::format("there is no judge \"{}\"", name),
              base::did_you_mean(name, names));
}

std::unique_ptr<Judge> make_plain_judge(std::string_view name) {
  check_judge_name(name);
  if (name == "logprob")
    return std::make_unique<TokenMeanJudge>("logprob", logprobs_of, probability);
  if (name == "self_certainty")
    return std::make_unique<TokenMeanJudge>("self_certainty", certainties_of, bounded);
  if (name == "program_check") return std::make_unique<ProgramCheckJudge>();
  if (name == "none") return std::make_unique<NoJudge>();
  return nullptr;
}

std::unique_ptr<Judge> make_judge(std::string_view name, LanguageModel& model, const Task* task) {
  if (std::unique_ptr<Judge> plain = make_plain_judge(name)) return plain;
  if (name == "exact" && task == nullptr)
    throw Error(Fault::input, "judge", "exact needs a task, and none is given",
                "Give --task NAME, or use another judge");
  if (name == "exact") return std::make_unique<ExactJudge>(*task);
  return std::make_unique<SelfEvalJudge>(model);
}

}  // namespace cairn
