// Natural Program: chains that name the premises of every step, and a vote among those whose every
// step is verified from its premises alone. Ling et al. 2023, arXiv:2306.03872, section 4.3
// (unanimity-plurality vote).
// Departs from the paper: without a chain that passes, the plain plurality is the answer (the paper
// leaves it open).
#include <algorithm>

#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct NaturalProgram {
  int samples = 10;          // the paper: 10
  float temperature = 0.7f;  // the paper: 0.7
  int gap = 2;               // the paper verifies when the two leaders are at most 2 votes apart
};

void describe(OptionSet& set, NaturalProgram& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem");
  set.add("temperature", o.temperature, 0, 2, "of each sample");
  set.add("gap", o.gap, 0, 1024, "the vote is verified where its leaders are so close");
}

// The traces of the two answers with the most votes, where the vote is close.
std::vector<Trace> contested(const std::vector<Trace>& traces, const Problem& problem, int gap) {
  const std::vector<float> ones(traces.size(), 1);
  std::vector<vote::Ballot> ballots = vote::tally(traces, ones, problem);
  std::stable_sort(ballots.begin(), ballots.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  std::vector<Trace> close;
  if (ballots.size() < 2 || ballots[1].count < 2 || ballots[0].count - ballots[1].count > gap)
    return close;
  for (const std::size_t leader : {0, 1})
    for (const std::size_t i : ballots[leader].members) close.push_back(traces[i]);
  return close;
}

asio::awaitable<Outcome> natural_program(Kit& kit, const Problem& problem, NaturalProgram opt) {
  std::vector<Trace> root = roots(opt.samples);
  const Proposal proposal{.temperature = opt.temperature};
  const std::vector<Trace> traces = co_await kit.policy.rollout(problem, std::move(root), proposal);
  Outcome plurality = vote::majority(traces, problem);
  const std::vector<Trace> close = contested(traces, problem, opt.gap);
  const auto verdicts = co_await kit.judge.score(problem, close, kit.budget);
  std::vector<Trace> valid;
  for (std::size_t i = 0; i < close.size(); ++i)
    if (verdicts[i].outcome > 0.5f) valid.push_back(close[i]);
  if (valid.empty()) co_return plurality;
  plurality.answer = vote::majority(valid, problem).answer;
  co_return plurality;
}

Recipe natural_program_recipe() {
  return bind<NaturalProgram>({.name = "natural_program",
                               .family = "verify",
                               .summary = "A vote among chains whose every step follows from the "
                                          "premises it names.",
                               .paper = "Ling et al. 2023, arXiv:2306.03872",
                               .status = "tested",
                               .judge = "natural_program"},
                              natural_program);
}

}  // namespace cairn::recipes
