#pragma once
// store/jsonl_log.h — a trace file being written: append-only, one record a line (store/records.h).
//
// Every record is written to the file when it is logged, those of nodes together with the next
// outcome; the disk is asked to keep it (fsync) when a problem begins or ends, and at most half a
// second after a step. A file whose last line was torn by a crash is cut back to its last whole
// line when it is opened again. Threads: as TraceLog. One process at a time: the file is locked.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cairn/trace_log.h"
#include "store/records.h"

namespace cairn::store {

// A file that whole lines are added to.
// Errors: Fault::store when it cannot be opened, is in use by another process, or when a line
// cannot be written (a full disk); the lines before it are kept whole.
class LineFile {
 public:
  explicit LineFile(std::filesystem::path path);
  ~LineFile();
  LineFile(const LineFile&) = delete;

  void add(const std::string& line);  // ends in a newline
  void sync();
  bool was_empty() const { return was_empty_; }

 private:
  void cut_torn_line();
  [[noreturn]] void fail(const char* doing) const;

  const std::filesystem::path path_;
  int file_ = -1;
  std::int64_t end_ = 0;  // bytes, all of them whole lines
  bool was_empty_ = true;
};

class JsonlTraceLog : public TraceLog {
 public:
  JsonlTraceLog(std::filesystem::path path, RunInfo run);

  void begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) override;
  void step(const Problem& problem, const StepRecord& record) override;
  void reward(const Problem& problem, std::uint64_t step, const std::string& judge, float reward,
              const Usage& usage) override;
  void node(const Problem& problem, std::uint64_t step, const NodeStats& stats) override;
  void end(const Problem& problem, const Outcome& outcome) override;

 private:
  using Clock = std::chrono::steady_clock;
  LineFile file_;
  const RunInfo run_;
  std::string nodes_;  // lines that wait for the outcome
  Clock::time_point synced_ = Clock::now();
};

// Hands every record on to several logs, in order. Borrows them.
class TeeLog : public TraceLog {
 public:
  explicit TeeLog(std::vector<TraceLog*> logs) : logs_(std::move(logs)) {}

  void begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) override;
  void step(const Problem& problem, const StepRecord& record) override;
  void reward(const Problem& problem, std::uint64_t step, const std::string& judge, float reward,
              const Usage& usage) override;
  void node(const Problem& problem, std::uint64_t step, const NodeStats& stats) override;
  void end(const Problem& problem, const Outcome& outcome) override;

 private:
  const std::vector<TraceLog*> logs_;
};

}  // namespace cairn::store
