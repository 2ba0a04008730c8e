// Program-aided reasoning: the model writes a program, and what the program prints is the answer;
// of several programs the results vote. Gao et al. 2022 (PAL), arXiv:2211.10435, sections 3, 4.3.
// Departs from the paper: two worked examples instead of eight, in the chat form; a program ends at
// its closing fence instead of three newlines.
#include "cairn/gather.h"
#include "cairn/program.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct Pal {
  int samples = 8;           // the paper: 1, and 40 for its vote
  float temperature = 0.7f;  // the paper: 0 for one, 0.7 for its vote
};

void describe(OptionSet& set, Pal& o) {
  set.add("samples", o.samples, 1, 1024, "programs per problem; their results vote");
  set.add("temperature", o.temperature, 0, 2, "of each program");
}

asio::awaitable<Outcome> pal(Kit& kit, const Problem& problem, Pal opt) {
  std::vector<Trace> root = roots(opt.samples);
  const Proposal proposal{.temperature = opt.temperature, .stop = {program::kFence}};
  std::vector<Trace> programs = co_await kit.policy.rollout(problem, std::move(root), proposal);
  std::vector<asio::awaitable<Trace>> runs;
  for (Trace& trace : programs) runs.push_back(program::executed(kit, problem, std::move(trace)));
  const std::vector<Trace> traces = co_await gather<Trace>(std::move(runs));
  co_return vote::majority(traces, problem);
}

Recipe pal_recipe() {
  return bind<Pal>({.name = "pal",
                    .family = "tool",
                    .summary = "The model writes programs; what they print votes.",
                    .paper = "Gao et al. 2022, arXiv:2211.10435",
                    .status = "tested",
                    .tools = true},
                   pal);
}

}  // namespace cairn::recipes
