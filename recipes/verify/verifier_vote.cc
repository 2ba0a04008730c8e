// Verifier vote: sample N chains of thought, and let equal answers add up what a verifier gives
// them. Li et al. 2022 (DiVeRSe), arXiv:2206.02336, section 3.2 (the voting verifier).
// Departs from the paper: one prompt instead of five, and any judge instead of a trained one; its
// step-aware variant is what `fold` does with a judge of steps.
#include "cairn/fold.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct VerifierVote {
  int samples = 8;           // the paper: 100, 20 for each of 5 prompts
  float temperature = 0.8f;  // the paper: 0.5
  std::string fold = "outcome";
};

void describe(OptionSet& set, VerifierVote& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem");
  set.add("temperature", o.temperature, 0, 2, "of each sample");
  set.add("fold", o.fold, fold_names(), "what a trace weighs: its outcome, or its steps' rewards");
}

asio::awaitable<Outcome> verifier_vote(Kit& kit, const Problem& problem, VerifierVote opt) {
  std::vector<Trace> root = roots(opt.samples);
  const Proposal proposal{.temperature = opt.temperature};
  const std::vector<Trace> traces = co_await kit.policy.rollout(problem, std::move(root), proposal);
  const auto verdicts = co_await kit.judge.score(problem, traces, kit.budget);
  co_return vote::weighted(traces, folded(verdicts, fold_named(opt.fold)), problem);
}

Recipe verifier_vote_recipe() {
  return bind<VerifierVote>({.name = "verifier_vote",
                             .family = "verify",
                             .summary = "Many sampled lines of reasoning, each voting with what a "
                                        "judge gives it.",
                             .paper = "Li et al. 2022, arXiv:2206.02336",
                             .status = "tested",
                             .judge = "logprob",
                             .prompt = "sample/cot",
                             .samples = true},
                            verifier_vote);
}

}  // namespace cairn::recipes
