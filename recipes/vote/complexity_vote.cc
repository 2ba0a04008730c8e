// Complexity-based consistency: only the longest lines of reasoning vote.
// Fu et al. 2022, arXiv:2210.00720, section 3.2.
// Departs from the paper: steps are counted as the segmenter makes them, blank ones not; traces
// that a limit cut do not vote, since repetition looks complex; ties at rank k all vote.
#include <algorithm>

#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct ComplexityVote {
  int samples = 10;          // N; the paper: 50
  int keep = 8;              // K; the paper: 30 to 40 of 50
  float temperature = 0.8f;  // the paper: 0.7
};

void describe(OptionSet& set, ComplexityVote& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem");
  set.add("keep", o.keep, 1, 1024, "how many of the longest vote");
  set.add("temperature", o.temperature, 0, 2, "of each sample");
}

std::size_t steps_with_text(const Trace& trace) {
  const auto steps = trace.steps();
  return std::count_if(steps.begin(), steps.end(), [](const Step* step) {
    return step->text.find_first_not_of(" \t\r\n") != std::string::npos;
  });
}

asio::awaitable<Outcome> complexity_vote(Kit& kit, const Problem& problem, ComplexityVote opt) {
  std::vector<Trace> root = roots(opt.samples);
  const Proposal proposal{.temperature = opt.temperature};
  std::vector<Trace> all = co_await kit.policy.rollout(problem, std::move(root), proposal);
  std::vector<Trace> traces;
  for (const Trace& trace : all)
    if (trace.end() == End::done) traces.push_back(trace);
  std::stable_sort(traces.begin(), traces.end(), [](const Trace& a, const Trace& b) {
    return steps_with_text(a) > steps_with_text(b);
  });
  std::size_t kept = std::min(traces.size(), static_cast<std::size_t>(opt.keep));
  while (kept > 0 && kept < traces.size() &&
         steps_with_text(traces[kept]) == steps_with_text(traces[kept - 1]))
    ++kept;
  traces.resize(kept);
  co_return vote::majority(traces, problem);
}

Recipe complexity_vote_recipe() {
  return bind<ComplexityVote>({.name = "complexity_vote",
                               .family = "vote",
                               .summary = "Many lines of reasoning, of which the longest vote.",
                               .paper = "Fu et al. 2022, arXiv:2210.00720",
                               .status = "tested",
                               .prompt = "sample/cot",
                               .samples = true},
                              complexity_vote);
}

}  // namespace cairn::recipes
