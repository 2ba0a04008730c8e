// The Monte Carlo value of a prefix: the policy writes on from it several times.
// Wang et al. 2023 (Math-Shepherd), arXiv:2312.08935, section 3.2 (soft estimation).
// Departs from the paper: without a task there is no right answer to compare with, and the value is
// the share of the continuations that come to the most common answer.

#include <algorithm>

#include "cairn/error.h"
#include "cairn/outcome.h"
#include "cairn/vote.h"
#include "judge/registry.h"

namespace cairn::judge {
namespace {

struct RolloutValue {
  int samples = 4;           // the paper: 8
  float temperature = 0.8f;  // the paper does not say
};

void describe(OptionSet& set, RolloutValue& o) {
  set.add("samples", o.samples, 1, 256, "continuations of each trace");
  set.add("temperature", o.temperature, 0, 2, "of each continuation");
}

// Apart from the ordinals that searches give to children.
constexpr std::uint64_t kFirstOrdinal = std::uint64_t{1} << 32;

class RolloutValueJudge : public Judge {
 public:
  RolloutValueJudge(Policy& policy, const Task* task, RolloutValue options)
      : policy_(policy), task_(task), options_(options) {}

  std::string name() const override { return "rollout_value"; }

  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget&) override {
    std::vector<Trace> begun;
    for (const Trace& trace : traces)
      for (int i = 0; i < options_.samples; ++i)
        begun.push_back(trace.with_ordinal(kFirstOrdinal + static_cast<std::uint64_t>(i)));
    const Proposal proposal{.temperature = options_.temperature};
    const std::vector<Trace> ends = co_await policy_.rollout(problem, std::move(begun), proposal);
    std::vector<Verdict> verdicts;
    const auto each = static_cast<std::size_t>(options_.samples);
    for (std::size_t i = 0; i < traces.size(); ++i)
      verdicts.push_back({.outcome = value(problem, std::span(ends).subspan(i * each, each))});
    co_return verdicts;
  }

 private:
  float value(const Problem& problem, std::span<const Trace> ends) const {
    if (task_ == nullptr) return static_cast<float>(vote::majority(ends, problem).confidence);
    float sum = 0;
    for (const Trace& end : ends) sum += task_->read(problem, end.text()).value;
    return sum / static_cast<float>(ends.size());
  }

  Policy& policy_;
  const Task* const task_;
  const RolloutValue options_;
};

std::unique_ptr<Judge> make_rollout_value(const RolloutValue& options, const JudgeMeans& means) {
  if (means.policy == nullptr)
    throw Error(Fault::input, "rollout_value", "it lets a policy write on, and there is none",
                "Use it with a recipe, or another judge");
  return std::make_unique<RolloutValueJudge>(*means.policy, means.task, options);
}

}  // namespace

Entry rollout_value_judge() {
  return entry<RolloutValue>({"rollout_value", "what continuations of the trace come to",
                              "Wang et al. 2023, arXiv:2312.08935", Reads::policy},
                             make_rollout_value);
}

}  // namespace cairn::judge
