#pragma once
// cairn/vote.h — one answer from many traces. Votes go over classes of equal answers
// (cairn/answer.h), never over strings; a class is shown by the answer that came first in it.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cairn/problem.h"
#include "cairn/trace.h"

namespace cairn {
struct Outcome;
}

namespace cairn::vote {

struct Ballot {
  std::string answer;                     // of the first trace in the class
  double weight = 0;                      // sum of the weights of its traces
  int count = 0;                          // traces
  std::vector<std::size_t> members = {};  // [count], their places among all traces
};

// The classes of answers, in the order in which each first appeared. weights: [traces].
std::vector<Ballot> tally(std::span<const Trace> traces, std::span<const float> weights,
                          const Problem& problem);

// Do the answers of two traces, by their places, mean the same? An equivalence.
using Same = std::function<bool(std::size_t, std::size_t)>;

// As above, by another equality than that of cairn/answer.h.
std::vector<Ballot> tally(std::span<const Trace> traces, std::span<const float> weights,
                          const Same& same);

// The answer of most traces; confidence is its share of ALL traces (unanswered ones dilute it).
// A tie goes to the class that appeared first.  Wang et al. 2022, arXiv:2203.11171.
Outcome majority(std::span<const Trace> traces, const Problem& problem);
Outcome majority(std::span<const Trace> traces, const Same& same);

// As majority, each trace counting its weight (>= 0). Zero total weight: majority.
Outcome weighted(std::span<const Trace> traces, std::span<const float> weights,
                 const Problem& problem);

// Can `remaining` more traces no longer change the leader of `counts` (traces per class)?
// The leader wins ties only if it appeared first, so it needs a lead of `remaining` at least;
// pinned by tests/core/vote_test.cc.
bool settled(std::span<const Ballot> ballots, int remaining);

// The posterior probability that the leader's true share exceeds the runner-up's, when each of the
// two is drawn from a Beta(1 + leader, 1 + runner_up) posterior: P(p > 1/2).
// Aggarwal et al. 2023 (adaptive consistency), arXiv:2305.11860, the Beta rule.
double leader_posterior(std::span<const Ballot> ballots);

}  // namespace cairn::vote
