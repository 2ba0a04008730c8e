#pragma once
// model/sampling/kernels.h — the inner loops over logits, one version for each kind of processor.
//
//   exp(x) = 2^(x * log2 e): the exponent's bits for the whole part and a polynomial for the rest.
//   Its relative error is at most 3e-6 and the rounding of x; below 2^-127, and for minus infinity,
//   it is exactly 0. Pinned by tests/model/sampling/kernels_test.cc.
//
// Sums are kept in kLanes partial sums whatever the processor's vectors are, and depend on nothing
// but the numbers: the same block gives the same result on the same machine.

#include <vector>

namespace cairn::sampling {

inline constexpr int kLanes = 16;
inline constexpr int kBlock = 2048;  // logits measured at once: small enough for the nearest cache

struct Kernels {
  // Lane l's largest of x[l], x[l + kLanes], … into lane_max[kLanes] (minus infinity: none; NaNs
  // do not count); returns the sum of all, which is not finite if any of them is not.
  float (*scan)(const float* x, int count, float* lane_max);
  // sum of exp(x[i] - max); that of (x[i] - max) * exp(x[i] - max) into *moment
  float (*mass)(const float* x, int count, float max, float* moment);
  // The same into *mass and *moment, and the sum of exp((x[i] - max) * slope) into *weight.
  void (*masses)(const float* x, int count, float max, float slope, float* mass, float* moment,
                 float* weight);
  // out[i] = exp((x[i] - max) * slope); `out` has room for count rounded up to kLanes.
  void (*weights)(const float* x, int count, float max, float slope, float* out);
  // The indices of all x[i] >= least in rising order into out[count]; returns how many.
  int (*at_least)(const float* x, int count, float least, int* out);
};

const Kernels& kernels();            // the best for this processor
std::vector<Kernels> all_kernels();  // that run on it

}  // namespace cairn::sampling
