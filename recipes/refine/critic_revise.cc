// Critique and revise: the model criticises its solution, writes it anew with the critique in view,
// and a judge keeps the better one. Madaan et al. 2023 (Self-Refine), arXiv:2303.17651.
// Departs from the paper: a judge chooses among all versions instead of the last one being taken,
// and the number of rounds is fixed instead of the critic saying when to stop.
#include "cairn/choose.h"
#include "cairn/prompt.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct CriticRevise {
  int rounds = 1;            // the paper: at most 4
  float temperature = 0.7f;  // the paper: 0.7
};

void describe(OptionSet& set, CriticRevise& o) {
  set.add("rounds", o.rounds, 1, 16, "critiques, each followed by a revision");
  set.add("temperature", o.temperature, 0, 2, "of critiques and revisions; the first is greedy");
}

asio::awaitable<Outcome> critic_revise(Kit& kit, const Problem& problem, CriticRevise opt) {
  std::vector<Trace> root = roots(1);
  Proposal proposal{.temperature = 0};
  std::vector<Trace> versions = co_await kit.policy.rollout(problem, std::move(root), proposal);
  proposal.temperature = opt.temperature;
  for (int round = 0; round < opt.rounds && !versions.back().text().empty(); ++round) {
    Parts parts = {{"draft", versions.back().text()}};
    std::vector<Trace> begun = {Trace(static_cast<std::uint64_t>(2 * round + 1))};
    proposal.turns = prompt_named("refine/critic").render(problem, parts);
    const auto critique = co_await kit.policy.rollout(problem, std::move(begun), proposal);
    parts["critique"] = critique[0].text();
    begun = {Trace(static_cast<std::uint64_t>(2 * round + 2))};
    proposal.turns = prompt_named("refine/revise").render(problem, parts);
    const auto revised = co_await kit.policy.rollout(problem, std::move(begun), proposal);
    versions.push_back(revised[0]);
  }
  Outcome outcome = co_await chosen_by_judge(kit, problem, std::move(versions));
  co_return outcome;
}

Recipe critic_revise_recipe() {
  return bind<CriticRevise>({.name = "critic_revise",
                             .family = "refine",
                             .summary = "A solution, its critique, its revision; the better stays.",
                             .paper = "Madaan et al. 2023, arXiv:2303.17651",
                             .status = "tested",
                             .judge = "self_eval",
                             .prompt = "sample/cot"},
                            critic_revise);
}

}  // namespace cairn::recipes
