#pragma once
// model/llama/product.h — products of quantized weights with the rows of a batch.
//
//   output[r][o] = sum over i of weight[o][i] input[r][i]
//
// llama.cpp unpacks a weight again for every row, or has rows in fours on another path than those
// left over. Here the weights of some outputs are unpacked at a time, once for all rows; inputs are
// rounded to 8 bits, with a scale for each 32. A row's outputs depend on nothing but the weights
// and its own inputs, bit for bit.
//
// In a program linked with -Wl,--wrap of ggml_cpu_extra_compute_forward and
// ggml_cpu_extra_work_size, as CMake's target cairn_llama asks for, llama.cpp calls it wherever
// multiplies() says so.

#include <cstddef>
#include <cstdint>
#include <vector>

struct ggml_tensor;

namespace cairn::llama {

inline constexpr int kInputBlock = 32;  // inputs that share a scale

struct WeightMatrix {
  int type;            // a ggml_type that knows_weights()
  const char* data;    // output o's begin at o * stride
  std::size_t stride;  // bytes
  int inputs;          // a multiple of kInputBlock, and of the type's own block
  int outputs;
};

// Inputs as quant * scale, quants in [-127, 127].
struct RoundedRows {
  int rows, inputs;
  int part;             // inputs that share a sum: input_part() of the weights' type
  std::int8_t* quants;  // [rows][inputs]
  float* scales;        // [rows][inputs / kInputBlock]
  float* sums;          // [rows][inputs / part], of quant * scale
};

bool knows_weights(int type);
int input_part(int type);

// For one kind of processor. Threads: any number of calls at once.
struct ProductKernels {
  // Rounds rows [first, last); input: [rows][inputs].
  void (*round)(const float* input, int first, int last, const RoundedRows& rounded);
  // Outputs [first, last) of all rows; first is a multiple of kOutputs, and so is last unless it is
  // the end. output: [rows][matrix.outputs].
  void (*multiply)(const WeightMatrix& matrix, const RoundedRows& rounded, int first, int last,
                   float* output);
};
inline constexpr int kOutputs = 16;

// For each kind of processor that this one can be, the best last.
const std::vector<ProductKernels>& all_products();

// Does the processor have vectors that are worth it: AVX2, or AVX-512 with VNNI?
bool has_own_products();
// Is this node of llama.cpp's computed here? Its weights must lie in memory as in the file. A row
// that is alone is left to llama.cpp, which is faster with one, until multiply_lone_rows() was
// called.
bool multiplies(const ggml_tensor* node);
// For the rest of the process: a row gets the same bits alone as among others. Not while a model
// decodes: the threads of a product have to go the same way.
void multiply_lone_rows();

}  // namespace cairn::llama
