// Self-consistency: sample many chains of thought, keep the answer most of them reach.
// Wang et al. 2022, arXiv:2203.11171, section 2; the stop from evidence is the Beta rule of
// adaptive consistency, Aggarwal et al. 2023, arXiv:2305.11860, section 3.
// Departs from the paper: votes go over classes of equal answers; sampling stops once no remaining
// sample can change the winner, which leaves the winner as it is.
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct SelfConsistency {
  int samples = 8;           // traces per problem; the paper's main results use 40
  float temperature = 0.8f;  // the paper: 0.5 or 0.7, by model
  bool stop_early = true;    // once the winner is certain; the paper always draws all
  float confidence = 1;  // also stop when the posterior reaches this; adaptive consistency: 0.95
};

void describe(OptionSet& set, SelfConsistency& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem");
  set.add("temperature", o.temperature, 0, 2, "of each sample");
  set.add("stop_early", o.stop_early, "stop once no remaining sample can change the winner");
  set.add("confidence", o.confidence, 0.5f, 1,
          "stop when the leader's posterior of being ahead reaches this; 1: never");
}

asio::awaitable<Outcome> self_consistency(Kit& kit, const Problem& problem, SelfConsistency opt) {
  std::vector<Trace> root = roots(opt.samples);  // empty prefixes: they share the prompt's KV cells
  std::vector<Trace> traces;
  std::function<bool(Trace)> undecided = [&](Trace trace) {
    traces.push_back(std::move(trace));
    const std::vector<float> ones(traces.size(), 1.0f);
    const auto ballots = vote::tally(traces, ones, problem);
    const int remaining = opt.samples - static_cast<int>(traces.size());
    if (opt.stop_early && vote::settled(ballots, remaining)) return false;
    return opt.confidence >= 1 || vote::leader_posterior(ballots) < opt.confidence;
  };
  const Proposal proposal{.temperature = opt.temperature};
  co_await kit.policy.rollout_while(problem, std::move(root), proposal, undecided);
  co_return vote::majority(traces, problem);
}

Recipe self_consistency_recipe() {
  return bind<SelfConsistency>(
      {.name = "self_consistency",
       .family = "vote",
       .summary = "Many sampled lines of reasoning, and the answer most of them reach.",
       .paper = "Wang et al. 2022, arXiv:2203.11171",
       .status = "tested",
       .prompt = "sample/cot",
       .samples = true},
      self_consistency);
}

}  // namespace cairn::recipes
