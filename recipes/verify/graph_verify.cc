// Graph verification: the samples of each answer are merged into a graph of intermediate results,
// and the answer whose graph is best supported wins. Cao 2023 (GraphReason), arXiv:2308.09267.
// Departs from the paper: a fixed score (cairn/step_graph.h) instead of a trained graph network,
// and any judge instead of a trained base verifier.
#include <algorithm>

#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/step_graph.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct GraphVerify {
  int samples = 10;          // the paper: 10
  float temperature = 0.8f;  // the paper does not say
  bool merge = true;         // the paper's ablation: chains that share nothing
};

void describe(OptionSet& set, GraphVerify& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem");
  set.add("temperature", o.temperature, 0, 2, "of each sample");
  set.add("merge", o.merge, "steps of equal result become one node");
}

asio::awaitable<Outcome> graph_verify(Kit& kit, const Problem& problem, GraphVerify opt) {
  std::vector<Trace> root = roots(opt.samples);
  const Proposal proposal{.temperature = opt.temperature};
  const std::vector<Trace> traces = co_await kit.policy.rollout(problem, std::move(root), proposal);
  const auto verdicts = co_await kit.judge.score(problem, traces, kit.budget);
  Outcome outcome = vote::majority(traces, problem);
  const auto graphs = answer_graphs(traces, verdicts, problem, opt.merge);
  double total = 0;
  for (const AnswerGraph& graph : graphs) total += graph.score;
  if (total <= 0) co_return outcome;
  const auto winner = std::max_element(
      graphs.begin(), graphs.end(), [](const auto& a, const auto& b) { return a.score < b.score; });
  outcome.answer = winner->answer;
  outcome.confidence = winner->score / total;
  co_return outcome;
}

Recipe graph_verify_recipe() {
  return bind<GraphVerify>({.name = "graph_verify",
                            .family = "verify",
                            .summary = "The answer whose merged steps support it best.",
                            .paper = "Cao 2023, arXiv:2308.09267",
                            .status = "tested",
                            .judge = "logprob",
                            .prompt = "sample/cot",
                            .samples = true},
                           graph_verify);
}

}  // namespace cairn::recipes
