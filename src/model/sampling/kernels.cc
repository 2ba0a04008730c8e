#include "model/sampling/kernels.h"

#include <limits>

#include "base/simd.h"

namespace cairn::sampling {
namespace {

constexpr float kLog2E = 1.44269504f, kLn2 = 0.693147181f;

inline void prefetch([[maybe_unused]] const float* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#endif
}

#define CAIRN_KERNELS "model/sampling/kernels.inc"
#include "base/each_processor.inc"

}  // namespace

const Kernels& kernels() {
  static const Kernels best = tables().back();
  return best;
}

std::vector<Kernels> all_kernels() {
  return tables();
}

}  // namespace cairn::sampling
