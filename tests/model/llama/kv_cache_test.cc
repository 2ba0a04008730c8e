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
    for (const Token token : {1, 2}) {  // both sequences hold what the older question left
      const auto node = tree_.child(PrefixTree::kRoot, token);
      held_.push_back(node);
      const int sequence = *cache_.acquire(node, 1, {.question = older_});
      cache_.extended(sequence, node);
      cache_.release(sequence);
    }
    wanted_ = tree_.child(PrefixTree::kRoot, 3);
  }

  // The sequence that a request for something else gets.
  std::optional<int> acquired(KvCache::Clock::time_point question, bool can_wait) {
    return cache_.acquire(wanted_, 1, {.question = question, .can_wait = can_wait});
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
  const KvCache::Clock::time_point older_{}, younger_ = older_ + std::chrono::seconds(1);
  std::vector<PrefixTree::Node> held_;
  PrefixTree::Node wanted_ = PrefixTree::kRoot;
};

TEST_F(KvCacheTest, AYoungerQuestionWaitsForWhatAnOlderOneJustUsed) {
  EXPECT_FALSE(acquired(younger_, /*can_wait=*/true));
  for (std::uint64_t i = 0; i < kWarm; ++i) cache_.decoded();
  EXPECT_EQ(acquired(younger_, /*can_wait=*/true), 0);  // released first
}

TEST_F(KvCacheTest, AnOlderQuestionAndOneThatCannotWaitEvict) {
  EXPECT_EQ(acquired(older_, /*can_wait=*/true), 0);
  EXPECT_EQ(acquired(younger_, /*can_wait=*/false), 1);
}

}  // namespace
}  // namespace cairn::llama
