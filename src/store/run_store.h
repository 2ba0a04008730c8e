#pragma once
// store/run_store.h — many problems of many runs in one SQLite database.
//
//   runs ── problems ── steps        one row of `problems` for each time a problem was run;
//                   └── finished     `finished` holds the finished traces of its outcome
//
// The database is in WAL mode: readers do not wait for the writer, and a crash loses at most what
// was not committed. `record` and `outcome` keep the exact lines of a trace file; the other columns
// are for queries.
// Threads: belongs to one thread at a time.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cairn/trace_log.h"
#include "store/trace_file.h"

namespace cairn::store {

// Is the file to be a store, by its name: .db or .sqlite?
bool names_a_store(const std::filesystem::path& path);
// Does the file begin as an SQLite database does?
bool is_run_store(const std::filesystem::path& path);

class RunStore {
 public:
  enum class Mode { write, read };

  // Opens the database; Mode::write makes it when it is not there.
  // Errors: Fault::store when it cannot be opened, or when a later cairn wrote it.
  explicit RunStore(const std::filesystem::path& path, Mode mode = Mode::write);
  ~RunStore();
  RunStore(const RunStore&) = delete;

  // Keeps an episode, whole or not at all. Errors: Fault::store, e.g. when the disk is full.
  void add(const Episode& episode);

  // Every episode, in the order in which they were added.
  std::vector<Episode> episodes() const;
  std::size_t size() const;  // episodes

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

// A log into a store: an episode is kept when its problem ends.
class StoreTraceLog : public TraceLog {
 public:
  StoreTraceLog(const std::filesystem::path& path, RunInfo run);

  void begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) override;
  void step(const Problem& problem, const StepRecord& record) override;
  void reward(const Problem& problem, std::uint64_t step, const std::string& judge, float reward,
              const Usage& usage) override;
  void node(const Problem& problem, std::uint64_t step, const NodeStats& stats) override;
  void end(const Problem& problem, const Outcome& outcome) override;

 private:
  EpisodeBuilder& open(const Problem& problem);

  RunStore store_;
  const RunInfo run_;
  std::map<std::string, EpisodeBuilder> open_;
};

// A store or a trace file (store/jsonl_log.h), as the file's name says.
// Errors: Fault::store when it cannot be opened.
std::unique_ptr<TraceLog> open_trace_log(const std::filesystem::path& path, RunInfo run);

}  // namespace cairn::store
