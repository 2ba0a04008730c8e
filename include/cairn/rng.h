#pragma once
// cairn/rng.h — randomness that depends on names, never on timing.
//
// A seed is derived from the run's seed by mixing in what is being sampled (the problem's id, the
// ordinals and depth of a trace), and the draw at a position is a function of seed and position.
// So the same question, seed and options give the same draws in any order and beside anything else.
//
// mix is SplitMix64's finaliser (Steele, Lea, Flood 2014).

#include <cstdint>
#include <string_view>

namespace cairn {

std::uint64_t mix(std::uint64_t seed, std::uint64_t value);
std::uint64_t mix(std::uint64_t seed, std::string_view text);

// Uniform in [0, 1), 53 bits.
double uniform(std::uint64_t seed, std::uint64_t position);

}  // namespace cairn
