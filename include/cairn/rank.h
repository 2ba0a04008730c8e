#pragma once
// cairn/rank.h — keeping the best.

#include <cstddef>
#include <span>
#include <vector>

#include "cairn/trace.h"

namespace cairn {

// The index of the highest reward; the lowest index wins a tie. Requires: !rewards.empty().
std::size_t best(std::span<const float> rewards);

// The k traces of highest reward, best first; equal rewards keep their order. rewards: [traces].
std::vector<Trace> top_k(std::span<const Trace> traces, std::span<const float> rewards,
                         std::size_t k);

// Each trace m times, one after another, with ordinals 0 … m-1, so that they are sampled apart.
std::vector<Trace> repeat_each(std::span<const Trace> traces, int m);

// Moves the finished traces of `from` to the end of `to`; both keep their order.
void move_finished(std::vector<Trace>& from, std::vector<Trace>& to);

}  // namespace cairn
