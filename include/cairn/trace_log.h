#pragma once
// cairn/trace_log.h — where steps go when they end: a file, a database, a terminal.
// Threads: called from the thread that runs the recipes.

#include <cstdint>
#include <string>

#include "cairn/outcome.h"
#include "cairn/problem.h"
#include "cairn/step.h"
#include "cairn/trace.h"
#include "cairn/tree.h"

namespace cairn {

struct StepRecord {
  std::uint64_t id = 0;      // unique within the problem, from 1
  std::uint64_t parent = 0;  // 0: the root
  int depth = 0;             // 1 for a first step
  End end = End::open;
  const Step* step = nullptr;  // borrowed for the call
};

class TraceLog {
 public:
  virtual ~TraceLog() = default;
  virtual void begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) = 0;
  virtual void step(const Problem& problem, const StepRecord& record) = 0;
  // A judge's reward for a step that was logged before. `judge` is its name as it was written; with
  // " step" after it the process reward of that step. `usage`: what it cost to ask about that
  // trace, and about those that were asked about with it; nothing where that stands with another.
  virtual void reward(const Problem& problem, std::uint64_t step, const std::string& judge,
                      float reward, const Usage& usage) = 0;
  // What a search came to know of a step that was logged before; the last call holds. Logs that
  // keep no tree pass over it.
  virtual void node(const Problem&, std::uint64_t /*step*/, const NodeStats&) {}
  virtual void end(const Problem& problem, const Outcome& outcome) = 0;
};

}  // namespace cairn
