// Auto: compute where it pays. A greedy line and a few samples show how hard a problem is; a tree
// of thresholds says whether they are enough, or which recipe goes on.
// Snell et al. 2024 (compute-optimal test-time scaling), arXiv:2408.03314, section 3.
// Departs from the paper: difficulty is read from agreement, confidence and spread of a few lines
// instead of a verifier's mean over 2048 samples; the thresholds are a tree fitted on stored
// attempts (cairn eval --fit-auto); what a voting recipe draws votes together with those lines.
#include <iterator>

#include "cairn/gather.h"
#include "cairn/recipe.h"
#include "cairn/route.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct Auto {
  std::string routes = "";   // a file; empty: what is built in
  float temperature = 0.8f;  // of the samples; the paper samples at 1
};

void describe(OptionSet& set, Auto& o) {
  set.add("routes", o.routes, {}, "file of the tree; empty: the built-in one");
  set.add("temperature", o.temperature, 0, 2, "of the samples behind the greedy line");
}

// A greedy line, and samples apart from those that a recipe draws from its own roots.
asio::awaitable<std::vector<Trace>> probe(Kit& kit, const Problem& problem, int lines,
                                          float temperature) {
  std::vector<Trace> first = roots(1), others;
  for (int i = 1; i < lines; ++i)
    others.emplace_back(std::uint64_t{1} << 20 | static_cast<unsigned>(i));
  const Proposal greedy{.temperature = 0}, sampled{.temperature = temperature};
  std::vector<asio::awaitable<std::vector<Trace>>> both;
  both.push_back(kit.policy.rollout(problem, std::move(first), greedy));
  both.push_back(kit.policy.rollout(problem, std::move(others), sampled));
  std::vector<std::vector<Trace>> got = co_await gather<std::vector<Trace>>(std::move(both));
  std::move(got[1].begin(), got[1].end(), std::back_inserter(got[0]));
  co_return got[0];
}

asio::awaitable<Outcome> auto_recipe_run(Kit& kit, const Problem& problem, Auto opt) {
  const Routes routes = read_routes(opt.routes);
  std::vector<Trace> lines = co_await probe(kit, problem, routes.probe, opt.temperature);
  const std::vector<Verdict> verdicts = co_await kit.judge.score(problem, lines, kit.budget);
  const std::string action = action_for(routes.tree, signs_of(lines, verdicts, problem));
  if (action == kStop || kit.budget.stopped()) co_return vote::majority(lines, problem);
  Outcome further = co_await run_within(kit, problem, action);
  for (const FinishedTrace& finished : further.traces) lines.push_back(finished.trace);
  Outcome all = vote::majority(lines, problem);
  if (votes(action) || !further.answer) co_return all;
  further.traces = std::move(all.traces);
  co_return further;
}

Recipe auto_recipe() {
  return bind<Auto>(
      {.name = "auto",
       .family = "search",
       .summary = "A greedy line and a few samples, then as much as the problem seems to need.",
       .paper = "Snell et al. 2024, arXiv:2408.03314",
       .status = "tested",
       .judge = "logprob",
       .prompt = "sample/cot"},
      auto_recipe_run);
}

}  // namespace cairn::recipes
