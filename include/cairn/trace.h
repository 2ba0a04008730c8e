#pragma once
// cairn/trace.h — the steps from the root: one line of reasoning, finished or not.
//
//   root ── s1 ── s2 ── s3        a trace is a handle on its last step; traces that share
//              └─ s2'── s3'       a prefix share those steps in memory.
//
// A value: copying is one reference count, extending never touches the shared prefix.
// Threads: the steps are immutable, so traces may be read and copied from any thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cairn/step.h"

namespace cairn {

// Whether a line of reasoning can go on.
//   open     more steps may follow
//   done     it came to its own end, with or without an answer
//   cut      a limit ended it (token limit, context, budget, deadline)
enum class End { open, done, cut };

class Trace {
 public:
  Trace() = default;  // the root: no steps. `ordinal` tells siblings from one another.
  explicit Trace(std::uint64_t ordinal) : ordinal_(ordinal) {}

  // This trace and one more step. `id` names the step in the trace log, 0 for "not logged".
  Trace extended(Step step, End end = End::open, std::uint64_t id = 0) const;

  // A copy that is told apart from its siblings when it is extended: the seed of the next step is
  // derived from the ordinal, see cairn/rng.h.
  Trace with_ordinal(std::uint64_t ordinal) const;

  // A copy with a reward noted on its last step. Requires: depth() > 0.
  Trace with_reward(const std::string& judge, float reward) const;

  // A copy whose last step states no answer.
  Trace answerless() const;

  // A copy whose steps hold no policy state: it can be read, and extended only by a policy that can
  // rebuild its state. Finished traces are kept this way, so that they hold no KV cells.
  Trace without_state() const;

  std::size_t depth() const;               // number of steps
  const Step& last() const;                // Requires: depth() > 0
  Trace parent() const;                    // without the last step; the root's parent is the root
  std::vector<const Step*> steps() const;  // [depth()], from the root; valid while this trace lives
  std::string text() const;                // the texts of all steps, joined
  std::uint64_t id() const;                // of the last step in the trace log; 0 at the root
  std::uint64_t ordinal() const { return ordinal_; }

  // Names the last step in memory, in copies with a reward or without a state too, and expires with
  // the last trace that holds it: what is kept beside a trace can be let go with it. Empty at the
  // root.
  std::weak_ptr<const void> watch() const;

  bool finished() const;  // end() != open
  End end() const;
  std::optional<std::string> answer() const;  // the last step's

  std::size_t tokens() const;  // over all steps
  double logprob() const;      // nats, over all steps
  Usage usage() const;         // sum over all steps

 private:
  struct Node;
  std::shared_ptr<const Node> tip_;
  std::uint64_t ordinal_ = 0;
};

}  // namespace cairn
