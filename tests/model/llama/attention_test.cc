// Attention against the formula in double precision, and that rows are on their own.

#include "model/llama/attention.h"

#include <ggml-cpu.h>
#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "model/llama/node_test.h"

namespace cairn::llama {
namespace {

constexpr float kClosed = -std::numeric_limits<float>::infinity();

std::vector<std::uint16_t> halves(const std::vector<float>& x) {
  std::vector<ggml_fp16_t> out(x.size());
  ggml_fp32_to_fp16_row(x.data(), out.data(), static_cast<std::int64_t>(x.size()));
  return out;
}

// A block with memory of its own: every third row reads the first cells alone, as a prompt's tokens
// do; and some cells of the middle are never read.
struct Case {
  Case(int rows, int cells, int size, unsigned seed, float spread = 1) {
    std::mt19937 rng(seed);
    std::normal_distribution<float> normal(0, spread);
    const auto some = [&](int count) {
      std::vector<float> x(count);
      for (float& v : x) v = normal(rng);
      return x;
    };
    queries = some(rows * size);
    keys = halves(some(cells * size)), values = halves(some(cells * size));
    std::vector<float> open(rows * cells);
    for (int r = 0; r < rows; ++r)
      for (int i = 0; i < cells; ++i) {
        const bool ahead = i > cells - rows + r || (r % 3 == 0 && i > 5);
        open[r * cells + i] = ahead || (i > 70 && i < 90) ? kClosed : (i % 7 == 0 ? -0.5f : 0.0f);
      }
    masks = halves(open);
    outputs.assign(rows * size, -7);
    block = {.keys = reinterpret_cast<const char*>(keys.data()),
             .values = reinterpret_cast<const char*>(values.data()),
             .key_stride = size * sizeof(std::uint16_t),
             .value_stride = size * sizeof(std::uint16_t),
             .cells = cells,
             .size = size,
             .scale = 0.25f};
    for (int r = 0; r < rows; ++r)
      block.rows.push_back({&queries[r * size], &masks[r * cells], &outputs[r * size]});
  }

  // The formula of attention.h.
  std::vector<double> expected(int row) const {
    const int size = block.size;
    std::vector<double> scores(block.cells), out(size);
    double most = kClosed, mass = 0;
    for (int i = 0; i < block.cells; ++i) {
      double dot = 0;
      for (int d = 0; d < size; ++d)
        dot += double{queries[row * size + d]} * ggml_fp16_to_fp32(keys[i * size + d]);
      scores[i] = block.scale * dot + ggml_fp16_to_fp32(masks[row * block.cells + i]);
      most = std::max(most, scores[i]);
    }
    for (int i = 0; i < block.cells; ++i) {
      const double weight = std::exp(scores[i] - most);
      mass += weight;
      for (int d = 0; d < size; ++d) out[d] += weight * ggml_fp16_to_fp32(values[i * size + d]);
    }
    for (double& v : out) v /= mass;
    return out;
  }

  std::vector<float> queries, outputs;
  std::vector<std::uint16_t> keys, values, masks;
  AttentionBlock block;
};

class AttentionTest : public testing::TestWithParam<Attend> {};

TEST_P(AttentionTest, IsTheFormula) {
  for (int size : {32, 64, 96, 128})
    for (int rows : {1, 3, 7, 8, 9, 20, kMostRows})
      for (int cells : {kTile, 3 * kTile}) {
        Case c(rows, cells, size, static_cast<unsigned>(size + rows));
        GetParam()(c.block);
        for (int r = 0; r < rows; ++r) {
          const std::vector<double> expected = c.expected(r);
          for (int d = 0; d < size; ++d)
            ASSERT_NEAR(c.outputs[r * size + d], expected[d], 2e-5)
                << size << ' ' << rows << ' ' << cells << ' ' << r << ' ' << d;
        }
      }
}

// Scores of some hundreds: all weight is on few cells, and the largest comes late or early.
TEST_P(AttentionTest, LargeScoresDoNotOverflow) {
  Case c(8, 3 * kTile, 64, 3, 12);
  GetParam()(c.block);
  for (int r = 0; r < 8; ++r) {
    const std::vector<double> expected = c.expected(r);
    for (int d = 0; d < 64; ++d) ASSERT_NEAR(c.outputs[r * 64 + d], expected[d], 1e-2) << r;
  }
}

TEST_P(AttentionTest, ARowThatReadsNoCellIsZero) {
  Case c(9, kTile, 64, 4);
  std::fill_n(c.masks.begin() + 4 * kTile, kTile, halves({kClosed})[0]);
  GetParam()(c.block);
  for (int d = 0; d < 64; ++d) EXPECT_EQ(c.outputs[4 * 64 + d], 0);
  EXPECT_NE(c.outputs[5 * 64], 0);
}

// Bit for bit, whoever else is in the block and however many closed cells are behind.
TEST_P(AttentionTest, ARowsOutputIsItsOwn) {
  constexpr int kRows = 23, kSize = 64, kCells = 2 * kTile;
  Case all(kRows, kCells, kSize, 5);
  GetParam()(all.block);
  for (int first = 0; first < kRows; ++first)
    for (int count : {1, 2, 5, 11}) {
      if (first + count > kRows) continue;
      Case few(kRows, kCells, kSize, 5);
      const auto begin = few.block.rows.begin() + first;
      few.block.rows = {begin, begin + count};
      GetParam()(few.block);
      ASSERT_EQ(std::memcmp(&few.outputs[first * kSize], &all.outputs[first * kSize],
                            count * kSize * sizeof(float)),
                0)
          << first << ' ' << count;
    }
  Case longer(kRows, kCells, kSize, 5);
  std::vector<std::uint16_t> masks(kRows * (kCells + kTile), halves({kClosed})[0]);
  longer.keys.resize((kCells + kTile) * kSize), longer.values.resize(longer.keys.size());
  for (int r = 0; r < kRows; ++r) {
    std::copy_n(&longer.masks[r * kCells], kCells, &masks[r * (kCells + kTile)]);
    longer.block.rows[r].mask = &masks[r * (kCells + kTile)];
  }
  longer.block.keys = reinterpret_cast<const char*>(longer.keys.data());
  longer.block.values = reinterpret_cast<const char*>(longer.values.data());
  longer.block.cells += kTile;
  GetParam()(longer.block);
  EXPECT_EQ(longer.outputs, all.outputs);
}

INSTANTIATE_TEST_SUITE_P(All, AttentionTest, testing::ValuesIn(all_attends()));

// A node of llama.cpp as its graphs have it: heads that share keys, more than one sequence.
class AttentionNode : public NodeTest {
 protected:
  static constexpr int kSize = 64, kHeads = 6, kShared = 3, kTokens = 5, kCells = 128, kParts = 2;

  ggml_tensor* tensor(ggml_type type, std::array<std::int64_t, 4> ne, bool mask = false) {
    ggml_tensor* t = ggml_new_tensor(context_.get(), type, 4, ne.data());
    std::vector<float> x(ggml_nelements(t));
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = mask ? (i % 128 > 100 ? kClosed : 0.0f) : normal_(rng_);
    if (type == GGML_TYPE_F32)
      std::memcpy(t->data, x.data(), ggml_nbytes(t));
    else
      ggml_fp32_to_fp16_row(x.data(), static_cast<ggml_fp16_t*>(t->data), ggml_nelements(t));
    return t;
  }

  ggml_tensor* node(ggml_type keys = GGML_TYPE_F16, float soft_cap = 0) {
    ggml_tensor* q = tensor(GGML_TYPE_F32, {kSize, kTokens, kHeads, kParts});
    ggml_tensor* k = tensor(keys, {kSize, kCells, kHeads / kShared, kParts});
    ggml_tensor* v = tensor(keys, {kSize, kCells, kHeads / kShared, kParts});
    ggml_tensor* mask = tensor(GGML_TYPE_F16, {kCells, kTokens, 1, kParts}, true);
    return ggml_flash_attn_ext(context_.get(), q, k, v, mask, 0.125f, 0, soft_cap);
  }

  std::mt19937 rng_{7};
  std::normal_distribution<float> normal_;
};

float half_at(const ggml_tensor* t, std::int64_t i0, std::int64_t i1, std::int64_t i2,
              std::int64_t i3) {
  const char* at = static_cast<const char*>(t->data) + i0 * t->nb[0] + i1 * t->nb[1] +
                   i2 * t->nb[2] + i3 * t->nb[3];
  return ggml_fp16_to_fp32(*reinterpret_cast<const ggml_fp16_t*>(at));
}

TEST_F(AttentionNode, IsComputedHereWithAnyNumberOfThreads) {
  ggml_tensor* n = node();
  ASSERT_TRUE(attends(n));
  const std::int64_t left = left_to_llama();
  const std::vector<float> alone = computed(n, 1);
  for (int threads : {2, 3, 16}) EXPECT_EQ(computed(n, threads), alone) << threads;
  EXPECT_EQ(left_to_llama(), left);
  const ggml_tensor *q = n->src[0], *k = n->src[1], *v = n->src[2], *mask = n->src[3];
  for (int s = 0; s < kParts; ++s)
    for (int head = 0; head < kHeads; ++head)
      for (int token = 0; token < kTokens; ++token) {
        std::vector<double> sums(kSize);
        double mass = 0;
        for (int i = 0; i < kCells; ++i) {
          double dot = 0;
          for (int d = 0; d < kSize; ++d)
            dot += static_cast<const float*>(
                       q->data)[d + kSize * (token + kTokens * (head + kHeads * s))] *
                   half_at(k, d, i, head / kShared, s);
          const double weight = std::exp(0.125 * dot + half_at(mask, i, token, 0, s));
          mass += weight;
          for (int d = 0; d < kSize; ++d) sums[d] += weight * half_at(v, d, i, head / kShared, s);
        }
        for (int d = 0; d < kSize; ++d)
          ASSERT_NEAR(alone[d + kSize * (head + kHeads * (token + kTokens * s))], sums[d] / mass,
                      1e-5);
      }
}

// What is not computed here is by llama.cpp, as before.
TEST_F(AttentionNode, OthersAreLeftToLlama) {
  ggml_tensor* capped = node(GGML_TYPE_F16, 30);
  EXPECT_FALSE(attends(capped));
  EXPECT_FALSE(attends(node(GGML_TYPE_F32)));
  const std::int64_t left = left_to_llama();
  for (const float v : computed(capped, 2)) ASSERT_TRUE(std::isfinite(v));
  EXPECT_EQ(left_to_llama(), left + 2);
}

}  // namespace
}  // namespace cairn::llama
