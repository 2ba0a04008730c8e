// Monte Carlo tree search over steps: PUCT selection, and each new step is valued by a rollout to
// an answer that the judge scores. Feng et al. 2023 (TS-LLM), arXiv:2309.17179, section 3; PUCT is
// Silver et al. 2017.
// Departs from the paper: no learned value, rollouts or any judge instead; the prior is the
// geometric mean of a step's token probabilities; siblings that say the same are one; rollouts vote
// as well.
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/tree_search.h"

namespace cairn::recipes {

struct Mcts {
  int iterations = 8;         // expansions; the paper: by budget
  int expansions = 2;         // children of each
  float exploration = 1.25f;  // c of PUCT
  int lanes = 4;              // expansions in flight, kept apart by virtual loss
  bool in_order = false;      // takes expansions up as they were begun
  float temperature = 0.8f;
  std::string value = "rollout";  // of a new step; the paper: a learned value of the step itself
  std::string backup = "mean";
  std::string choose = "weighted";
};

void describe(OptionSet& set, Mcts& o) {
  set.add("iterations", o.iterations, 1, 100000, "expansions in all");
  set.add("expansions", o.expansions, 1, 256, "new steps of each");
  set.add("exploration", o.exploration, 0, 100, "weight of the prior and of novelty");
  set.add("lanes", o.lanes, 1, 256, "expansions in flight");
  set.add("in_order", o.in_order, "taken up as begun, not as ended: the same tree every time");
  set.add("temperature", o.temperature, 0, 2, "of each step and rollout");
  set.add("value", o.value, {"rollout", "judge"},
          "of a new step: the judge's of where a rollout ends, or of the step itself");
  set.add("backup", o.backup, {"mean", "max"}, "of the values below a step, its own");
  set.add("choose", o.choose, search::choose_names(), "how the finished traces become one answer");
}

asio::awaitable<Outcome> mcts(Kit& kit, const Problem& problem, Mcts opt) {
  Tree tree;
  search::TreeSearch engine(
      tree, {.exploration = opt.exploration,
             .expansions = opt.expansions,
             .iterations = opt.iterations,
             .backup = opt.backup == "max" ? search::Backup::max : search::Backup::mean});
  const Proposal proposal{.temperature = opt.temperature};
  std::vector<FinishedTrace> rollouts;
  search::GrowOptions grow{.lanes = opt.lanes,
                           .in_order = opt.in_order,
                           .proposal = proposal,
                           .merge = search::Merge::normalised};
  if (opt.value == "rollout")
    grow.evaluate = [&](std::vector<Trace> traces) {
      return search::rolled_out(kit, problem, std::move(traces), proposal, rollouts);
    };
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::choose_named(opt.choose), std::move(rollouts));
}

Recipe mcts_recipe() {
  return bind<Mcts>({.name = "mcts",
                     .family = "search",
                     .summary = "Monte Carlo tree search with rollouts to an answer.",
                     .paper = "Feng et al. 2023, arXiv:2309.17179",
                     .status = "tested",
                     .judge = "logprob",
                     .prompt = "sample/cot"},
                    mcts);
}

}  // namespace cairn::recipes
