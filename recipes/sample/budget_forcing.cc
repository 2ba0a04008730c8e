// Budget forcing: where the model would conclude, "Wait" is written for it and it thinks on.
// Muennighoff et al. 2025 (s1), arXiv:2501.19393, section 3.1.
// Departs from the paper: the step that states the answer is taken back instead of the
// end-of-thinking token, so it works with models that have none; thinking is shortened by
// max_trace_tokens and a forced answer, as in any recipe.
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct BudgetForcing {
  int waits = 2;                 // the paper: 2 to 6
  std::string nudge = "Wait, ";  // the paper: "Wait"
  float temperature = 0;         // the paper decodes greedily
};

void describe(OptionSet& set, BudgetForcing& o) {
  set.add("waits", o.waits, 0, 64, "how often a conclusion is taken back");
  set.add("nudge", o.nudge, {}, "what is written in its place");
  set.add("temperature", o.temperature, 0, 2, "0 decodes greedily");
}

asio::awaitable<Outcome> budget_forcing(Kit& kit, const Problem& problem, BudgetForcing opt) {
  std::vector<Trace> trace = roots(1);
  Proposal proposal{.temperature = opt.temperature};
  trace = co_await kit.policy.rollout(problem, std::move(trace), proposal);
  proposal.begin = opt.nudge;
  for (int wait = 0; wait < opt.waits && trace[0].end() == End::done; ++wait) {
    const Trace concluded = trace[0];
    trace[0] = concluded.parent().with_ordinal(static_cast<std::uint64_t>(wait) + 1);
    trace = co_await kit.policy.rollout(problem, std::move(trace), proposal);
    if (!trace[0].answer()) trace[0] = concluded;  // a limit came before a new conclusion
  }
  co_return vote::majority(trace, problem);
}

Recipe budget_forcing_recipe() {
  return bind<BudgetForcing>({.name = "budget_forcing",
                              .family = "sample",
                              .summary = "One line of reasoning that is made to think again.",
                              .paper = "Muennighoff et al. 2025, arXiv:2501.19393",
                              .status = "tested",
                              .prompt = "sample/cot"},
                             budget_forcing);
}

}  // namespace cairn::recipes
