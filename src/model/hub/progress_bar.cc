#include "model/hub/progress_bar.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace cairn::hub {
namespace {

constexpr int kWidth = 24;
constexpr double kKilo = 1e3, kMega = 1e6, kGiga = 1e9;

std::string time_text(double seconds) {
  const std::int64_t whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

std::string size_text(std::int64_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (size >= kGiga) return fmt::format("{:.1f} GB", size / kGiga);
  if (size >= 10 * kMega) return fmt::format("{:.0f} MB", size / kMega);
  if (size >= kMega) return fmt::format("{:.1f} MB", size / kMega);
  if (size >= kKilo) return fmt::format("{:.0f} kB", size / kKilo);
  return fmt::format("{} bytes", bytes);
}

std::string progress_line(const std::string& name, std::int64_t done, std::int64_t total,
                          double bytes_per_second) {
  const double share =
      total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) : 0;
  const int filled = static_cast<int>(share * kWidth);
  std::string bar(static_cast<std::size_t>(filled), '=');
  if (filled < kWidth) bar += '>';
  bar.resize(kWidth, ' ');
  std::string line =
      fmt::format("{}  [{}]  {} of {}", name, bar, size_text(done), size_text(total));
  if (bytes_per_second <= 0) return line;
  line += fmt::format("  {}/s", size_text(static_cast<std::int64_t>(bytes_per_second)));
  return line + "  " + time_text(static_cast<double>(total - done) / bytes_per_second) + " left";
}

ProgressBar::ProgressBar(std::string name)
    : name_(std::move(name)), terminal_(::isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  if (drawn_) std::fputc('\n', stderr);
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void ProgressBar::show(std::int64_t done, std::int64_t total) {
  if (!terminal_) return;
  const Clock::time_point now = Clock::now();
  if (!first_) first_ = now, first_bytes_ = done;
  if (last_ && done < total && now - *last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - *first_).count();
  const double rate = seconds > 0.5 ? static_cast<double>(done - first_bytes_) / seconds : 0;
  fmt::print(stderr, "\r{}\033[K", progress_line(name_, done, total, rate));
  drawn_ = true;
}

}  // namespace cairn::hub
