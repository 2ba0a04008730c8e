#include "cairn/tree.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

Trace after(const Trace& trace, const char* text) {
  Step step;
  step.text = text;
  return trace.extended(step);
}

// root ── a ── b
//      └─ c
struct Small {
  Tree tree;
  Tree::Index a, b, c;
  Small() {
    a = tree.add(Tree::kRoot, after(Trace(), "a"), 0.5f);
    b = tree.add(a, after(tree[a].trace, "b"));
    c = tree.add(Tree::kRoot, after(Trace(), "c"));
  }
};

TEST(Tree, KeepsChildrenInTheOrderTheyWereAdded) {
  const Small small;
  EXPECT_EQ(small.tree.size(), 4u);
  EXPECT_EQ(small.tree.children(Tree::kRoot), (std::vector<Tree::Index>{small.a, small.c}));
  EXPECT_EQ(small.tree.path(small.b), (std::vector<Tree::Index>{small.a, small.b}));
  EXPECT_EQ(small.tree.leaves(), (std::vector<Tree::Index>{small.b, small.c}));
  EXPECT_EQ(small.tree[small.b].trace.text(), "ab");
  EXPECT_EQ(small.tree[small.b].depth, 2u);
}

TEST(Tree, ARootAloneHasNoLeafAndNoPath) {
  const Tree tree;
  EXPECT_TRUE(tree.leaves().empty());
  EXPECT_TRUE(tree.path(Tree::kRoot).empty());
}

// b gets 1 and 0, c gets 0.5: N(b) = 2, V(b) = 1/2; N(a) = 2; N(root) = 3, V(root) = 1.5/3.
TEST(Tree, BackupAddsToEverythingAbove) {
  Small small;
  small.tree.backup(small.b, 1);
  small.tree.backup(small.b, 0);
  small.tree.backup(small.c, 0.5);
  EXPECT_EQ(small.tree.stats(small.b).visit_count, 2u);
  EXPECT_FLOAT_EQ(*small.tree.stats(small.a).value, 0.5f);
  EXPECT_FLOAT_EQ(*small.tree.stats(small.c).value, 0.5f);
  EXPECT_EQ(small.tree.stats(Tree::kRoot).visit_count, 3u);
  EXPECT_FLOAT_EQ(*small.tree.stats(Tree::kRoot).value, 0.5f);
}

TEST(Tree, StatisticsThatAreNotKnownAreEmpty) {
  const Small small;
  EXPECT_EQ(small.tree.stats(small.a), (NodeStats{.prior = 0.5f}));
  EXPECT_EQ(small.tree.stats(small.c), NodeStats{});
}

TEST(Tree, ChoosingMarksTheWayToTheRoot) {
  Small small;
  small.tree.choose(small.b);
  EXPECT_TRUE(small.tree[small.a].chosen);
  EXPECT_TRUE(small.tree[small.b].chosen);
  EXPECT_FALSE(small.tree[small.c].chosen);
}

TEST(Tree, StatisticsSurviveBeingSet) {
  Small small;
  const NodeStats stats{.visit_count = 7, .value = 0.3f, .prior = 0.0f, .chosen = true};
  small.tree.set_stats(small.c, stats);
  EXPECT_EQ(small.tree.stats(small.c), stats);
}

TEST(Tree, ANodeIsSmall) {
  EXPECT_LE(sizeof(Tree::Node), 96u);
}

}  // namespace
}  // namespace cairn
