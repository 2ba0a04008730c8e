#include "model/llama/product.h"

#include <ggml-backend.h>
#include <ggml.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <utility>

#include "base/simd.h"

// llama.cpp's own, and its structure.
extern "C" {
struct ggml_threadpool;
struct ggml_compute_params {
  int ith, nth;
  std::size_t wsize;
  void* wdata;
  ggml_threadpool* threadpool;
};
void ggml_barrier(ggml_threadpool* threadpool);
bool __real_ggml_cpu_extra_compute_forward(ggml_compute_params* params, ggml_tensor* node);
bool __wrap_ggml_cpu_extra_compute_forward(ggml_compute_params* params, ggml_tensor* node);
bool __real_ggml_cpu_extra_work_size(int threads, const ggml_tensor* node, std::size_t* size);
bool __wrap_ggml_cpu_extra_work_size(int threads, const ggml_tensor* node, std::size_t* size);
}

namespace cairn::llama {
namespace {

#define CAIRN_KERNELS "model/llama/product.inc"
#include "base/each_processor.inc"

std::atomic<bool> lone_rows = false;

// What all threads of a node share, in llama.cpp's memory for it.
struct Shared {
  std::atomic<int>* next;  // group of outputs
  RoundedRows rounded;
  std::size_t bytes;
};

Shared share(const ggml_tensor* node, void* memory) {
  const int inputs = static_cast<int>(node->src[0]->ne[0]);
  const int rows = static_cast<int>(ggml_nrows(node->src[1]));
  const int part = input_part(node->src[0]->type);
  constexpr std::size_t kLine = 64;
  const std::size_t all = static_cast<std::size_t>(rows) * inputs;
  std::size_t at = 0;
  const auto carve = [&](std::size_t bytes) {
    const std::size_t begin = at;
    at += (bytes + kLine - 1) / kLine * kLine;
    return static_cast<char*>(memory) + begin;
  };
  auto* next = reinterpret_cast<std::atomic<int>*>(carve(sizeof(std::atomic<int>)));
  auto* scales = reinterpret_cast<float*>(carve(all / kInputBlock * sizeof(float)));
  auto* sums = reinterpret_cast<float*>(carve(all / part * sizeof(float)));
  auto* quants = reinterpret_cast<std::int8_t*>(carve(all));
  return {next, {rows, inputs, part, quants, scales, sums}, at};
}

void multiply_part(const ggml_compute_params& params, const ggml_tensor* node) {
  const ggml_tensor *weights = node->src[0], *input = node->src[1];
  const ProductKernels& best = all_products().back();
  const Shared shared = share(node, params.wdata);
  const int rows = shared.rounded.rows;
  if (params.ith == 0) new (shared.next) std::atomic<int>(0);
  best.round(static_cast<const float*>(input->data), rows * params.ith / params.nth,
             rows * (params.ith + 1) / params.nth, shared.rounded);
  ggml_barrier(params.threadpool);

  const WeightMatrix matrix{weights->type, static_cast<const char*>(weights->data), weights->nb[1],
                            static_cast<int>(weights->ne[0]), static_cast<int>(weights->ne[1])};
  constexpr int kTurns = 8;  // groups for each thread: one may be slower
  const int least = (matrix.outputs + kTurns * params.nth - 1) / (kTurns * params.nth);
  const int group = (least + kOutputs - 1) / kOutputs * kOutputs;
  for (;;) {
    const int first = shared.next->fetch_add(1, std::memory_order_relaxed) * group;
    if (first >= matrix.outputs) return;
    best.multiply(matrix, shared.rounded, first, std::min(first + group, matrix.outputs),
                  static_cast<float*>(node->data));
  }
}

}  // namespace

bool knows_weights(int type) {
  constexpr std::array kKnown = {GGML_TYPE_Q4_0, GGML_TYPE_Q4_1, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1,
                                 GGML_TYPE_Q8_0, GGML_TYPE_Q4_K, GGML_TYPE_Q5_K, GGML_TYPE_Q6_K};
  return std::find(kKnown.begin(), kKnown.end(), type) != kKnown.end();
}

int input_part(int type) {
  return type == GGML_TYPE_Q6_K ? 16 : kInputBlock;
}

const std::vector<ProductKernels>& all_products() {
  static const std::vector<ProductKernels> all = tables();
  return all;
}

bool has_own_products() {
  return all_products().size() > 1;
}

bool multiplies(const ggml_tensor* node) {
  if (node->op != GGML_OP_MUL_MAT || !has_own_products()) return false;
  const ggml_tensor *weights = node->src[0], *input = node->src[1];
  const bool plain = !weights->buffer || ggml_backend_buffer_is_host(weights->buffer);
  return plain && knows_weights(weights->type) && weights->ne[2] == 1 && weights->ne[3] == 1 &&
         weights->nb[0] == ggml_type_size(weights->type) && input->type == GGML_TYPE_F32 &&
         ggml_is_contiguous(input) && node->type == GGML_TYPE_F32 && ggml_is_contiguous(node) &&
         (ggml_nrows(input) > 1 || lone_rows);
}

void multiply_lone_rows() {
  lone_rows = true;
}

}  // namespace cairn::llama

bool __wrap_ggml_cpu_extra_compute_forward(ggml_compute_params* params, ggml_tensor* node) {
  if (!cairn::llama::multiplies(node)) return __real_ggml_cpu_extra_compute_forward(params, node);
  cairn::llama::multiply_part(*params, node);
  return true;
}

bool __wrap_ggml_cpu_extra_work_size(int threads, const ggml_tensor* node, std::size_t* size) {
  if (!cairn::llama::multiplies(node)) return __real_ggml_cpu_extra_work_size(threads, node, size);
  *size = cairn::llama::share(node, nullptr).bytes;
  return true;
}
