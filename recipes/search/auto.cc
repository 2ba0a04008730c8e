// Auto: compute where it pays. A few samples show how hard a problem is; a tree of thresholds says
// whether they are enough, or which recipe goes on.
// Snell et al. 2024 (compute-optimal test-time scaling), arXiv:2408.03314, section 3.
// Departs from the paper: difficulty is read from agreement, confidence and spread of the samples
// instead of a verifier's mean over 2048 of them; thresholds are a tree fitted on stored attempts
// (cairn eval --fit-auto); what a voting recipe draws votes together with the samples.
#include "cairn/recipe.h"
#include "cairn/route.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct Auto {
  std::string routes = "";   // a file; empty: what is built in
  float temperature = 0.8f;  // of the first samples; the paper samples at 1
};

void describe(OptionSet& set, Auto& o) {
  set.add("routes", o.routes, {}, "file of the tree; empty: the built-in one");
  set.add("temperature", o.temperature, 0, 2, "of the first samples");
}

// Apart from those that a recipe draws from its own roots.
std::vector<Trace> probes(int n) {
  std::vector<Trace> traces;
  for (int i = 0; i < n; ++i)
    traces.emplace_back(std::uint64_t{1} << 20 | static_cast<unsigned>(i));
  return traces;
}

asio::awaitable<Outcome> auto_recipe_run(Kit& kit, const Problem& problem, Auto opt) {
  const Routes routes = read_routes(opt.routes);
  std::vector<Trace> samples = probes(routes.probe);
  const Proposal proposal{.temperature = opt.temperature};
  samples = co_await kit.policy.rollout(problem, std::move(samples), proposal);
  const std::vector<Verdict> verdicts = co_await kit.judge.score(problem, samples, kit.budget);
  const std::string action = action_for(routes.tree, signs_of(samples, verdicts, problem));
  if (action == kStop || kit.budget.stopped()) co_return vote::majority(samples, problem);
  Outcome further = co_await run_within(kit, problem, action);
  for (const FinishedTrace& finished : further.traces) samples.push_back(finished.trace);
  Outcome all = vote::majority(samples, problem);
  if (votes(action) || !further.answer) co_return all;
  further.traces = std::move(all.traces);
  co_return further;
}

Recipe auto_recipe() {
  return bind<Auto>({.name = "auto",
                     .family = "search",
                     .summary = "A few samples, then as much as the problem seems to need.",
                     .paper = "Snell et al. 2024, arXiv:2408.03314",
                     .status = "tested",
                     .judge = "logprob",
                     .prompt = "sample/cot"},
                    auto_recipe_run);
}

}  // namespace cairn::recipes
