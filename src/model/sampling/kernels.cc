#include "model/sampling/kernels.h"

#include <cstdint>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__GNUC__)
#define CAIRN_INLINE [[gnu::always_inline]] inline
#define CAIRN_PREFETCH(address) __builtin_prefetch(address)
#define CAIRN_WIDTH 4
#else
#define CAIRN_INLINE inline
#define CAIRN_PREFETCH(address)
#define CAIRN_WIDTH 1
#endif

#define CAIRN_MAX(a, b) ((a) > (b) ? (a) : (b))

namespace cairn::sampling {
namespace {

constexpr float kLog2E = 1.44269504f, kLn2 = 0.693147181f;

namespace portable {
constexpr int kWidth = CAIRN_WIDTH;
#include "model/sampling/kernels.inc"
}  // namespace portable

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define CAIRN_X86 1
#undef CAIRN_WIDTH
#undef CAIRN_MAX

#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define CAIRN_WIDTH 8
#define CAIRN_MAX(a, b) _mm256_max_ps(a, b)
namespace avx2 {
constexpr int kWidth = CAIRN_WIDTH;
#include "model/sampling/kernels.inc"
}  // namespace avx2
#undef CAIRN_WIDTH
#undef CAIRN_MAX
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,fma")
#define CAIRN_WIDTH 16
#define CAIRN_MAX(a, b) ((a) > (b) ? (a) : (b))
namespace avx512 {
constexpr int kWidth = CAIRN_WIDTH;
#include "model/sampling/kernels.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

const Kernels& choose() {
#if defined(CAIRN_X86)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return avx512::kTable;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kTable;
#endif
  return portable::kTable;
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& best = choose();
  return best;
}

const Kernels& portable_kernels() {
  return portable::kTable;
}

}  // namespace cairn::sampling
