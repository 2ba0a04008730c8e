// tools/llama_mends.h — read before each C++ source of llama.cpp, for what is wrong between it and
// its compiler on processors with AMX.

// g++ 12 tells its optimizer that _tile_loadconfig() reads 8 of the 64 bytes it reads, so the
// shapes of the tiles are never written and the first product ends in an illegal instruction.
#if defined(__AMX_TILE__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#define _tile_loadconfig(config) \
  __asm__ volatile("ldtilecfg\t%X0" ::"m"(*(const char(*)[64])(config)))
#endif

// With 16-bit arithmetic attention adds up its values 128 at a time in 16 bits, and one by one
// where a head has fewer, as most small models do (64): the way of other processors, 64 at a time
// in 32 bits, is faster and more exact.
#ifdef __AVX512FP16__
#include <immintrin.h>
#undef __AVX512FP16__
#endif
