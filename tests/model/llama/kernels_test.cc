// Which kernels may be used for results that do not depend on their batch, and the trial of them.

#include "model/llama/kernels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "testkit/scripted_decoder.h"
#include "testkit/temp_dir.h"
#include "testkit/tiny_gguf.h"

namespace cairn::llama {
namespace {

using testkit::ScriptedDecoder;
using testkit::TinyWeights;

DecoderShape small() {
  return {.sequences = 16,
          .cells = 16 * 16,
          .cells_per_sequence = 16,
          .batch_tokens = 16,
          .batch_outputs = 16,
          .vocabulary = 8,
          .hidden_size = 8,
          .unified = false};
}

// Adds a last bit to the logits of batches in a range of sizes.
class SizeBound : public ScriptedDecoder {
 public:
  SizeBound(int from, int to) : ScriptedDecoder(small()), from_(from), to_(to) {}

  void decode(std::span<const BatchToken> batch) override {
    ScriptedDecoder::decode(batch);
    const int size = static_cast<int>(batch.size());
    for (int i = 0; size >= from_ && size <= to_ && i < size; ++i)
      for (float& logit : logits(i)) logit = std::nextafter(logit, 100.0f);
  }

 private:
  const int from_, to_;
};

TEST(Kernels, RowsThatHangOnTheirBatchAreFoundOut) {
  SizeBound never(0, 0), lone(1, 1), few(1, 3), many(8, 16), all(1, 16);
  EXPECT_TRUE(rows_agree(never));
  EXPECT_TRUE(rows_agree(lone));  // no batch has one token
  EXPECT_FALSE(rows_agree(few));
  EXPECT_FALSE(rows_agree(many));
  EXPECT_TRUE(rows_agree(all));
  EXPECT_EQ(never.physical_cells(), 0);
}

std::string model(const testkit::TempDir& dir, TinyWeights weights) {
  return testkit::write_tiny_gguf(dir / "",
                                  {.embedding = 256, .feed_forward = 256, .weights = weights});
}

TEST(Kernels, WeightsInKQuantsHaveKernelsThatHangOnTheBatch) {
  const testkit::TempDir dir;
  EXPECT_EQ(shape_bound_part(model(dir, TinyWeights::f32), false), 0);
  EXPECT_EQ(shape_bound_part(model(dir, TinyWeights::f16), false), 0);
  // Everything but the norms.
  EXPECT_GT(shape_bound_part(model(dir, TinyWeights::mixed), false), 0.98);
  EXPECT_LT(shape_bound_part(model(dir, TinyWeights::mixed), false), 1);
  EXPECT_EQ(shape_bound_part(model(dir, TinyWeights::mixed), /*own_products=*/true), 0);
}

TEST(Kernels, IndependenceOfTheBatchIsWantedWhereItCostsLittle) {
  const testkit::TempDir dir;
  const LlamaOptions cheap{.path = model(dir, TinyWeights::f16)};
  const LlamaOptions dear{.path = model(dir, TinyWeights::mixed)};
  EXPECT_TRUE(wants_invariance(cheap, /*tiles=*/false, /*own_products=*/false));
  EXPECT_FALSE(wants_invariance(dear, /*tiles=*/false, /*own_products=*/false));
  EXPECT_TRUE(wants_invariance(dear, /*tiles=*/true, /*own_products=*/false));
  EXPECT_TRUE(wants_invariance(dear, /*tiles=*/false, /*own_products=*/true));
  const auto with = [](LlamaOptions options, auto change) {
    change(options);
    return wants_invariance(options, /*tiles=*/false, /*own_products=*/false);
  };
  EXPECT_TRUE(with(dear, [](auto& o) { o.reproducible = Reproducible::on; }));
  EXPECT_FALSE(with(cheap, [](auto& o) { o.reproducible = Reproducible::off; }));
  EXPECT_FALSE(with(cheap, [](auto& o) { o.rows = 1; }));
  EXPECT_FALSE(with(cheap, [](auto& o) { o.gpu_layers = -1; }));
  EXPECT_FALSE(with(cheap, [](auto& o) { o.flash_attention = false; }));
  EXPECT_FALSE(with(cheap, [](auto& o) { o.kv = KvLayout::unified; }));
}

}  // namespace
}  // namespace cairn::llama
