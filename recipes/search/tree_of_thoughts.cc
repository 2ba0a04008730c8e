// Tree of thoughts: propose several next thoughts, value the states they lead to, and go on breadth
// first with the best or depth first with a way back.
// Yao et al. 2023, arXiv:2305.10601, section 3 (algorithms 1 and 2).
// Departs from the paper: proposals are sampled one by one, and those that say the same are one;
// any judge values a state, the paper samples "sure / likely / impossible" three times.
#include "cairn/beam.h"
#include "cairn/best_first.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct TreeOfThoughts {
  std::string search = "bfs";  // the paper: bfs for game24, dfs for crosswords
  int breadth = 5;             // b of breadth-first search; the paper: 5
  int proposals = 8;           // k for each state; the paper: all the model proposes
  int depth = 16;              // the paper: 3 thoughts for game24
  float prune = 0.1f;          // dfs: states of a lower value are given up
  int max_expanded = 100;      // dfs: states expanded; the paper: 100
  float temperature = 0.7f;    // the paper: 0.7
};

void describe(OptionSet& set, TreeOfThoughts& o) {
  set.add("search", o.search, {"bfs", "dfs"}, "breadth or depth first");
  set.add("breadth", o.breadth, 1, 256, "bfs: states kept at each depth");
  set.add("proposals", o.proposals, 1, 256, "thoughts drawn for each state");
  set.add("depth", o.depth, 1, 1000, "the longest trace in thoughts");
  set.add("prune", o.prune, 0, 1, "dfs: the least value of a state that is followed");
  set.add("max_expanded", o.max_expanded, 1, 100000, "dfs: states expanded in all");
  set.add("temperature", o.temperature, 0, 2, "of each thought");
}

asio::awaitable<Outcome> tree_of_thoughts(Kit& kit, const Problem& problem, TreeOfThoughts opt) {
  Tree tree;
  search::Beam breadth(tree,
                       {.width = opt.breadth, .expansions = opt.proposals, .depth = opt.depth});
  search::BestFirst depth(tree, {.expansions = opt.proposals,
                                 .max_expanded = opt.max_expanded,
                                 .depth = opt.depth,
                                 .prune = opt.prune,
                                 .depth_first = true});
  const bool dfs = opt.search == "dfs";
  search::Engine& engine = dfs ? static_cast<search::Engine&>(depth) : breadth;
  search::GrowOptions grow{.lanes = dfs ? 1 : 32,
                           .proposal = {.temperature = opt.temperature},
                           .merge = search::Merge::normalised};
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::Choose::best);
}

Recipe tree_of_thoughts_recipe() {
  return bind<TreeOfThoughts>({.name = "tree_of_thoughts",
                               .family = "search",
                               .summary = "Thoughts proposed, valued, and followed or left.",
                               .paper = "Yao et al. 2023, arXiv:2305.10601",
                               .status = "tested",
                               .judge = "self_eval",
                               .prompt = "sample/cot"},
                              tree_of_thoughts);
}

}  // namespace cairn::recipes
