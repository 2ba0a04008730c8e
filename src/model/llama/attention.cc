#include "model/llama/attention.h"

#include <ggml.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <utility>

#include "base/simd.h"

// llama.cpp's own, and the members of its structure that are needed here: the first.
extern "C" {
struct ggml_compute_params {
  int ith, nth;
};
void __real_ggml_compute_forward_flash_attn_ext(const ggml_compute_params* params,
                                                ggml_tensor* node);
void __wrap_ggml_compute_forward_flash_attn_ext(const ggml_compute_params* params,
                                                ggml_tensor* node);
}

namespace cairn::llama {
namespace {

constexpr float kLog2E = 1.44269504f;

std::atomic<std::int64_t> left = 0;

// Memory of the calling thread in pieces of so many floats, kept for the next call.
void carve(std::initializer_list<std::pair<float**, int>> pieces) {
  static thread_local std::vector<float> memory;
  std::size_t total = 0;
  for (const auto& [piece, count] : pieces) total += count;
  if (memory.size() < total) memory.resize(total);
  float* next = memory.data();
  for (const auto& [piece, count] : pieces) {
    *piece = next;
    next += count;
  }
}

// Does none of the rows read a cell of the tile?
bool closed(const AttentionBlock& block, int first, int count, int tile) {
  constexpr std::uint16_t kNever = 0xfc00;  // minus infinity
  const std::uint16_t* before = nullptr;
  for (int i = first; i < first + count; ++i) {
    const std::uint16_t* mask = block.rows[i].mask + tile;
    if (mask == before) continue;  // heads of one token
    before = mask;
    unsigned differs = 0;
    for (int cell = 0; cell < kTile; ++cell) differs |= mask[cell] ^ kNever;
    if (differs != 0) return false;
  }
  return true;
}

#define CAIRN_KERNELS "model/llama/attention.inc"
#include "base/each_processor.inc"

float parameter(const ggml_tensor* node, int i) {
  float value;
  std::memcpy(&value, node->op_params + i, sizeof value);
  return value;
}

template <class T>
T* at(const ggml_tensor* tensor, std::int64_t i1, std::int64_t i2, std::int64_t i3) {
  return reinterpret_cast<T*>(static_cast<char*>(tensor->data) + i1 * tensor->nb[1] +
                              i2 * tensor->nb[2] + i3 * tensor->nb[3]);
}

// The part of thread `ith` of `nth`. Shapes, innermost first:
//   queries [size, tokens, heads, sequences]    keys, values [size, cells, fewer heads, sequences]
//   mask    [cells, tokens, 1, sequences]       node [size, heads, tokens, sequences]
void attend_part(const ggml_tensor* node, int ith, int nth) {
  const ggml_tensor *q = node->src[0], *k = node->src[1], *v = node->src[2], *mask = node->src[3];
  const std::int64_t tokens = q->ne[1], shared = q->ne[2] / k->ne[2], rows = tokens * shared;
  const std::int64_t all = rows * k->ne[2] * q->ne[3];
  const std::int64_t piece = std::clamp<std::int64_t>((all + nth - 1) / nth, 1, kMostRows);
  AttentionBlock block{.key_stride = k->nb[1],
                       .value_stride = v->nb[1],
                       .cells = static_cast<int>(k->ne[1]),
                       .size = static_cast<int>(q->ne[0]),
                       .scale = parameter(node, 0)};
  std::int64_t turn = 0;
  for (std::int64_t s = 0; s < q->ne[3]; ++s)
    for (std::int64_t group = 0; group < k->ne[2]; ++group)
      for (std::int64_t begin = 0; begin < rows; begin += piece) {
        if (turn++ % nth != ith) continue;
        block.keys = at<const char>(k, 0, group, s);
        block.values = at<const char>(v, 0, group, s);
        block.rows.clear();
        for (std::int64_t row = begin; row < std::min(rows, begin + piece); ++row) {
          const std::int64_t token = row / shared, head = group * shared + row % shared;
          block.rows.push_back({at<const float>(q, token, head, s),
                                at<const std::uint16_t>(mask, token, 0, s % mask->ne[3]),
                                at<float>(node, head, token, s)});
        }
        attend(block);
      }
}

}  // namespace

void attend(const AttentionBlock& block) {
  static const Attend best = tables().back();
  best(block);
}

std::vector<Attend> all_attends() {
  return tables();
}

std::int64_t left_to_llama() {
  return left;
}

bool attends(const ggml_tensor* node) {
  const ggml_tensor *q = node->src[0], *k = node->src[1], *v = node->src[2], *mask = node->src[3];
  const auto halves = [](const ggml_tensor* t) {
    return t->type == GGML_TYPE_F16 && t->nb[0] == 2;
  };
  return mask && !node->src[4] && q->type == GGML_TYPE_F32 && q->nb[0] == 4 && halves(k) &&
         halves(v) && halves(mask) && q->ne[0] % kSizeStep == 0 && k->ne[1] % kTile == 0 &&
         v->ne[0] == q->ne[0] && v->ne[2] == k->ne[2] && q->ne[2] % k->ne[2] == 0 &&
         k->ne[3] == q->ne[3] && v->ne[3] == q->ne[3] && mask->ne[2] == 1 &&
         parameter(node, 1) == 0 && parameter(node, 2) == 0;
}

}  // namespace cairn::llama

void __wrap_ggml_compute_forward_flash_attn_ext(const ggml_compute_params* params,
                                                ggml_tensor* node) {
  if (cairn::llama::attends(node)) return cairn::llama::attend_part(node, params->ith, params->nth);
  ++cairn::llama::left;
  __real_ggml_compute_forward_flash_attn_ext(params, node);
}
