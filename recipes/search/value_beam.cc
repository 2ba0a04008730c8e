// Guided decoding by outcome values: each of b beams draws K/b lines, the b of highest value stay.
// Yu et al. 2023 (OVM), arXiv:2311.09724, section 3.
// Departs from the paper: the value comes from any judge instead of a trained value model; there is
// no calculator; a model's own lines are shorter than the paper's ten, so there may be more of
// them.
#include "cairn/beam.h"
#include "cairn/error.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct ValueBeam {
  int samples = 20;          // K, lines drawn in each round; the paper: 20 to 100
  int beams = 4;             // b; the paper: 1 to 50
  int depth = 40;            // the paper: 10 lines
  float temperature = 0.7f;  // the paper: 0.7
};

void describe(OptionSet& set, ValueBeam& o) {
  set.add("samples", o.samples, 1, 1024, "lines drawn in each round, shared out over the beams");
  set.add("beams", o.beams, 1, 256, "prefixes kept after each round");
  set.add("depth", o.depth, 1, 1000, "rounds: the longest trace in lines");
  set.add("temperature", o.temperature, 0, 2, "of each line");
}

asio::awaitable<Outcome> value_beam(Kit& kit, const Problem& problem, ValueBeam opt) {
  if (opt.samples < opt.beams)
    throw Error(Fault::input, "value_beam",
                "samples=" + std::to_string(opt.samples) +
                    " is less than one for each of beams=" + std::to_string(opt.beams),
                "Each beam draws samples/beams lines: raise samples, or lower beams");
  Tree tree;
  search::Beam engine(
      tree, {.width = opt.beams, .expansions = opt.samples / opt.beams, .depth = opt.depth});
  search::GrowOptions grow{.proposal = {.temperature = opt.temperature, .max_step_tokens = 100}};
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::Choose::best);
}

Recipe value_beam_recipe() {
  return bind<ValueBeam>(
      {.name = "value_beam",
       .family = "search",
       .summary = "Lines of reasoning kept by the value of their answer to come.",
       .paper = "Yu et al. 2023, arXiv:2311.09724",
       .status = "tested",
       .judge = "logprob",
       .prompt = "sample/cot"},
      value_beam);
}

}  // namespace cairn::recipes
