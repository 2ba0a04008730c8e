#pragma once
// gym/draw.h — integers drawn from a seed, the same on every machine.

#include <cstdint>
#include <utility>
#include <vector>

#include "cairn/rng.h"

namespace cairn::gym {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}

  // From low to high, both ends allowed. Requires: low <= high.
  int from(int low, int high) {
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    return low + static_cast<int>(mix(seed_, count_++) % span);
  }
  bool coin() { return from(0, 1) == 1; }

  std::vector<int> numbers(int count, int low, int high) {
    std::vector<int> list;
    for (int i = 0; i < count; ++i) list.push_back(from(low, high));
    return list;
  }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(from(0, static_cast<int>(list.size()) - 1))];
  }
  template <class T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i)
      std::swap(list[i - 1], list[static_cast<std::size_t>(from(0, static_cast<int>(i) - 1))]);
  }

 private:
  const std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

}  // namespace cairn::gym
