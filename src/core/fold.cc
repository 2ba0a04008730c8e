#include "cairn/fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/nearest.h"
#include "cairn/error.h"

namespace cairn {
namespace {

float mean_of(std::span<const float> process) {
  return std::accumulate(process.begin(), process.end(), 0.0f) / static_cast<float>(process.size());
}

float weighted_mean_of(std::span<const float> process) {
  float sum = 0, weights = 0;
  for (std::size_t i = 0; i < process.size(); ++i) {
    const auto weight = static_cast<float>(i + 1);
    sum += weight * process[i];
    weights += weight;
  }
  return sum / weights;
}

}  // namespace

std::vector<std::string> fold_names() {
  return {"last", "min", "product", "mean", "weighted", "outcome"};
}

Fold fold_named(std::string_view name) {
  const std::vector<std::string> names = fold_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Error(Fault::input, "fold", fmt::format("there is no fold \"{}\"", name),
                base::did_you_mean(name, names));
  return static_cast<Fold>(found - names.begin());
}

float folded(std::span<const float> process, Fold fold) {
  switch (fold) {
    case Fold::last:
    case Fold::outcome:
      break;
    case Fold::min:
      return *std::min_element(process.begin(), process.end());
    case Fold::product:
      return std::accumulate(process.begin(), process.end(), 1.0f, std::multiplies<>());
    case Fold::mean:
      return mean_of(process);
    case Fold::weighted:
      return weighted_mean_of(process);
  }
  return process.back();
}

std::vector<float> folded(std::span<const Verdict> verdicts, Fold fold) {
  std::vector<float> rewards;
  for (const Verdict& v : verdicts)
    rewards.push_back(fold == Fold::outcome || v.process.empty() ? v.outcome
                                                                 : folded(v.process, fold));
  return rewards;
}

}  // namespace cairn
