// tools/tile_config.h — read before each source of llama.cpp: g++ 12 tells its optimizer that
// _tile_loadconfig() reads 8 of the 64 bytes it reads, so the shapes of the tiles are never written
// and the first product on a processor with AMX ends in an illegal instruction.
#if defined(__AMX_TILE__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#define _tile_loadconfig(config) \
  __asm__ volatile("ldtilecfg\t%X0" ::"m"(*(const char(*)[64])(config)))
#endif
