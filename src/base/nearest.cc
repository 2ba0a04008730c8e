#include "base/nearest.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace cairn::base {
namespace {

constexpr int kEdit = 2;  // in half edits

int replace_cost(unsigned char a, unsigned char b) {
  if (a == b) return 0;
  return std::tolower(a) == std::tolower(b) ? 1 : kEdit;
}

// Optimal string alignment distance, in half edits.
int distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<int> cost((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> int& { return cost[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = static_cast<int>(i) * kEdit;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = static_cast<int>(j) * kEdit;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      at(i, j) = std::min({at(i - 1, j) + kEdit, at(i, j - 1) + kEdit,
                           at(i - 1, j - 1) + replace_cost(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + kEdit);
    }
  return at(a.size(), b.size());
}

std::string first_that_begins_with(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t kShortest = 3;
  for (const std::string& candidate : candidates)
    if (name.size() >= kShortest && candidate.starts_with(name)) return candidate;
  return "";
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 200;  // no name is longer: nothing is near such a text
  if (name.size() > kLongest) return "";
  std::string best;
  int best_distance = 0;
  for (const std::string& candidate : candidates) {
    const int edits = distance(name, candidate);
    const std::size_t longer = std::max(name.size(), candidate.size());
    if (edits > kEdit * std::max(2, static_cast<int>(longer / 3))) continue;
    if (!best.empty() && edits >= best_distance) continue;
    best = candidate;
    best_distance = edits;
  }
  return best.empty() ? first_that_begins_with(name, candidates) : best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const std::string close = nearest(name, candidates);
  if (!close.empty()) return "The nearest is \"" + close + "\"";
  std::string known;
  for (const std::string& candidate : candidates) known += (known.empty() ? "" : ", ") + candidate;
  return "Known are: " + known;
}

}  // namespace cairn::base
