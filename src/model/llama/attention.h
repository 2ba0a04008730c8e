#pragma once
// model/llama/attention.h — attention of some rows over the same cells, in vectors of the
// processor.
//
//   s_i = scale <q, k_i> + mask_i      p_i = exp(s_i - max s) / sum exp(s_j - max s)
//   output = sum p_i v_i
//
// llama.cpp takes its queries one by one, and for each the cells one by one. Here the keys of kTile
// cells are transposed once for all heads and tokens that read them; the sums go over tiles as in
// Milakov & Gimelshein 2018, arXiv:1805.02867, and Dao et al. 2022, arXiv:2205.14135. A row's
// output depends on nothing but its own query, mask and cells, bit for bit.
//
// In a program linked with -Wl,--wrap=ggml_compute_forward_flash_attn_ext, as CMake's target
// cairn_llama asks for, llama.cpp calls it wherever attends() says so.

#include <cstddef>
#include <cstdint>
#include <vector>

struct ggml_tensor;

namespace cairn::llama {

inline constexpr int kTile = 64;      // cells
inline constexpr int kMostRows = 64;  // of one block
inline constexpr int kSizeStep = 32;

struct AttentionRow {
  const float* query;         // [size]
  const std::uint16_t* mask;  // [cells], 16-bit floats; minus infinity: the cell is not read
  float* output;              // [size]; zeros where no cell is read
};

struct AttentionBlock {
  std::vector<AttentionRow> rows;                // 1 … kMostRows
  const char* keys = nullptr;                    // cell i's at i * key_stride, `size` 16-bit floats
  const char* values = nullptr;                  // likewise
  std::size_t key_stride = 0, value_stride = 0;  // bytes
  int cells = 0;                                 // a multiple of kTile
  int size = 0;                                  // of a head; a multiple of kSizeStep
  float scale = 1;
};

// Threads: any number of blocks at once.
void attend(const AttentionBlock& block);
// The same for each kind of processor that this one can be, the best last.
using Attend = void (*)(const AttentionBlock& block);
std::vector<Attend> all_attends();

// Is this node of llama.cpp's kind FLASH_ATTN_EXT computed here? Cells must be 16-bit floats, and
// neither sinks, nor slopes, nor a soft cap be wanted.
bool attends(const ggml_tensor* node);

// Nodes that were not, in this process so far, once for each thread at work.
std::int64_t left_to_llama();

}  // namespace cairn::llama
