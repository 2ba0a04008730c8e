#pragma once
// cairn/judge.h — the verifier: how good is this reasoning?
//
// A Judge reads traces, finished or not, and gives rewards in [0, 1]; 1 is best.
//   process reward  one number per step: is the step sound, given the steps before it?
//   outcome reward  one number per trace: is (or will) the final answer be right?
// Rewards of two judges are not on one scale: compare within a judge, never across.
//
// Sources: process reward, Lightman et al. 2023, arXiv:2305.20050;
//          outcome reward, Cobbe et al. 2021, arXiv:2110.14168.

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string>
#include <vector>

#include "cairn/budget.h"
#include "cairn/problem.h"
#include "cairn/trace.h"

namespace cairn {

struct Verdict {
  std::vector<float> process;  // [steps]; empty when the judge only sees outcomes
  float outcome = 0;           // of an unfinished trace: its value, the outcome reward to expect
};

class Judge {
 public:
  virtual ~Judge() = default;
  virtual std::string name() const = 0;

  // Scores all traces as one batch; result[i] belongs to traces[i].
  // Borrows everything until it completes, so co_await it where you call it.
  // Threads: any number of coroutines may be inside at once.
  // Errors: Fault::model when the backend fails. A spent budget leaves outcome at 0.
  virtual boost::asio::awaitable<std::vector<Verdict>> score(const Problem& problem,
                                                             std::span<const Trace> traces,
                                                             Budget& budget) = 0;
};

}  // namespace cairn
