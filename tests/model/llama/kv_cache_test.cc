// Which sequence is given up when all are taken.

#include "model/llama/kv_cache.h"

#include <gtest/gtest.h>

#include "testkit/scripted_decoder.h"

namespace cairn::llama {
namespace {

constexpr int kCells = 16;

class KvCacheTest : public testing::Test {
 protected:
  KvCacheTest() {
    for (const Token token : {1, 2}) {
      const auto node = tree_.child(PrefixTree::kRoot, token);
      held_.push_back(node);
      const int sequence = *cache_.acquire(node, 1);
      cache_.decoded();
      cache_.extended(sequence, node);
      cache_.release(sequence);
    }
  }

  testkit::ScriptedDecoder decoder_{{.sequences = 2,
                                     .cells = 2 * kCells,
                                     .cells_per_sequence = kCells,
                                     .batch_tokens = kCells,
                                     .batch_outputs = 2,
                                     .vocabulary = 8,
                                     .unified = false}};
  PrefixTree tree_;
  KvCache cache_{decoder_, tree_};
  std::vector<PrefixTree::Node> held_;
};

TEST_F(KvCacheTest, TheLeastRecentlyUsedGoesFirst) {
  const auto wanted = tree_.child(PrefixTree::kRoot, 3);
  EXPECT_EQ(cache_.acquire(wanted, 1), 0);
  EXPECT_EQ(tree_.depth(tree_.tip(1)), 1);
}

TEST_F(KvCacheTest, NoneIsTakenFromARow) {
  EXPECT_EQ(cache_.acquire(tree_.child(PrefixTree::kRoot, 3), 1), 0);
  EXPECT_EQ(cache_.acquire(tree_.child(PrefixTree::kRoot, 4), 1), 1);
  EXPECT_FALSE(cache_.acquire(tree_.child(PrefixTree::kRoot, 5), 1));
}

}  // namespace
}  // namespace cairn::llama
