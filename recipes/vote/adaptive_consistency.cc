// Adaptive consistency: sample until the majority is sure enough.
// Aggarwal et al. 2023, arXiv:2305.11860, section 3 (the Beta stopping rule).
// Departs from the paper: `batch` samples are in flight at once instead of one; votes go over
// classes of equal answers.
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct AdaptiveConsistency {
  int samples = 40;          // at most; the paper: 40
  int batch = 4;             // in flight; the paper: 1
  float confidence = 0.95f;  // the paper: 0.95
  float temperature = 0.7f;  // the paper: 0.7
};

void describe(OptionSet& set, AdaptiveConsistency& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem, at most");
  set.add("batch", o.batch, 1, 256, "samples in flight");
  set.add("confidence", o.confidence, 0.5f, 1, "posterior of the leader at which it stops");
  set.add("temperature", o.temperature, 0, 2, "of each sample");
}

asio::awaitable<Outcome> adaptive_consistency(Kit& kit, const Problem& problem,
                                              AdaptiveConsistency opt) {
  const Proposal proposal{.temperature = opt.temperature};
  std::vector<Trace> traces;
  bool sure = false;
  while (!sure && static_cast<int>(traces.size()) < opt.samples && !kit.budget.stopped()) {
    std::vector<Trace> next = roots(opt.samples);
    const auto first = next.begin() + static_cast<std::ptrdiff_t>(traces.size());
    const auto last = first + std::min<std::ptrdiff_t>(opt.batch, next.end() - first);
    std::vector<Trace> batch(first, last);
    batch = co_await kit.policy.rollout(problem, std::move(batch), proposal);
    traces.insert(traces.end(), batch.begin(), batch.end());
    const std::vector<float> ones(traces.size(), 1.0f);
    const auto ballots = vote::tally(traces, ones, problem);
    sure = vote::leader_posterior(ballots) >= opt.confidence;
  }
  co_return vote::majority(traces, problem);
}

Recipe adaptive_consistency_recipe() {
  return bind<AdaptiveConsistency>({.name = "adaptive_consistency",
                                    .family = "vote",
                                    .summary = "Samples until the majority is sure enough.",
                                    .paper = "Aggarwal et al. 2023, arXiv:2305.11860",
                                    .status = "tested",
                                    .prompt = "sample/cot",
                                    .samples = true},
                                   adaptive_consistency);
}

}  // namespace cairn::recipes
