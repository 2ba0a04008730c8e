#pragma once
// A node of llama.cpp's graphs, computed by llama.cpp with what the engine puts in its place.

#include <ggml-cpu.h>
#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

namespace cairn::llama {

class NodeTest : public testing::Test {
 protected:
  std::vector<float> computed(ggml_tensor* node, int threads) {
    ggml_cgraph* graph = ggml_new_graph(context_.get());
    ggml_build_forward_expand(graph, node);
    float* data = static_cast<float*>(node->data);
    std::fill_n(data, ggml_nelements(node), std::numeric_limits<float>::quiet_NaN());
    ggml_graph_compute_with_ctx(context_.get(), graph, threads);
    return {data, data + ggml_nelements(node)};
  }

  const std::unique_ptr<ggml_context, void (*)(ggml_context*)> context_ = {
      ggml_init({.mem_size = 64 << 20, .mem_buffer = nullptr, .no_alloc = false}), ggml_free};
};

}  // namespace cairn::llama
