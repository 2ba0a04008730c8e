#pragma once
// model/hub/progress_bar.h — how far a transfer is, on one line that is written over.
//
//   qwen2.5-coder-0.5b-instruct  [=========>          ]  214/491 MB  31.5 MB/s  9 s left

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace cairn::hub {

// "491 MB", "1.2 GB", "980 kB"
std::string size_text(std::int64_t bytes);

// The line, without the return to its start.
std::string progress_line(const std::string& name, std::int64_t done, std::int64_t total,
                          double bytes_per_second);

// Draws to stderr at most ten times a second, and only when stderr is a terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::string name);
  ~ProgressBar();  // ends the line, if there is one
  void show(std::int64_t done, std::int64_t total);
  void clear();  // takes the line away, before a message

 private:
  using Clock = std::chrono::steady_clock;
  const std::string name_;
  const bool terminal_;
  std::optional<Clock::time_point> first_, last_;
  std::int64_t first_bytes_ = 0;
  bool drawn_ = false;
};

}  // namespace cairn::hub
