// Adaptive branching tree search: at each node Thompson sampling decides between one more child and
// going on below the children there are.
// Inoue et al. 2025 (AB-MCTS-A and -M, several models), arXiv:2503.04412, section 3.
// Departs from the paper: a child is the next step, valued by a rollout that the judge scores,
// instead of a refinement of a whole answer; with a second model (--draft) both make steps, and the
// first writes the rollouts.
#include "cairn/adaptive_branching.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct AbMcts {
  int iterations = 16;    // steps made, with a rollout each; the paper: up to 128 or 512 answers
  int lanes = 4;          // in flight; the paper: 1
  bool in_order = false;  // takes expansions up as they were begun
  std::string posterior = "beta";  // the paper: gaussian or beta (A), mixed (M)
  float temperature = 0.8f;
  std::string choose = "weighted";  // the paper: the best score
};

void describe(OptionSet& set, AbMcts& o) {
  set.add("iterations", o.iterations, 1, 100000, "steps made in all, with a rollout each");
  set.add("lanes", o.lanes, 1, 256, "expansions in flight");
  set.add("in_order", o.in_order, "taken up as begun, not as ended: the same tree every time");
  set.add("posterior", o.posterior, search::posterior_names(), "how rewards to come are foreseen");
  set.add("temperature", o.temperature, 0, 2, "of each step and rollout");
  set.add("choose", o.choose, search::choose_names(), "how the finished traces become one answer");
}

asio::awaitable<Outcome> ab_mcts(Kit& kit, const Problem& problem, AbMcts opt) {
  Tree tree;
  const bool two = &kit.draft != &kit.policy;
  search::AdaptiveBranching engine(tree, {.iterations = opt.iterations,
                                          .posterior = search::posterior_named(opt.posterior),
                                          .actors = two ? 2 : 1,
                                          .seed = kit.seed});
  const Proposal proposal{.temperature = opt.temperature};
  std::vector<FinishedTrace> rollouts;
  search::GrowOptions grow{.lanes = opt.lanes, .in_order = opt.in_order, .proposal = proposal};
  grow.actors = {&kit.policy, &kit.draft};
  grow.evaluate = [&](std::vector<Trace> traces) {
    return search::rolled_out(kit, problem, std::move(traces), proposal, rollouts);
  };
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::choose_named(opt.choose), std::move(rollouts));
}

Recipe ab_mcts_recipe() {
  return bind<AbMcts>({.name = "ab_mcts",
                       .family = "search",
                       .summary = "Tree search that decides at each step to go wider or deeper.",
                       .paper = "Inoue et al. 2025, arXiv:2503.04412",
                       .status = "tested",
                       .judge = "logprob",
                       .prompt = "sample/cot",
                       .draft = Draft::may},
                      ab_mcts);
}

}  // namespace cairn::recipes
