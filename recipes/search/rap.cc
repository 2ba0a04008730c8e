// Reasoning via planning: the language model proposes actions and is the world that answers them,
// and Monte Carlo tree search finds the plan of highest reward.
// Hao et al. 2023 (RAP), arXiv:2305.14992, sections 3.1 to 3.4.
// Departs from the paper: usefulness is asked behind the action, not in a prompt of its own; the
// rewards of moves lie in [0, 1] and are averaged as those of questions are (the paper sums them),
// and with a task its rules are the world.
#include "cairn/kit.h"
#include "cairn/plan_search.h"
#include "cairn/recipe.h"
#include "cairn/world_model.h"

namespace cairn::recipes {

struct Rap {
  std::string world = "questions";
  int iterations = 10;       // the paper: 10
  int actions = 4;           // the paper: 4
  int depth = 5;             // the paper: 5 sub-questions, or as many moves as the plan has
  int answers = 8;           // the paper: up to 8, two at a time
  float alpha = 0.5f;        // the paper: 0.5
  float exploration = 1;     // w of UCT; the paper: 1
  float temperature = 0.8f;  // the paper: 0.8
  std::string choose = "weighted";
};

void describe(OptionSet& set, Rap& o) {
  set.add("world", o.world, {"questions", "moves"},
          "sub-questions that the model answers, or a task's moves (--task)");
  set.add("iterations", o.iterations, 1, 10000, "walks to the end of a plan");
  set.add("actions", o.actions, 1, 64, "tried in each state; those that say the same are one");
  set.add("depth", o.depth, 1, 100, "actions of the longest plan");
  set.add("answers", o.answers, 1, 64, "questions: answers drawn to each, at most");
  set.add("alpha", o.alpha, 0, 1, "weight of usefulness against confidence or likelihood");
  set.add("exploration", o.exploration, 0, 100, "weight of novelty");
  set.add("temperature", o.temperature, 0, 2, "of actions and answers");
  set.add("choose", o.choose, search::choose_names(), "how the plans' ends become one answer");
}

asio::awaitable<Outcome> rap(Kit& kit, const Problem& problem, Rap opt) {
  Tree tree;
  const bool moves = opt.world == "moves";
  search::WorldModel world(kit, problem,
                           {.moves = moves,
                            .answers = opt.answers,
                            .depth = opt.depth,
                            .alpha = opt.alpha,
                            .proposal = {.temperature = opt.temperature}});
  search::PlanSearch engine(tree, {.iterations = opt.iterations,
                                   .actions = opt.actions,
                                   .depth = opt.depth,
                                   .exploration = opt.exploration,
                                   .states_apart = !moves});
  search::GrowOptions grow{.lanes = 1, .merge = search::Merge::normalised};
  grow.propose = [&](std::vector<Trace> wanted) { return world.propose(std::move(wanted)); };
  grow.evaluate = [&](std::vector<Trace> traces) { return world.rewards(std::move(traces)); };
  co_await search::grow(kit, problem, tree, engine, grow);
  for (Tree::Index node = 1; node < tree.size(); ++node)
    if (tree[node].trace.finished()) tree.set_reward(node, engine.path_reward(node));
  co_return search::outcome(tree, problem, search::choose_named(opt.choose));
}

Recipe rap_recipe() {
  return bind<Rap>(
      {.name = "rap",
       .family = "search",
       .summary = "Tree search over sub-questions or moves in a world the model plays.",
       .paper = "Hao et al. 2023, arXiv:2305.14992",
       .status = "tested"},
      rap);
}

}  // namespace cairn::recipes
