// Products against the formula in double precision, and that rows are on their own.

#include "model/llama/product.h"

#include <ggml-cpu.h>
#include <ggml.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "model/llama/node_test.h"

namespace cairn::llama {
namespace {

constexpr ggml_type kTypes[] = {GGML_TYPE_Q4_0, GGML_TYPE_Q4_1, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1,
                                GGML_TYPE_Q8_0, GGML_TYPE_Q4_K, GGML_TYPE_Q5_K, GGML_TYPE_Q6_K};

std::vector<float> some(std::size_t count, unsigned seed) {
  std::mt19937 rng(seed);
  std::normal_distribution<float> normal;
  std::vector<float> x(count);
  for (float& v : x) v = normal(rng);
  return x;
}

// Weights of `type`, as llama.cpp packs and unpacks them.
struct Weights {
  Weights(ggml_type type, int inputs, int outputs, unsigned seed)
      : stored(ggml_row_size(type, inputs) * outputs), values(some(inputs * outputs, seed)) {
    ggml_quantize_chunk(type, values.data(), stored.data(), 0, outputs, inputs, nullptr);
    ggml_get_type_traits(type)->to_float(stored.data(), values.data(), inputs * outputs);
    matrix = {type, stored.data(), ggml_row_size(type, inputs), inputs, outputs};
  }
  std::vector<char> stored;
  std::vector<float> values;
  WeightMatrix matrix;
};

struct Rounded {
  Rounded(const ProductKernels& kernels, const std::vector<float>& input, int inputs, int type)
      : quants(input.size()),
        scales(input.size() / kInputBlock),
        sums(input.size() / input_part(type)),
        rows{static_cast<int>(input.size()) / inputs,
             inputs,
             input_part(type),
             quants.data(),
             scales.data(),
             sums.data()} {
    kernels.round(input.data(), 0, rows.rows, rows);
  }
  std::vector<std::int8_t> quants;
  std::vector<float> scales, sums;
  RoundedRows rows;
};

class ProductTest : public testing::TestWithParam<ProductKernels> {
 protected:
  std::vector<float> multiplied(const Weights& weights, const std::vector<float>& input) {
    const Rounded rounded(GetParam(), input, weights.matrix.inputs, weights.matrix.type);
    std::vector<float> out(rounded.rows.rows * weights.matrix.outputs);
    GetParam().multiply(weights.matrix, rounded.rows, 0, weights.matrix.outputs, out.data());
    return out;
  }
};

TEST_P(ProductTest, RoundsToTheNearestOfEightBits) {
  std::vector<float> input = some(3 * 64, 1);
  std::fill_n(input.begin() + 64, 32, 0.0f);
  for (int type : {GGML_TYPE_Q8_0, GGML_TYPE_Q6_K}) {
    const Rounded rounded(GetParam(), input, 64, type);
    for (std::size_t i = 0; i < input.size(); ++i) {
      const float scale = rounded.scales[i / kInputBlock];
      EXPECT_NEAR(rounded.quants[i] * scale, input[i], scale * 0.5001) << i;
    }
    for (std::size_t block = 0; block < rounded.scales.size(); ++block) {
      float most = 0;
      for (int i = 0; i < kInputBlock; ++i)
        most = std::max(most, std::abs(input[block * kInputBlock + i]));
      EXPECT_FLOAT_EQ(rounded.scales[block], most / 127);
    }
    const int part = input_part(type);
    for (std::size_t p = 0; p < rounded.sums.size(); ++p) {
      float sum = 0;
      for (int i = 0; i < part; ++i) sum += rounded.quants[p * part + i];
      EXPECT_FLOAT_EQ(rounded.sums[p], sum * rounded.scales[p * part / kInputBlock]);
    }
  }
}

// The formula of product.h, of what is left of weights and inputs after rounding.
TEST_P(ProductTest, IsTheFormula) {
  for (const ggml_type type : kTypes)
    for (int inputs : {256, 768, 896})
      for (int outputs : {1, 16, 37}) {
        if (inputs % ggml_blck_size(type) != 0) continue;
        for (int rows : {1, 2, 3, 4, 5, 8, 13}) {
          const Weights weights(type, inputs, outputs, static_cast<unsigned>(type));
          const std::vector<float> input = some(rows * inputs, 3);
          const Rounded rounded(GetParam(), input, inputs, type);
          const std::vector<float> out = multiplied(weights, input);
          for (int r = 0; r < rows; ++r)
            for (int o = 0; o < outputs; ++o) {
              double sum = 0;
              for (int i = 0; i < inputs; ++i)
                sum += double{weights.values[o * inputs + i]} * rounded.quants[r * inputs + i] *
                       rounded.scales[(r * inputs + i) / kInputBlock];
              ASSERT_NEAR(out[r * outputs + o], sum, 1e-6 * inputs)
                  << ggml_type_name(type) << ' ' << inputs << ' ' << outputs << ' ' << r << ' '
                  << o;
            }
        }
      }
}

// The largest quants and inputs there can be: nothing overflows.
TEST_P(ProductTest, TheLargestIntegersFit) {
  constexpr int kInputs = 256, kOutputsHere = 16;
  for (const ggml_type type : kTypes) {
    Weights weights(type, kInputs, kOutputsHere, 1);
    // All bits set, but for the exponents of 16-bit floats: those that would make NaN.
    for (const unsigned char bits : {0xff, 0x00, 0x7f, 0x80}) {
      std::vector<char> stored = weights.stored;
      const std::size_t bytes = ggml_type_size(type);
      for (std::size_t block = 0; block < stored.size(); block += bytes) {
        const bool last = type == GGML_TYPE_Q6_K;  // where the scale stands
        const std::size_t skip = type == GGML_TYPE_Q4_1 || type == GGML_TYPE_Q5_1 ||
                                         type == GGML_TYPE_Q4_K || type == GGML_TYPE_Q5_K
                                     ? 4
                                     : 2;
        for (std::size_t i = last ? 0 : skip; i < bytes - (last ? 2 : 0); ++i)
          stored[block + i] = static_cast<char>(bits);
      }
      weights.matrix.data = stored.data();
      ggml_get_type_traits(type)->to_float(stored.data(), weights.values.data(),
                                           kInputs * kOutputsHere);
      for (float input : {1.0f, -1.0f}) {
        const std::vector<float> out = multiplied(weights, std::vector<float>(kInputs, input));
        for (int o = 0; o < kOutputsHere; ++o) {
          double sum = 0, size = 0;
          for (int i = 0; i < kInputs; ++i) {
            sum += double{weights.values[o * kInputs + i]} * input;
            size += std::abs(weights.values[o * kInputs + i]);
          }
          ASSERT_NEAR(out[o], sum, 1e-5 * size + 1e-6) << ggml_type_name(type) << ' ' << int{bits};
        }
      }
    }
  }
}

// Bit for bit, whoever else is there and whichever outputs are asked for together.
TEST_P(ProductTest, ARowsOutputsAreItsOwn) {
  constexpr int kInputs = 768, kRows = 21, kAll = 53;
  for (const ggml_type type : kTypes) {
    const Weights weights(type, kInputs, kAll, 5);
    const std::vector<float> input = some(kRows * kInputs, 6);
    const std::vector<float> all = multiplied(weights, input);
    for (int first = 0; first < kRows; ++first)
      for (int count : {1, 2, 3, 5, 8}) {
        if (first + count > kRows) continue;
        const auto begin = input.begin() + first * kInputs;
        const std::vector<float> few = multiplied(weights, {begin, begin + count * kInputs});
        ASSERT_EQ(std::memcmp(few.data(), &all[first * kAll], few.size() * sizeof(float)), 0)
            << ggml_type_name(type) << ' ' << first << ' ' << count;
      }
    const Rounded rounded(GetParam(), input, kInputs, type);
    std::vector<float> parts(all.size());
    for (const auto& [first, last] : {std::pair{32, kAll}, {0, 16}, {16, 32}})
      GetParam().multiply(weights.matrix, rounded.rows, first, last, parts.data());
    EXPECT_EQ(parts, all);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ProductTest, testing::ValuesIn(all_products()));

// A node of llama.cpp as its graphs have it.
class ProductNode : public NodeTest {
 protected:
  ggml_tensor* node(ggml_type type, int inputs, int outputs, int rows, bool experts = false) {
    ggml_tensor* weights =
        ggml_new_tensor_3d(context_.get(), type, inputs, outputs, experts ? 2 : 1);
    const std::vector<float> values = some(ggml_nelements(weights), 8);
    ggml_quantize_chunk(type, values.data(), weights->data, 0, ggml_nrows(weights), inputs,
                        nullptr);
    ggml_tensor* input = ggml_new_tensor_3d(context_.get(), GGML_TYPE_F32, inputs, rows, 2);
    const std::vector<float> row_values = some(ggml_nelements(input), 9);
    std::memcpy(input->data, row_values.data(), ggml_nbytes(input));
    return ggml_mul_mat(context_.get(), weights, input);
  }
};

TEST_F(ProductNode, IsComputedHereWithAnyNumberOfThreads) {
  if (!has_own_products()) GTEST_SKIP() << "this processor's products are left to llama.cpp";
  for (const ggml_type type : kTypes) {
    ggml_tensor* n = node(type, 512, 100, 3);
    ASSERT_TRUE(multiplies(n)) << ggml_type_name(type);
    const std::vector<float> alone = computed(n, 1);
    for (int threads : {2, 3, 7}) EXPECT_EQ(computed(n, threads), alone) << threads;
    const auto* weights = static_cast<const char*>(n->src[0]->data);
    const auto* input = static_cast<const float*>(n->src[1]->data);
    const ProductKernels best = all_products().back();
    const Rounded rounded(best, {input, input + 6 * 512}, 512, type);
    std::vector<float> expected(6 * 100), row(512);
    best.multiply({type, weights, n->src[0]->nb[1], 512, 100}, rounded.rows, 0, 100,
                  expected.data());
    EXPECT_EQ(alone, expected) << ggml_type_name(type);
    for (int o = 0; o < 100; ++o) {
      ggml_get_type_traits(type)->to_float(weights + o * n->src[0]->nb[1], row.data(), 512);
      for (int r = 0; r < 6; ++r) {
        double sum = 0;
        for (int i = 0; i < 512; ++i) sum += double{row[i]} * input[r * 512 + i];
        EXPECT_NEAR(alone[r * 100 + o], sum, 0.6) << ggml_type_name(type) << ' ' << o << ' ' << r;
      }
    }
  }
}

TEST_F(ProductNode, ALoneRowGetsTheBitsOfOneAmongOthers) {
  if (!has_own_products()) GTEST_SKIP() << "this processor's products are left to llama.cpp";
  multiply_lone_rows();
  for (const ggml_type type : kTypes) {
    ggml_tensor* many = node(type, 512, 40, 3);
    ggml_tensor* input = ggml_new_tensor_1d(context_.get(), GGML_TYPE_F32, 512);
    std::memcpy(input->data, many->src[1]->data, ggml_nbytes(input));
    ggml_tensor* lone = ggml_mul_mat(context_.get(), many->src[0], input);
    EXPECT_TRUE(multiplies(lone));
    std::vector<float> among = computed(many, 2);
    among.resize(40);
    EXPECT_EQ(computed(lone, 2), among) << ggml_type_name(type);
  }
}

TEST_F(ProductNode, LeavesTheRestToLlama) {
  EXPECT_FALSE(multiplies(node(GGML_TYPE_Q8_0, 512, 8, 3, /*experts=*/true)));
  EXPECT_FALSE(multiplies(node(GGML_TYPE_F16, 512, 8, 3)));
  EXPECT_FALSE(multiplies(node(GGML_TYPE_IQ4_NL, 512, 8, 3)));
}

}  // namespace
}  // namespace cairn::llama
