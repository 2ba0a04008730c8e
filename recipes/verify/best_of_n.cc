// Best of N: sample N chains of thought, and let a judge pick one.
// Cobbe et al. 2021, arXiv:2110.14168, section 4 (a verifier ranks 100 samples).
// Departs from the paper: any judge may rank; the paper trains one for it. Its vote among the best
// is verifier_vote.
#include "cairn/choose.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct BestOfN {
  int samples = 8;           // the paper: 100
  float temperature = 0.8f;  // the paper: 0.7
};

void describe(OptionSet& set, BestOfN& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem");
  set.add("temperature", o.temperature, 0, 2, "of each sample");
}

asio::awaitable<Outcome> best_of_n(Kit& kit, const Problem& problem, BestOfN opt) {
  std::vector<Trace> root = roots(opt.samples);
  const Proposal proposal{.temperature = opt.temperature};
  std::vector<Trace> traces = co_await kit.policy.rollout(problem, std::move(root), proposal);
  Outcome outcome = co_await chosen_by_judge(kit, problem, std::move(traces));
  co_return outcome;
}

Recipe best_of_n_recipe() {
  return bind<BestOfN>(
      {.name = "best_of_n",
       .family = "verify",
       .summary = "Many sampled lines of reasoning, and the one a judge likes best.",
       .paper = "Cobbe et al. 2021, arXiv:2110.14168",
       .status = "tested",
       .judge = "logprob",
       .prompt = "sample/cot",
       .samples = true},
      best_of_n);
}

}  // namespace cairn::recipes
