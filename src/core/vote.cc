#include "cairn/vote.h"

#include <algorithm>
#include <cmath>

#include "cairn/answer.h"
#include "cairn/outcome.h"

namespace cairn::vote {
namespace {

const Ballot* leader(std::span<const Ballot> ballots) {
  const auto first =
      std::max_element(ballots.begin(), ballots.end(),
                       [](const Ballot& a, const Ballot& b) { return a.weight < b.weight; });
  return first == ballots.end() ? nullptr : &*first;
}

std::vector<FinishedTrace> finished(std::span<const Trace> traces, std::span<const float> rewards) {
  std::vector<FinishedTrace> list;
  for (std::size_t i = 0; i < traces.size(); ++i)
    list.push_back({traces[i], rewards.empty() ? 0.0f : rewards[i]});
  return list;
}

Same by_answer(std::span<const Trace> traces, const Problem& problem) {
  return [traces, &problem](std::size_t i, std::size_t j) {
    return compare_answers(*traces[i].answer(), *traces[j].answer(), problem.kind, problem.choices)
               .verdict == Equality::equal;
  };
}

Outcome elect(std::span<const Trace> traces, std::span<const float> weights, const Same& same) {
  double total = 0;
  for (const float weight : weights) total += weight;
  const std::vector<Ballot> ballots = tally(traces, weights, same);
  Outcome outcome;
  if (const Ballot* winner = leader(ballots)) {
    outcome.answer = winner->answer;
    outcome.confidence = total > 0 ? winner->weight / total : 0;
  }
  return outcome;
}

// P(p > 1/2) for p ~ Beta(a, b) with whole a, b >= 1: the chance of at least b successes among
// a + b - 1 fair coins, P(Bin(a + b - 1, 1/2) >= b) … = sum over k < a of C(n, k) / 2^n.
double beta_above_half(int a, int b) {
  const int n = a + b - 1;
  double sum = 0;
  for (int k = 0; k < a; ++k)
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) -
                    n * std::log(2.0));
  return std::min(1.0, sum);
}

}  // namespace

std::vector<Ballot> tally(std::span<const Trace> traces, std::span<const float> weights,
                          const Problem& problem) {
  return tally(traces, weights, by_answer(traces, problem));
}

std::vector<Ballot> tally(std::span<const Trace> traces, std::span<const float> weights,
                          const Same& same) {
  std::vector<Ballot> ballots;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    const auto answer = traces[i].answer();
    if (!answer) continue;
    auto ballot = std::find_if(ballots.begin(), ballots.end(),
                               [&](const Ballot& b) { return same(b.members.front(), i); });
    if (ballot == ballots.end()) ballot = ballots.insert(ballots.end(), Ballot{.answer = *answer});
    ballot->weight += weights[i];
    ++ballot->count;
    ballot->members.push_back(i);
  }
  return ballots;
}

Outcome majority(std::span<const Trace> traces, const Problem& problem) {
  return majority(traces, by_answer(traces, problem));
}

Outcome majority(std::span<const Trace> traces, const Same& same) {
  const std::vector<float> weights(traces.size(), 1.0f);
  Outcome outcome = elect(traces, weights, same);
  outcome.traces = finished(traces, {});
  return outcome;
}

Outcome weighted(std::span<const Trace> traces, std::span<const float> weights,
                 const Problem& problem) {
  const bool all_zero = std::none_of(weights.begin(), weights.end(), [](float w) { return w > 0; });
  const std::vector<float> equal(traces.size(), 1.0f);
  Outcome outcome =
      elect(traces, all_zero ? std::span<const float>(equal) : weights, by_answer(traces, problem));
  outcome.traces = finished(traces, weights);
  return outcome;
}

bool settled(std::span<const Ballot> ballots, int remaining) {
  const Ballot* first = leader(ballots);
  if (first == nullptr) return remaining == 0;
  int rival = 0;  // the best of the others, which has to overtake
  bool rival_wins_ties = false;
  for (const Ballot& ballot : ballots) {
    if (&ballot == first) continue;
    const bool earlier = &ballot < first;
    if (ballot.count > rival || (ballot.count == rival && earlier)) {
      rival = ballot.count;
      rival_wins_ties = earlier;
    }
  }
  return rival_wins_ties ? first->count > rival + remaining : first->count >= rival + remaining;
}

double leader_posterior(std::span<const Ballot> ballots) {
  int first = 0, second = 0;
  for (const Ballot& ballot : ballots) {
    second = std::max(second, std::min(first, ballot.count));
    first = std::max(first, ballot.count);
  }
  return beta_above_half(1 + first, 1 + second);
}

}  // namespace cairn::vote
