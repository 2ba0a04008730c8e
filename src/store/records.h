#pragma once
// store/records.h — what a trace file says, one JSON object a line. docs/traces.md lists the
// fields.
//
//   problem   a problem begins: what was asked, of which recipe, model and seed
//   step      a step ended
//   reward    a judge's reward for an earlier step
//   node      what a search knows of an earlier step
//   outcome   the problem's end
//
// The first member of every object is "schema". A text that is not valid UTF-8 is written twice:
// readable under its name, with U+FFFD in place of what is broken, and exactly, in base64, under
// NAME_bytes; a reader takes NAME_bytes where there is one. A number that is not finite is written
// as "inf", "-inf" or "nan". Files are append-only; records of several problems may interleave.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cairn/outcome.h"
#include "cairn/problem.h"
#include "cairn/recipe.h"
#include "cairn/step.h"
#include "cairn/trace.h"
#include "cairn/tree.h"

namespace cairn::store {

inline constexpr int kSchema = 1;

// How a run was made, as far as its traces should say.
struct RunInfo {
  std::string model, fingerprint;  // see ModelInfo
  bool reproducible = true;
  std::string notes;
  std::string judge;
  Settings settings = {};
  bool operator==(const RunInfo&) const = default;
};

struct ProblemRecord {
  Problem problem;
  std::string recipe;
  std::uint64_t seed = 0;
  RunInfo run = {};
};

struct StepLine {
  std::string problem;
  std::uint64_t id = 0, parent = 0;
  int depth = 0;
  End end = End::open;
  Step step;
  NodeStats stats = {};
};

struct RewardRecord {
  std::string problem;
  std::uint64_t step = 0;
  std::string judge;
  float reward = 0;
  Usage usage = {};
};

struct NodeRecord {
  std::string problem;
  std::uint64_t step = 0;
  NodeStats stats;
};

struct FinishedLine {
  std::uint64_t step = 0;  // the trace's last step; 0 where steps were not logged
  std::optional<std::string> answer;
  float reward = 0;
  int steps = 0;
  bool operator==(const FinishedLine&) const = default;
};

struct OutcomeRecord {
  std::string problem;
  std::optional<std::string> answer;
  double confidence = 0;
  Stopped stopped = Stopped::done;
  Usage usage;
  std::vector<FinishedLine> traces;
  // The steps on the path to the answer: those of the finished trace with the highest reward among
  // those that state the outcome's answer, the first of equals. Empty where there is none.
  std::vector<std::uint64_t> chosen = {};
};

using Record = std::variant<ProblemRecord, StepLine, RewardRecord, NodeRecord, OutcomeRecord>;

OutcomeRecord outcome_record(const std::string& problem, const Outcome& outcome);

// One line with its newline.
std::string to_line(const Record& record);

// A line that a later cairn wrote.
struct NewerSchema {
  std::int64_t schema;
};
// Errors: Fault::store (or Fault::input for an unknown answer kind) for any other line that is not
// a record.
std::variant<Record, NewerSchema> parse_line(std::string_view line);

}  // namespace cairn::store
