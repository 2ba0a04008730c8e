#pragma once
// base/simd.h — what base/each_processor.inc needs outside of namespaces.

#include <cstdint>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// For the functions of inner loops.
#define CAIRN_INLINE [[gnu::always_inline]] inline
