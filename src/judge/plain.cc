// The judges that ask no model: none, exact, program_check, and the means over what was noted while
// a trace was drawn.

#include <algorithm>
#include <cmath>

#include "cairn/error.h"
#include "judge/arithmetic.h"
#include "judge/each_trace.h"
#include "judge/registry.h"

namespace cairn::judge {
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

// ---- what was noted while a trace was drawn

struct TokenMean {
  int tail = 0;
  int group = 0;
};

void describe(OptionSet& set, TokenMean& o) {
  set.add("tail", o.tail, 0, 1 << 20, "the outcome reads the last so many tokens; 0: all");
  set.add("group", o.group, 0, 1 << 20,
          "the outcome is the lowest mean of so many tokens in a row; 0: of all at once");
}

// A number for each token, averaged over a step for its process reward and over the trace for the
// outcome reward; a step without tokens says nothing and gets 0. What a tool wrote is left out: its
// step has the reward of the one before.
class TokenMeanJudge : public ReadingJudge {
 public:
  struct Kind {
    std::string name;
    std::vector<float> Step::*values;
    float sign;                    // -1: the less the better
    float (*scale)(double value);  // of a mean of sign * value
  };

  TokenMeanJudge(Kind kind, TokenMean options) : kind_(std::move(kind)), options_(options) {}

  std::string name() const override { return kind_.name; }

 private:
  Verdict score_one(const Problem&, const Trace& trace) const override {
    Verdict verdict;
    std::vector<float> all;
    for (const Step* step : trace.steps()) {
      if (step->tool && !verdict.process.empty()) {
        verdict.process.push_back(verdict.process.back());
        continue;
      }
      std::vector<float> values = step->*kind_.values;
      for (float& value : values) value *= kind_.sign;
      verdict.process.push_back(reward_of(values));
      all.insert(all.end(), values.begin(), values.end());
    }
    const auto tail = static_cast<std::size_t>(options_.tail);
    if (tail > 0 && all.size() > tail)
      all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(tail));
    const auto group = static_cast<std::size_t>(options_.group);
    verdict.outcome = group > 0 && all.size() > group ? lowest_group(all, group) : reward_of(all);
    return verdict;
  }

  float reward_of(std::span<const float> values) const {
    double sum = 0;
    for (const float value : values) sum += value;
    return values.empty() ? 0.0f : kind_.scale(sum / static_cast<double>(values.size()));
  }

  float lowest_group(const std::vector<float>& values, std::size_t group) const {
    double sum = 0;
    for (std::size_t i = 0; i < group; ++i) sum += values[i];
    double least = sum;
    for (std::size_t i = group; i < values.size(); ++i) {
      sum += values[i] - values[i - group];
      least = std::min(least, sum);
    }
    return kind_.scale(least / static_cast<double>(group));
  }

  const Kind kind_;
  const TokenMean options_;
};

float exp_of(double mean) {
  return static_cast<float>(std::exp(std::min(0.0, mean)));
}
// Certainty is 0 for a uniform distribution and has no upper end; 1 - 1/(1 + c) keeps its order.
float bounded(double mean_certainty) {
  const double c = std::max(0.0, mean_certainty);
  return static_cast<float>(c / (1 + c));
}

std::unique_ptr<Judge> make_logprob(const TokenMean& options, const JudgeMeans&) {
  return std::make_unique<TokenMeanJudge>(
      TokenMeanJudge::Kind{"logprob", &Step::logprobs, 1, exp_of}, options);
}
std::unique_ptr<Judge> make_self_certainty(const TokenMean& options, const JudgeMeans&) {
  return std::make_unique<TokenMeanJudge>(
      TokenMeanJudge::Kind{"self_certainty", &Step::certainties, 1, bounded}, options);
}
// exp(-entropy): 1 over the number of words that the model hesitated between.
std::unique_ptr<Judge> make_entropy(const TokenMean& options, const JudgeMeans&) {
  return std::make_unique<TokenMeanJudge>(
      TokenMeanJudge::Kind{"entropy", &Step::entropies, -1, exp_of}, options);
}

// ---- rules

// The task's own value of the steps so far.
class ExactJudge : public ReadingJudge {
 public:
  explicit ExactJudge(const Task& task) : task_(task) {}
  std::string name() const override { return "exact"; }

 private:
  Verdict score_one(const Problem& problem, const Trace& trace) const override {
    return {.outcome = task_.read(problem, trace.text()).value};
  }

  const Task& task_;
};

std::unique_ptr<Judge> make_exact(const NoOptions&, const JudgeMeans& means) {
  if (means.task == nullptr)
    throw Error(Fault::input, "judge", "exact needs a task, and none is given",
                "Give --task NAME, or use another judge");
  return std::make_unique<ExactJudge>(*means.task);
}

// Computes the stated arithmetic again. No model: what cannot be computed is neither good nor bad.
class ProgramCheckJudge : public ReadingJudge {
 public:
  std::string name() const override { return "program_check"; }

 private:
  Verdict score_one(const Problem&, const Trace& trace) const override {
    Verdict verdict;
    float least = 1, most = kUnknown;
    for (const Step* step : trace.steps()) {
      const Arithmetic found = check_arithmetic(step->text);
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

template <class J>
std::unique_ptr<Judge> make_plain(const NoOptions&, const JudgeMeans&) {
  return std::make_unique<J>();
}

}  // namespace

std::vector<Entry> token_mean_judges() {
  return {entry<TokenMean>({"entropy",
                            "how few words the model hesitated between: exp of minus "
                            "the mean entropy",
                            "tail and group: Fu et al. 2025, arXiv:2508.15260", Reads::sampling},
                           make_entropy),
          entry<TokenMean>({"logprob", "mean token probability: exp of the mean log-probability",
                            "", Reads::sampling},
                           make_logprob),
          entry<TokenMean>({"self_certainty", "how far the model's distributions were from uniform",
                            "Kang et al. 2025, arXiv:2502.18581; tail and group: Fu et al. 2025, "
                            "arXiv:2508.15260",
                            Reads::sampling},
                           make_self_certainty)};
}
Entry none_judge() {
  return entry<NoOptions>({"none", "0 for every trace", ""}, make_plain<NoJudge>);
}
Entry exact_judge() {
  return entry<NoOptions>(
      {"exact", "what a task's rules say of the steps so far (--task)", "", Reads::task},
      make_exact);
}
Entry program_check_judge() {
  return entry<NoOptions>(
      {"program_check", "0 for a step with a false equation between numbers, 1 where all are true",
       ""},
      make_plain<ProgramCheckJudge>);
}

}  // namespace cairn::judge
