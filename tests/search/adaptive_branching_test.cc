#include "cairn/adaptive_branching.h"

#include <gtest/gtest.h>

#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;

// Where every reward is 1, a new child is as good as going on, so both happen; where the first
// step decides (a: 0.9, b: 0.1), most of what is made lies below a.
TEST(AdaptiveBranchingTest, GoesWhereRewardsAreHigh) {
  int below_a = 0, below_b = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Toy toy({.branching = 2, .depth = 12},
            [](const std::string& text) { return text[0] == 'a' ? 0.9f : 0.1f; });
    AdaptiveBranching engine(toy.tree, {.iterations = 60, .seed = seed});
    toy.grow(engine, {.lanes = 1});
    EXPECT_EQ(toy.tree.size(), 61u);
    for (Tree::Index node = 1; node < toy.tree.size(); ++node)
      if (toy.tree[node].depth > 1) ++(toy.tree[node].trace.text()[0] == 'a' ? below_a : below_b);
  }
  EXPECT_GT(below_a, 5 * below_b);
}

TEST(AdaptiveBranchingTest, BranchesAndDeepens) {
  Toy toy({.branching = 3, .depth = 8});
  AdaptiveBranching engine(toy.tree, {.iterations = 200, .seed = 3});
  toy.grow(engine, {.lanes = 4});
  std::uint32_t deepest = 0;
  for (Tree::Index node = 1; node < toy.tree.size(); ++node)
    deepest = std::max(deepest, toy.tree[node].depth);
  EXPECT_GT(toy.tree[Tree::kRoot].children, 1u);
  EXPECT_GE(deepest, 3u);
  EXPECT_EQ(toy.tree[Tree::kRoot].visit_count, 200u);
}

TEST(AdaptiveBranchingTest, TheSeedDecides) {
  std::vector<std::vector<std::string>> texts;
  for (const std::uint64_t seed : {1u, 1u, 2u}) {
    Toy toy({.branching = 3, .depth = 6});
    AdaptiveBranching engine(toy.tree, {.iterations = 40, .seed = seed});
    toy.grow(engine, {.lanes = 1});
    texts.push_back(toy.texts());
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_NE(texts[0], texts[2]);
}

}  // namespace
}  // namespace cairn::search
