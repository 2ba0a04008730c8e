#include "store/jsonl_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cairn/error.h"

namespace cairn::store {

LineFile::LineFile(std::filesystem::path path) : path_(std::move(path)) {
  file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) fail("opened");
  if (flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(file_);
    throw Error(Fault::store, "store",
                fmt::format("{} is being written by another process", path_.string()),
                "Wait for it, or name another file");
  }
  end_ = lseek(file_, 0, SEEK_END);
  if (end_ < 0) end_ = 0;  // a device: nothing to repair
  was_empty_ = end_ == 0;
  cut_torn_line();
}

LineFile::~LineFile() {
  close(file_);
}

// Looks back from the end for the last newline.
void LineFile::cut_torn_line() {
  std::int64_t whole = end_;
  char block[4096];
  while (whole > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::int64_t>(whole, sizeof block));
    if (pread(file_, block, size, whole - static_cast<std::int64_t>(size)) !=
        static_cast<ssize_t>(size))
      fail("read");
    const void* newline = memrchr(block, '\n', size);
    if (newline != nullptr) {
      const auto after = static_cast<const char*>(newline) - block + 1;
      whole = whole - static_cast<std::int64_t>(size) + after;
      break;
    }
    whole -= static_cast<std::int64_t>(size);
  }
  if (whole == end_) return;
  if (ftruncate(file_, whole) != 0) fail("repaired");
  end_ = whole;
}

void LineFile::add(const std::string& line) {
  std::size_t written = 0;
  while (written < line.size()) {
    const ssize_t n = pwrite(file_, line.data() + written, line.size() - written,
                             end_ + static_cast<std::int64_t>(written));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int reason = n == 0 ? ENOSPC : errno;
      [[maybe_unused]] const int cut = ftruncate(file_, end_);  // whole lines only
      errno = reason;
      fail("written");
    }
    written += static_cast<std::size_t>(n);
  }
  end_ += static_cast<std::int64_t>(line.size());
}

void LineFile::sync() {
  if (fdatasync(file_) == 0 || errno == EINVAL || errno == EROFS) return;  // EINVAL: a device
  fail("kept on its disk");
}

void LineFile::fail(const char* doing) const {
  throw Error(Fault::store, "store",
              fmt::format("{} cannot be {} ({})", path_.string(), doing, std::strerror(errno)),
              errno == ENOSPC || errno == EFBIG
                  ? "Make room and run again with --resume: every whole line before is kept"
                  : "Check the path and its permissions");
}

JsonlTraceLog::JsonlTraceLog(std::filesystem::path path, RunInfo run)
    : file_(std::move(path)), run_(std::move(run)) {}

void JsonlTraceLog::begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) {
  file_.add(to_line(ProblemRecord{problem, recipe, seed, run_}));
  file_.sync();
  synced_ = Clock::now();
}

void JsonlTraceLog::step(const Problem& problem, const StepRecord& record) {
  file_.add(to_line(
      StepLine{problem.id, record.id, record.parent, record.depth, record.end, *record.step, {}}));
  if (Clock::now() - synced_ < std::chrono::milliseconds(500)) return;
  file_.sync();
  synced_ = Clock::now();
}

void JsonlTraceLog::reward(const Problem& problem, std::uint64_t step, const std::string& judge,
                           float reward, const Usage& usage) {
  file_.add(to_line(RewardRecord{problem.id, step, judge, reward, usage}));
}

void JsonlTraceLog::node(const Problem& problem, std::uint64_t step, const NodeStats& stats) {
  nodes_ += to_line(NodeRecord{problem.id, step, stats});
}

void JsonlTraceLog::end(const Problem& problem, const Outcome& outcome) {
  file_.add(nodes_ + to_line(outcome_record(problem.id, outcome)));
  nodes_.clear();
  file_.sync();
  synced_ = Clock::now();
}

void TeeLog::begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) {
  for (TraceLog* log : logs_) log->begin(problem, recipe, seed);
}

void TeeLog::step(const Problem& problem, const StepRecord& record) {
  for (TraceLog* log : logs_) log->step(problem, record);
}

void TeeLog::reward(const Problem& problem, std::uint64_t step, const std::string& judge,
                    float reward, const Usage& usage) {
  for (TraceLog* log : logs_) log->reward(problem, step, judge, reward, usage);
}

void TeeLog::node(const Problem& problem, std::uint64_t step, const NodeStats& stats) {
  for (TraceLog* log : logs_) log->node(problem, step, stats);
}

void TeeLog::end(const Problem& problem, const Outcome& outcome) {
  for (TraceLog* log : logs_) log->end(problem, outcome);
}

}  // namespace cairn::store
