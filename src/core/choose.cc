#include "cairn/choose.h"

#include "cairn/fold.h"
#include "cairn/rank.h"
#include "cairn/vote.h"

namespace cairn {

boost::asio::awaitable<Outcome> chosen_by_judge(Kit& kit, const Problem& problem,
                                                std::vector<Trace> traces) {
  std::vector<Trace> answered;
  for (const Trace& trace : traces)
    if (trace.answer()) answered.push_back(trace);
  const auto verdicts = co_await kit.judge.score(problem, answered, kit.budget);
  const std::vector<float> rewards = folded(verdicts, Fold::outcome);
  std::vector<float> weights;  // of all; an unanswered trace has none
  std::size_t next = 0;
  for (const Trace& trace : traces) weights.push_back(trace.answer() ? rewards[next++] : 0.0f);
  Outcome outcome = vote::weighted(traces, weights, problem);
  if (answered.empty()) co_return outcome;
  outcome.answer = answered[best(rewards)].answer();
  outcome.confidence = rewards[best(rewards)];
  co_return outcome;
}

}  // namespace cairn
