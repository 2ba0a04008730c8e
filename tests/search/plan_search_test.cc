#include "cairn/plan_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;

// Moves that are their own states; depth 2; c = 1.
//   walk 1: the root is new: a 0.6, b 0.5; then by reward a: aa 0.1, ab 0.2; then ab, an end.
//           Q(ab) = 0.2, Q(a) = (0.2 + 0.6) / 2 = 0.4, N = 1 each
//   walk 2: ln N(root) = 0: a 0.4, b 0.5 -> b: ba 0.9, bb 0.3; by reward ba.
//           Q(ba) = 0.9, Q(b) = 0.7
//   walk 3: ln 2 = 0.693, sqrt 0.833 for both (N = 1): a 1.233, b 1.533 -> b, N(b) = 1, ln 1 = 0:
//           ba 0.9 -> an end. N(b) = 2, Q(b) = max(0.7, 0.7)
//   walk 4: ln 3 = 1.099: a 0.4 + 1.048 = 1.448, b 0.7 + 0.741 = 1.441 -> a, ln 1 = 0:
//           aa 0.1 < ab 0.2 -> ab
float plan_search_rewards(const std::string& text) {
  const std::map<std::string, float> rewards = {{"a", 0.6f},  {"b", 0.5f},  {"aa", 0.1f},
                                                {"ab", 0.2f}, {"ba", 0.9f}, {"bb", 0.3f}};
  return rewards.at(text);
}

TEST(PlanSearchTest, WalksByHand) {
  Toy toy({.branching = 2, .depth = 2}, plan_search_rewards);
  PlanSearch engine(toy.tree, {.iterations = 4, .actions = 2, .depth = 2, .states_apart = false});
  toy.grow(engine, {.lanes = 4});
  ASSERT_EQ(toy.texts(), (std::vector<std::string>{"a", "b", "aa", "ab", "ba", "bb"}));
  const std::vector<std::uint32_t> visits = {4, 2, 2, 0, 2, 2, 0};
  for (Tree::Index node = 0; node < 7; ++node)
    EXPECT_EQ(toy.tree[node].visit_count, visits[node]) << node;
  EXPECT_NEAR(engine.value(1), 0.4, 1e-6);
  EXPECT_NEAR(engine.value(2), 0.7, 1e-6);
  EXPECT_NEAR(engine.path_reward(5), 0.7, 1e-6);
}

// Actions in between are walked through and not counted: a state below each action.
TEST(PlanSearchTest, StatesApartFromActions) {
  Toy toy({.branching = 2, .depth = 4}, [](const std::string& text) {
    return text.size() % 2 == 1 ? 0.9f : text == "aa" ? 0.2f : 0.6f;
  });
  PlanSearch engine(toy.tree, {.iterations = 1, .actions = 2, .depth = 2});
  toy.grow(engine);
  EXPECT_EQ(toy.texts(), (std::vector<std::string>{"a", "b", "aa", "aaa", "aab", "aaaa"}));
  EXPECT_NEAR(engine.value(0), (0.2 + 0.6) / 2, 1e-6);
  EXPECT_NEAR(engine.value(1), (0.2 + 0.6) / 2, 1e-6);
}

}  // namespace
}  // namespace cairn::search
