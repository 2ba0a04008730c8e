#include "cairn/step.h"

#include <array>
#include <numeric>
#include <utility>

#include "cairn/outcome.h"

namespace cairn {
namespace {

constexpr std::array<std::pair<Stop, std::string_view>, 9> kStops{{
    {Stop::segment, "segment"},
    {Stop::stop_string, "stop_string"},
    {Stop::end_of_text, "end_of_text"},
    {Stop::max_tokens, "max_tokens"},
    {Stop::grammar, "grammar"},
    {Stop::context, "context"},
    {Stop::budget, "budget"},
    {Stop::deadline, "deadline"},
    {Stop::cancelled, "cancelled"},
}};

}  // namespace

std::string_view name_of(Stop stop) {
  for (const auto& [value, name] : kStops)
    if (value == stop) return name;
  return "unknown";
}

std::optional<Stop> stop_named(std::string_view name) {
  for (const auto& [value, known] : kStops)
    if (known == name) return value;
  return {};
}

std::string_view name_of(Stopped stopped) {
  switch (stopped) {
    case Stopped::done:
      return "done";
    case Stopped::budget:
      return "budget";
    case Stopped::deadline:
      return "deadline";
    case Stopped::cancelled:
      return "cancelled";
  }
  return "unknown";
}

double Step::logprob() const {
  return std::accumulate(logprobs.begin(), logprobs.end(), 0.0);
}

}  // namespace cairn
