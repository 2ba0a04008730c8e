#include "model/llama/prefix_tree.h"

#include <gtest/gtest.h>

namespace cairn::llama {
namespace {

using Node = PrefixTree::Node;

Node path(PrefixTree& tree, std::initializer_list<Token> tokens) {
  Node node = PrefixTree::kRoot;
  for (const Token token : tokens) {
    const Node child = tree.child(node, token);
    if (node != PrefixTree::kRoot) tree.release(node);
    node = child;
  }
  return node;
}

TEST(PrefixTree, FamiliesShareNoNode) {
  PrefixTree tree;
  const Node a = tree.child(PrefixTree::kRoot, 7), b = tree.child(PrefixTree::kRoot, 7, 1);
  const Node c = tree.child(b, 8), again = tree.child(PrefixTree::kRoot, 7, 1);
  EXPECT_NE(a, b);
  EXPECT_EQ(again, b);
  EXPECT_EQ(tree.path(c, 0), (std::vector<Token>{7, 8}));
  EXPECT_TRUE(tree.note_evaluated(a));
  EXPECT_TRUE(tree.note_evaluated(b));
  EXPECT_FALSE(tree.note_evaluated(again));
  for (const Node node : {c, b, again}) tree.release(node);
  EXPECT_EQ(tree.live(), 1u);  // a
  EXPECT_NE(tree.child(PrefixTree::kRoot, 7, 1), a);
  EXPECT_EQ(tree.child(PrefixTree::kRoot, 7), a);
}

TEST(PrefixTree, EqualPrefixesAreOneNode) {
  PrefixTree tree;
  const Node a = path(tree, {1, 2, 3}), b = path(tree, {1, 2, 4}), c = path(tree, {1, 2, 3});
  EXPECT_EQ(a, c);
  EXPECT_EQ(tree.live(), 4u);  // 1, 2, 3, 4
  EXPECT_EQ(tree.path(b, 0), (std::vector<Token>{1, 2, 4}));
  EXPECT_EQ(tree.path(b, 2), (std::vector<Token>{4}));
  EXPECT_EQ(tree.ancestor(a, 2), tree.ancestor(b, 2));
  tree.release(a);
  EXPECT_EQ(tree.live(), 4u);  // c still holds it
  tree.release(c);
  EXPECT_EQ(tree.live(), 3u);
  tree.release(b);
  EXPECT_EQ(tree.live(), 0u);
}

TEST(PrefixTree, ADyingNodeShortensItsSequences) {
  PrefixTree tree;
  const Node a = path(tree, {1, 2, 3, 4}), b = path(tree, {1, 2, 5});
  tree.move_tip(0, a);
  tree.move_tip(1, b);
  EXPECT_EQ(tree.live_resident(), 5u);
  EXPECT_TRUE(tree.resident(tree.ancestor(a, 2))[0]);
  EXPECT_TRUE(tree.resident(tree.ancestor(a, 2))[1]);
  tree.release(a);  // 3 and 4 die
  EXPECT_EQ(tree.length(0), 2);
  EXPECT_EQ(tree.length(1), 3);
  const auto dirty = tree.take_dirty();
  EXPECT_TRUE(dirty[0]);
  EXPECT_FALSE(dirty[1]);
  EXPECT_EQ(tree.live_resident(), 3u);
}

TEST(PrefixTree, APrefixIsNewOnceInARun) {
  PrefixTree tree;
  const Node a = path(tree, {7, 8});
  EXPECT_TRUE(tree.note_evaluated(a));
  EXPECT_FALSE(tree.note_evaluated(a));
  tree.release(a);
  EXPECT_FALSE(tree.note_evaluated(path(tree, {7, 8})));
  EXPECT_TRUE(tree.note_evaluated(path(tree, {8, 8})));
}

TEST(PrefixTree, ANodeIsEvictedThatLeftItsLastSequenceAndLives) {
  PrefixTree tree;
  const Node a = path(tree, {1, 2}), b = path(tree, {1, 3}), shared = tree.parent(a);
  EXPECT_FALSE(tree.evicted(a));
  tree.move_tip(0, a);
  tree.move_tip(1, b);
  tree.move_tip(0, PrefixTree::kRoot);
  EXPECT_TRUE(tree.evicted(a));
  EXPECT_FALSE(tree.evicted(shared));
  tree.move_tip(0, a);
  EXPECT_FALSE(tree.evicted(a));
  tree.move_tip(0, PrefixTree::kRoot);
  tree.release(a);
  EXPECT_FALSE(tree.evicted(path(tree, {1, 2})));  // another
}

TEST(PrefixTree, SwappingSequencesSwapsTheirPaths) {
  PrefixTree tree;
  const Node a = path(tree, {1, 2}), b = path(tree, {3});
  tree.move_tip(0, a);
  tree.move_tip(5, b);
  tree.swap_sequences(0, 5);
  EXPECT_EQ(tree.tip(0), b);
  EXPECT_EQ(tree.tip(5), a);
  EXPECT_TRUE(tree.resident(a)[5]);
  EXPECT_FALSE(tree.resident(a)[0]);
}

}  // namespace
}  // namespace cairn::llama
