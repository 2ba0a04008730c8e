// Particle filtering over steps: traces are reweighted by their rewards after every step and
// resampled.
// Puri et al. 2025, arXiv:2502.01618, section 4.
// Departs from the paper: the weight of a step is exp(lambda * reward) with any judge's reward, the
// paper takes the odds of a process reward model; systematic instead of multinomial resampling.
#include "cairn/particles.h"

#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct ParticleFilter {
  int particles = 8;            // the paper: 4 to 128
  int depth = 40;               // the paper: 40 steps
  float lambda = 4;             // 1 / the paper's temperature of the rewards
  float temperature = 0.8f;     // the paper: 0.8
  int sweeps = 1;               // particle Gibbs: the paper: 1 to 8
  std::string choose = "best";  // the paper: the highest final reward
};

void describe(OptionSet& set, ParticleFilter& o) {
  set.add("particles", o.particles, 1, 1024, "traces side by side");
  set.add("depth", o.depth, 1, 1000, "rounds: the longest trace in steps");
  set.add("lambda", o.lambda, 0, 1000, "how sharply rewards decide");
  set.add("temperature", o.temperature, 0, 2, "of each step");
  set.add("sweeps", o.sweeps, 1, 1000, "rounds of particle Gibbs; 1: particle filtering alone");
  set.add("choose", o.choose, search::choose_names(),
          "how the finished traces become one answer; weighted: by particle weights");
}

asio::awaitable<Outcome> particles(Kit& kit, const Problem& problem, ParticleFilter opt) {
  Tree tree;
  const search::ParticleOptions options{.particles = opt.particles,
                                        .depth = opt.depth,
                                        .potential = search::Potential::immediate,
                                        .lambda = opt.lambda,
                                        .ess = 1,
                                        .seed = kit.seed};
  search::ParticleGibbs engine(tree, options, opt.sweeps);
  search::GrowOptions grow{.proposal = {.temperature = opt.temperature}};
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return engine.outcome(problem, search::choose_named(opt.choose));
}

Recipe particles_recipe() {
  return bind<ParticleFilter>(
      {.name = "particles",
       .family = "search",
       .summary = "Lines of reasoning that multiply or die by their rewards.",
       .paper = "Puri et al. 2025, arXiv:2502.01618",
       .status = "tested",
       .judge = "logprob",
       .prompt = "sample/cot"},
      particles);
}

}  // namespace cairn::recipes
