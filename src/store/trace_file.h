#pragma once
// store/trace_file.h — reading a trace file: its records, and each problem's tree.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cairn/error.h"
#include "cairn/tree.h"
#include "cairn/unfinished.h"
#include "store/records.h"

namespace cairn::store {

// A file that a later cairn wrote.
class NewerSchemaError : public Error {
 public:
  NewerSchemaError(const std::filesystem::path& path, std::size_t line, std::int64_t schema);
};

// A line that could not be used: only it is lost.
struct BrokenLine {
  std::size_t number = 0;  // from 1
  std::string reason;
};

// One problem from its beginning to its end. A step whose line was lost, and that others follow,
// stands in the tree as an empty step of kind "lost" below the root.
struct Episode {
  ProblemRecord problem;
  Tree tree;
  std::optional<OutcomeRecord> outcome;  // none: the run was cut off, or the line is lost
};

struct TraceFile {
  std::vector<Episode> episodes;  // in the order in which they began
  std::vector<BrokenLine> broken;
  bool torn = false;  // the last line was not finished
};

// Errors: Fault::store when the file cannot be read, or when a later cairn wrote it.
TraceFile read_trace_file(const std::filesystem::path& path);

// As read_trace_file; calls `use` for each record, in order. `torn` is set as in TraceFile.
std::vector<BrokenLine> for_each_record(
    const std::filesystem::path& path,
    const std::function<void(std::size_t number, Record record)>& use, bool& torn);

// Puts an episode together from its records. A record that does not fit is refused.
// Errors: Fault::store.
class EpisodeBuilder {
 public:
  explicit EpisodeBuilder(ProblemRecord problem);
  void add(StepLine step);
  void add(const RewardRecord& reward);
  void add(const NodeRecord& node);
  void add(OutcomeRecord outcome);
  Episode build() &&;

 private:
  StepLine& step(std::uint64_t id);

  ProblemRecord problem_;
  std::vector<StepLine> steps_;
  std::unordered_map<std::uint64_t, std::size_t> place_;  // of a step's id in steps_
  std::optional<OutcomeRecord> outcome_;
};

// The records of an episode: problem, steps (with their rewards and statistics), outcome.
std::vector<Record> records_of(const Episode& episode);

// An episode without an outcome, as a run goes on from it.
Unfinished unfinished(const Episode& episode);

}  // namespace cairn::store
