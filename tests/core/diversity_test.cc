#include "cairn/diversity.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

Tree::Index add(Tree& tree, Tree::Index parent, const std::string& text) {
  Step step;
  step.text = text;
  return tree.add(parent, tree[parent].trace.extended(std::move(step), End::open, tree.size()));
}

// "a b c" and "B c d": two words of four in common.
TEST(DiversityTest, DistancesByHand) {
  EXPECT_DOUBLE_EQ(word_distance("a b c\n", " B  c d"), 0.5);
  EXPECT_DOUBLE_EQ(word_distance("a b", "b\ta a"), 0);
  EXPECT_DOUBLE_EQ(word_distance("a", "b"), 1);
  EXPECT_DOUBLE_EQ(word_distance("", " "), 0);
  EXPECT_DOUBLE_EQ(word_distance("a", ""), 1);
}

// At the root "a", "a", "b": distances 0, 1, 1. Below the first "a b" and "a": 1/2. The others have
// no two children.
TEST(DiversityTest, MeansOverPairsAndNodes) {
  Tree tree;
  EXPECT_EQ(sibling_diversity(tree), std::nullopt);
  const Tree::Index first = add(tree, Tree::kRoot, "a");
  EXPECT_EQ(sibling_diversity(tree, Tree::kRoot), std::nullopt);
  add(tree, Tree::kRoot, "A");
  add(tree, Tree::kRoot, "b");
  add(tree, first, "a b");
  add(tree, first, "a");
  EXPECT_DOUBLE_EQ(*sibling_diversity(tree, Tree::kRoot), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*sibling_diversity(tree), (2.0 / 3 + 0.5) / 2);
}

}  // namespace
}  // namespace cairn
