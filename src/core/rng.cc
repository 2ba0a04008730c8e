#include "cairn/rng.h"

namespace cairn {

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15ull * (value + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

std::uint64_t mix(std::uint64_t seed, std::string_view text) {
  std::uint64_t hash = mix(seed, text.size());
  for (const char c : text) hash = mix(hash, static_cast<unsigned char>(c));
  return hash;
}

double uniform(std::uint64_t seed, std::uint64_t position) {
  return static_cast<double>(mix(seed, position) >> 11) * 0x1.0p-53;
}

}  // namespace cairn
