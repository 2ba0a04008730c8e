// AlphaMath's step-level beam search: B1 beams, B2 steps each, a value keeps the best.
// Chen et al. 2024, arXiv:2405.03553, section 3.3 (SBS).
// Departs from the paper: the value comes from any judge instead of the policy's own value head;
// steps are lines and blocks of code, shorter than the paper's, so there may be more.
#include "cairn/beam.h"
#include "cairn/code_step.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct AlphamathSbs {
  int beams = 3;          // B1; the paper: 1 to 5
  int expansions = 5;     // B2; the paper: 5
  int depth = 40;         // the paper: 10
  float temperature = 1;  // the paper: 0.6 or 1
};

void describe(OptionSet& set, AlphamathSbs& o) {
  set.add("beams", o.beams, 1, 256, "prefixes kept after each round; each answer takes one away");
  set.add("expansions", o.expansions, 1, 256, "proposals for each kept prefix");
  set.add("depth", o.depth, 1, 1000, "rounds: the longest trace in steps");
  set.add("temperature", o.temperature, 0, 2, "of each step");
}

asio::awaitable<Outcome> alphamath_sbs(Kit& kit, const Problem& problem, AlphamathSbs opt) {
  Tree tree;
  search::Beam engine(
      tree, {.width = opt.beams, .expansions = opt.expansions, .depth = opt.depth, .shrink = true});
  search::GrowOptions grow{.proposal = {.temperature = opt.temperature},
                           .merge = search::Merge::normalised};
  grow.propose = [&](std::vector<Trace> wanted) {
    return extend_with_code(kit, problem, std::move(wanted), grow.proposal);
  };
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::Choose::best);
}

Recipe alphamath_sbs_recipe() {
  return bind<AlphamathSbs>(
      {.name = "alphamath_sbs",
       .family = "search",
       .summary = "A step beam that narrows with each answer; steps may hold Python.",
       .paper = "Chen et al. 2024, arXiv:2405.03553",
       .status = "tested",
       .judge = "logprob",
       .prompt = "search/code_steps",
       .tools = true},
      alphamath_sbs);
}

}  // namespace cairn::recipes
