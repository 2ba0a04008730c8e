#include "cairn/fold.h"

#include <algorithm>
#include <numeric>

namespace cairn::fold {
namespace {

template <class F>
std::vector<float> each(std::span<const Verdict> verdicts, F one) {
  std::vector<float> rewards;
  rewards.reserve(verdicts.size());
  for (const Verdict& v : verdicts)
    rewards.push_back(v.process.empty() ? v.outcome : one(v.process));
  return rewards;
}

}  // namespace

std::vector<float> last(std::span<const Verdict> verdicts) {
  return each(verdicts, [](const auto& r) { return r.back(); });
}

std::vector<float> min(std::span<const Verdict> verdicts) {
  return each(verdicts, [](const auto& r) { return *std::min_element(r.begin(), r.end()); });
}

std::vector<float> product(std::span<const Verdict> verdicts) {
  return each(verdicts, [](const auto& r) {
    return std::accumulate(r.begin(), r.end(), 1.0f, std::multiplies<>());
  });
}

std::vector<float> mean(std::span<const Verdict> verdicts) {
  return each(verdicts, [](const auto& r) {
    return std::accumulate(r.begin(), r.end(), 0.0f) / static_cast<float>(r.size());
  });
}

std::vector<float> outcome(std::span<const Verdict> verdicts) {
  std::vector<float> rewards;
  for (const Verdict& v : verdicts) rewards.push_back(v.outcome);
  return rewards;
}

}  // namespace cairn::fold
