// Feynman-Kac steering: particles whose potentials multiply to exp(lambda * final reward),
// resampled only when few of them carry the weight. Singhal et al. 2025, arXiv:2501.06848, section
// 3.
// Departs from the paper: reasoning steps instead of denoising steps; weights are kept when no
// resampling takes place (the authors' code drops them), and stay in log space.
#include "cairn/kit.h"
#include "cairn/particles.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct FkSteering {
  int particles = 8;                      // the paper: 4 to 8
  int depth = 40;                         // rounds
  float lambda = 10;                      // the paper: 10
  std::string potential = "difference";   // the paper: difference, max or sum
  std::string resampling = "systematic";  // the paper's code: multinomial
  float ess = 0.5f;                       // the paper: 0.5
  float temperature = 0.8f;
};

void describe(OptionSet& set, FkSteering& o) {
  set.add("particles", o.particles, 1, 1024, "traces side by side");
  set.add("depth", o.depth, 1, 1000, "rounds: the longest trace in steps");
  set.add("lambda", o.lambda, 0, 1000, "how sharply rewards decide");
  set.add("potential", o.potential, search::potential_names(), "what a step's reward counts");
  set.add("resampling", o.resampling, search::resampling_names(), "how survivors are drawn");
  set.add("ess", o.ess, 0, 1, "resample below this share of effective particles; 1: always");
  set.add("temperature", o.temperature, 0, 2, "of each step");
}

asio::awaitable<Outcome> fk_steering(Kit& kit, const Problem& problem, FkSteering opt) {
  Tree tree;
  search::Particles engine(tree, {.particles = opt.particles,
                                  .depth = opt.depth,
                                  .potential = search::potential_named(opt.potential),
                                  .lambda = opt.lambda,
                                  .resampling = search::resampling_named(opt.resampling),
                                  .ess = opt.ess,
                                  .seed = kit.seed});
  search::GrowOptions grow{.proposal = {.temperature = opt.temperature}};
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return engine.outcome(problem, search::Choose::best);
}

Recipe fk_steering_recipe() {
  return bind<FkSteering>({.name = "fk_steering",
                           .family = "search",
                           .summary = "Particles steered towards high rewards, with exact weights.",
                           .paper = "Singhal et al. 2025, arXiv:2501.06848",
                           .status = "tested",
                           .judge = "logprob",
                           .prompt = "sample/cot"},
                          fk_steering);
}

}  // namespace cairn::recipes
