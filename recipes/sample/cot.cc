// Chain of thought: one line of reasoning, step by step, and the answer it ends in.
// Wei et al. 2022, arXiv:2201.11903; without examples Kojima et al. 2022, arXiv:2205.11916.
// Departs from the paper: the prompt is our own; temperature > 0 samples instead of decoding
// greedily.
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct Cot {
  float temperature = 0;  // the papers decode greedily
};

void describe(OptionSet& set, Cot& o) {
  set.add("temperature", o.temperature, 0, 2, "0 decodes greedily");
}

asio::awaitable<Outcome> cot(Kit& kit, const Problem& problem, Cot opt) {
  std::vector<Trace> root = roots(1);
  const Proposal proposal{.temperature = opt.temperature};
  const std::vector<Trace> traces = co_await kit.policy.rollout(problem, std::move(root), proposal);
  co_return vote::majority(traces, problem);
}

Recipe cot_recipe() {
  return bind<Cot>({.name = "cot",
                    .family = "sample",
                    .summary = "One line of reasoning, step by step.",
                    .paper = "Wei et al. 2022, arXiv:2201.11903",
                    .status = "tested"},
                   cot);
}

}  // namespace cairn::recipes
