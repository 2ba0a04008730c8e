#include "cairn/rank.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "cairn/policy.h"

namespace cairn {

std::size_t best(std::span<const float> rewards) {
  return std::max_element(rewards.begin(), rewards.end()) - rewards.begin();
}

std::vector<Trace> top_k(std::span<const Trace> traces, std::span<const float> rewards,
                         std::size_t k) {
  std::vector<std::size_t> order(traces.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rewards[a] > rewards[b]; });
  order.resize(std::min(k, order.size()));
  std::vector<Trace> kept;
  for (const std::size_t i : order) kept.push_back(traces[i]);
  return kept;
}

std::vector<Trace> repeat_each(std::span<const Trace> traces, int m) {
  std::vector<Trace> repeated;
  for (const Trace& trace : traces)
    for (int i = 0; i < m; ++i) repeated.push_back(trace.with_ordinal(i));
  return repeated;
}

void move_finished(std::vector<Trace>& from, std::vector<Trace>& to) {
  const auto middle =
      std::stable_partition(from.begin(), from.end(), [](const Trace& t) { return !t.finished(); });
  to.insert(to.end(), std::make_move_iterator(middle), std::make_move_iterator(from.end()));
  from.erase(middle, from.end());
}

std::vector<Trace> roots(int n) {
  std::vector<Trace> traces;
  for (int i = 0; i < n; ++i) traces.emplace_back(static_cast<std::uint64_t>(i));
  return traces;
}

}  // namespace cairn
