// Beam search over steps: every round each kept prefix is expanded, and a judge keeps the best.
// Snell et al. 2024, arXiv:2408.03314, section 5.2 ("beam search").
// Departs from the paper: any judge ranks, the paper trains a process reward model; a finished
// trace leaves the beam at once, and a trace that is unfinished after `depth` rounds does not vote.
#include "cairn/beam.h"

#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct Beam {
  int width = 4;               // prefixes kept; the paper: sqrt(N), or 4
  int expansions = 4;          // proposals for each
  int depth = 40;              // the paper stops at 40 rounds
  float temperature = 0.8f;    // the paper does not say
  std::string merge = "none";  // the paper keeps duplicates
  int lookahead = 0;           // the paper's "lookahead search": 1 to 3
  std::string choose = "weighted";
};

void describe(OptionSet& set, Beam& o) {
  set.add("width", o.width, 1, 256, "prefixes kept after each round");
  set.add("expansions", o.expansions, 1, 256, "proposals for each kept prefix");
  set.add("depth", o.depth, 1, 1000, "rounds: the longest trace in steps");
  set.add("temperature", o.temperature, 0, 2, "of each step");
  set.add("merge", o.merge, search::merge_names(), "siblings that say the same become one");
  set.add("lookahead", o.lookahead, 0, 100, "steps written beyond each new one to judge it");
  set.add("choose", o.choose, search::choose_names(), "how the finished traces become one answer");
}

asio::awaitable<Outcome> beam(Kit& kit, const Problem& problem, Beam opt) {
  Tree tree;
  search::Beam engine(tree, {.width = opt.width, .expansions = opt.expansions, .depth = opt.depth});
  search::GrowOptions grow{.proposal = {.temperature = opt.temperature},
                           .merge = search::merge_named(opt.merge),
                           .lookahead = opt.lookahead};
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::choose_named(opt.choose));
}

Recipe beam_recipe() {
  return bind<Beam>({.name = "beam",
                     .family = "search",
                     .summary = "Step by step, the prefixes that a judge likes best.",
                     .paper = "Snell et al. 2024, arXiv:2408.03314",
                     .status = "tested",
                     .judge = "logprob",
                     .prompt = "sample/cot"},
                    beam);
}

}  // namespace cairn::recipes
