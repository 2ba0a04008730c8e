// Subthought voting: one greedy line of reasoning is taken up again after each of its steps, and
// the answers it comes to vote. Hammoud et al. 2025, arXiv:2504.20708, section 3.
// Departs from the paper: a subthought is a step of the segmenter instead of a chunk that begins
// with a marker such as "Wait" (--segmenter regex:PATTERN makes those); at most `points` of them
// are taken up, spread evenly; answers are extracted by rule, not by a second model.
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct SubthoughtVote {
  int points = 8;         // the paper: all, 60 to 250
  float temperature = 1;  // of the continuations; the paper: 0, or 1
};

void describe(OptionSet& set, SubthoughtVote& o) {
  set.add("points", o.points, 1, 1024, "steps after which the reasoning is taken up again");
  set.add("temperature", o.temperature, 0, 2, "of what is written there");
}

// The trace after each of at most n of its steps, spread evenly; not after its last.
std::vector<Trace> beginnings(Trace trace, std::size_t n) {
  std::vector<Trace> all;
  while (trace.depth() > 1) all.insert(all.begin(), trace = trace.parent());
  std::vector<Trace> some;
  for (std::size_t i = 0; i < std::min(n, all.size()); ++i)
    some.push_back(all[i * all.size() / std::min(n, all.size())].with_ordinal(1));
  return some;
}

asio::awaitable<Outcome> subthought_vote(Kit& kit, const Problem& problem, SubthoughtVote opt) {
  std::vector<Trace> root = roots(1);
  const Proposal greedy{.temperature = 0};
  std::vector<Trace> traces = co_await kit.policy.rollout(problem, std::move(root), greedy);
  std::vector<Trace> begun = beginnings(traces[0], static_cast<std::size_t>(opt.points));
  const Proposal proposal{.temperature = opt.temperature};
  const std::vector<Trace> ends = co_await kit.policy.rollout(problem, std::move(begun), proposal);
  traces.insert(traces.end(), ends.begin(), ends.end());
  co_return vote::majority(traces, problem);
}

Recipe subthought_vote_recipe() {
  return bind<SubthoughtVote>({.name = "subthought_vote",
                               .family = "vote",
                               .summary = "One line of reasoning, taken up again after each step.",
                               .paper = "Hammoud et al. 2025, arXiv:2504.20708",
                               .status = "tested",
                               .prompt = "sample/cot"},
                              subthought_vote);
}

}  // namespace cairn::recipes
