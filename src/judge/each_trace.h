#pragma once
// judge/each_trace.h — judges that look at one trace at a time.

#include <utility>
#include <vector>

#include "cairn/gather.h"
#include "cairn/judge.h"
#include "cairn/language_model.h"

namespace cairn::judge {

// Asks a model: the traces of a batch are scored side by side.
class EachTraceJudge : public Judge {
 public:
  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget& budget) final {
    let_go();
    std::vector<asio::awaitable<Verdict>> verdicts;
    for (const Trace& trace : traces) verdicts.push_back(score_one(problem, trace, budget));
    std::vector<Verdict> scored = co_await gather<Verdict>(std::move(verdicts));
    co_return scored;
  }

 private:
  virtual asio::awaitable<Verdict> score_one(const Problem& problem, Trace trace,
                                             Budget& budget) = 0;
  // Forgets what is known of traces that nobody holds any more.
  virtual void let_go() {}
};

// Asks nobody: it reads the trace and what was noted with it.
class ReadingJudge : public Judge {
 public:
  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget&) final {
    std::vector<Verdict> verdicts;
    for (const Trace& trace : traces) verdicts.push_back(score_one(problem, trace));
    co_return verdicts;
  }

 private:
  virtual Verdict score_one(const Problem& problem, const Trace& trace) const = 0;
};

}  // namespace cairn::judge
