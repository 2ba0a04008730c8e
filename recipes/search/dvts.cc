// Diverse verifier tree search: the budget is split into subtrees that never compete, each a beam
// of width 1. Beeching, Tunstall, Rush 2024, "Scaling test-time compute with open models"; the beam
// inside is Snell et al. 2024, arXiv:2408.03314, section 5.2.
// Departs from the paper: any judge ranks; subtrees do not wait for each other.
#include "cairn/beam.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct Dvts {
  int subtrees = 4;          // the paper: N / expansions, N from 4 to 256
  int expansions = 4;        // the paper: 4
  int depth = 40;            // the paper: 40
  float temperature = 0.8f;  // the paper: 0.8
  std::string choose = "weighted";
};

void describe(OptionSet& set, Dvts& o) {
  set.add("subtrees", o.subtrees, 1, 256, "independent greedy searches");
  set.add("expansions", o.expansions, 1, 256, "proposals at each step of a subtree");
  set.add("depth", o.depth, 1, 1000, "the longest trace in steps");
  set.add("temperature", o.temperature, 0, 2, "of each step");
  set.add("choose", o.choose, search::choose_names(), "how the finished traces become one answer");
}

asio::awaitable<Outcome> dvts(Kit& kit, const Problem& problem, Dvts opt) {
  Tree tree;
  search::DiverseBeams engine(tree, opt.subtrees,
                              {.width = 1, .expansions = opt.expansions, .depth = opt.depth});
  search::GrowOptions grow{.in_order = false, .proposal = {.temperature = opt.temperature}};
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::choose_named(opt.choose));
}

Recipe dvts_recipe() {
  return bind<Dvts>({.name = "dvts",
                     .family = "search",
                     .summary = "Several step searches that stay apart from each other.",
                     .paper = "Beeching et al. 2024; Snell et al. 2024, arXiv:2408.03314",
                     .status = "tested",
                     .judge = "logprob",
                     .prompt = "sample/cot"},
                    dvts);
}

}  // namespace cairn::recipes
