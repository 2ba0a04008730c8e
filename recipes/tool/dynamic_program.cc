// Dynamic program prompting: the prompt of each question shows the programs of the solved questions
// that are most like it; what the program prints is the answer. Jie and Lu 2023, arXiv:2305.18170,
// sections 3.1, 3.2.
// Departs from the paper: likeness is that of words, not of embeddings (three kinds of embeddings
// did equally well there); the pool of a run is a prompt file, ours has 12 programs written by
// hand; a program ends at its closing fence; several programs can vote. No model is distilled.
#include <algorithm>

#include "cairn/examples.h"
#include "cairn/gather.h"
#include "cairn/program.h"
#include "cairn/recipe.h"
#include "cairn/rng.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct DynamicProgram {
  std::string pool = "tool/dynamic_program";
  int shots = 8;                 // the paper: 8
  std::string show = "similar";  // the paper: similar; the others are its ablations
  int samples = 1;               // the paper: 1
  float temperature = 0;         // the paper: 0
};

void describe(OptionSet& set, DynamicProgram& o) {
  set.add("pool", o.pool, {}, "solved questions: a prompt, or a FILE.md as in prompts/");
  set.add("shots", o.shots, 0, 64, "of them in the prompt, the most similar first");
  set.add("show", o.show, {"similar", "least", "random"}, "which of them");
  set.add("samples", o.samples, 1, 1024, "programs per problem; their results vote");
  set.add("temperature", o.temperature, 0, 2, "of each program");
}

std::vector<std::size_t> chosen(const Examples& pool, const Problem& problem,
                                const DynamicProgram& opt, std::uint64_t seed) {
  std::vector<std::size_t> order = pool.like(problem.question);
  if (opt.show == "least") std::reverse(order.begin(), order.end());
  if (opt.show == "random")
    std::sort(order.begin(), order.end(),
              [seed](std::size_t i, std::size_t j) { return mix(seed, i) < mix(seed, j); });
  order.resize(std::min(order.size(), static_cast<std::size_t>(opt.shots)));
  return order;
}

asio::awaitable<Outcome> dynamic_program(Kit& kit, const Problem& problem, DynamicProgram opt) {
  const Examples pool(prompt_read(opt.pool));
  const std::vector<std::size_t> shown = chosen(pool, problem, opt, kit.seed);
  Proposal proposal{.temperature = opt.temperature, .stop = {program::kFence}};
  proposal.turns = pool.with(shown).render(problem);
  std::vector<Trace> root = roots(opt.samples);
  std::vector<Trace> programs = co_await kit.policy.rollout(problem, std::move(root), proposal);
  std::vector<asio::awaitable<Trace>> runs;
  for (Trace& trace : programs) runs.push_back(program::executed(kit, problem, std::move(trace)));
  const std::vector<Trace> traces = co_await gather<Trace>(std::move(runs));
  co_return vote::majority(traces, problem);
}

Recipe dynamic_program_recipe() {
  return bind<DynamicProgram>(
      {.name = "dynamic_program",
       .family = "tool",
       .summary = "A program after the programs of the most similar solved questions.",
       .paper = "Jie and Lu 2023, arXiv:2305.18170",
       .status = "tested",
       .tools = true},
      dynamic_program);
}

}  // namespace cairn::recipes
