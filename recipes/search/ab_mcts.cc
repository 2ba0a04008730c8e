// Adaptive branching tree search: at each node Thompson sampling decides between one more child and
// going on below the children there are.
// Inoue et al. 2025 (AB-MCTS-A), arXiv:2503.04412, section 3.2.
// Departs from the paper: a child is the next step, valued by a rollout that the judge scores,
// instead of a refinement of a whole answer; one model acts.
#include "cairn/adaptive_branching.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct AbMcts {
  int iterations = 16;  // steps made, with a rollout each; the paper: up to 128 or 512 answers
  int lanes = 4;        // in flight; the paper: 1
  float temperature = 0.8f;
  std::string choose = "weighted";  // the paper: the best score
};

void describe(OptionSet& set, AbMcts& o) {
  set.add("iterations", o.iterations, 1, 100000, "steps made in all, with a rollout each");
  set.add("lanes", o.lanes, 1, 256, "expansions in flight");
  set.add("temperature", o.temperature, 0, 2, "of each step and rollout");
  set.add("choose", o.choose, search::choose_names(), "how the finished traces become one answer");
}

asio::awaitable<Outcome> ab_mcts(Kit& kit, const Problem& problem, AbMcts opt) {
  Tree tree;
  search::AdaptiveBranching engine(tree, {.iterations = opt.iterations, .seed = kit.seed});
  const Proposal proposal{.temperature = opt.temperature};
  std::vector<FinishedTrace> rollouts;
  search::GrowOptions grow{.lanes = opt.lanes, .proposal = proposal};
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
                       .prompt = "sample/cot"},
                      ab_mcts);
}

}  // namespace cairn::recipes
