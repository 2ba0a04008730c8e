#include "cairn/best_first.h"

#include <gtest/gtest.h>

#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;

float best_first_rewards(const std::string& text) {
  const std::map<std::string, float> rewards = {{"a", 0.5f},  {"b", 0.6f},  {"aa", 0.1f},
                                                {"ab", 0.7f}, {"ba", 0.4f}, {"bb", 0.2f}};
  const auto found = rewards.find(text);
  return found == rewards.end() ? 0.3f : found->second;
}

// Expanded: the root, b 0.6, a 0.5 (before ba 0.4), ab 0.7, which finishes.
TEST(BestFirstTest, GoesBackToWhatIsMorePromising) {
  Toy toy({}, best_first_rewards);
  BestFirst engine(toy.tree, {.expansions = 2});
  toy.grow(engine, {.lanes = 1});
  EXPECT_EQ(toy.texts(),
            (std::vector<std::string>{"a", "b", "ba", "bb", "aa", "ab", "aba", "abb"}));
}

// Depth first stays below b until everything there is finished; bb is pruned.
TEST(BestFirstTest, DepthFirstGoesDownAndPrunes) {
  Toy toy({}, best_first_rewards);
  BestFirst engine(toy.tree, {.expansions = 2, .finished = 3, .prune = 0.25f, .depth_first = true});
  toy.grow(engine, {.lanes = 1});
  EXPECT_EQ(toy.texts(), (std::vector<std::string>{"a", "b", "ba", "bb", "baa", "bab", "aa", "ab",
                                                   "aba", "abb"}));
}

TEST(BestFirstTest, WithoutLimitsItFindsEverything) {
  Toy toy({.branching = 3, .depth = 4});
  BestFirst engine(toy.tree, {.expansions = 3, .max_expanded = 1000, .finished = 1000});
  toy.grow(engine, {.lanes = 8});
  EXPECT_EQ(toy.tree.size(), 1u + 3 + 9 + 27 + 81);
  EXPECT_EQ(toy.policy.states(), 0);
}

TEST(BestFirstTest, AFullOpenListLosesItsWorst) {
  Toy toy({}, best_first_rewards);
  BestFirst engine(toy.tree, {.expansions = 2, .max_expanded = 1000, .finished = 1000, .open = 1});
  toy.grow(engine, {.lanes = 1});
  // Only the better child waits each time: b, ba, and then both of its children finish.
  EXPECT_EQ(toy.texts(), (std::vector<std::string>{"a", "b", "ba", "bb", "baa", "bab"}));
  EXPECT_EQ(toy.policy.states(), 0);
}

}  // namespace
}  // namespace cairn::search
