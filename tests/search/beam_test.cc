#include "cairn/beam.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;

// Every text of `depth` letters out of the first `branching`.
std::vector<std::string> all_leaves(int branching, int depth) {
  std::vector<std::string> texts{""};
  for (int d = 0; d < depth; ++d) {
    std::vector<std::string> longer;
    for (const std::string& text : texts)
      for (int b = 0; b < branching; ++b) longer.push_back(text + static_cast<char>('a' + b));
    texts = std::move(longer);
  }
  return texts;
}

std::vector<std::string> finished_texts(const Toy& toy) {
  std::vector<std::string> texts;
  for (Tree::Index node = 1; node < toy.tree.size(); ++node)
    if (toy.tree[node].trace.finished()) texts.push_back(toy.tree[node].trace.text());
  std::sort(texts.begin(), texts.end());
  return texts;
}

TEST(BeamTest, FullWidthIsExhaustive) {
  for (int branching = 1; branching <= 3; ++branching)
    for (int depth = 1; depth <= 4; ++depth) {
      Toy toy({.branching = branching, .depth = depth});
      Beam engine(toy.tree, {.width = 81, .expansions = branching});
      toy.grow(engine, {.merge = Merge::normalised});
      const auto leaves = all_leaves(branching, depth);
      EXPECT_EQ(finished_texts(toy), leaves);
      const auto best = std::max_element(leaves.begin(), leaves.end(), [](auto& a, auto& b) {
        return testkit::hashed_reward(a) < testkit::hashed_reward(b);
      });
      EXPECT_EQ(outcome(toy.tree, toy.problem, Choose::best).answer, *best);
    }
}

// Rewards by hand: "a" 0.4, "b" 0.6; below b: "ba" 0.3, "bb" 0.2; below ba: both finished.
float beam_rewards(const std::string& text) {
  const std::map<std::string, float> rewards = {{"a", 0.4f},   {"b", 0.6f},   {"aa", 0.9f},
                                                {"ab", 0.8f},  {"ba", 0.3f},  {"bb", 0.2f},
                                                {"baa", 0.5f}, {"bab", 0.1f}, {"aaa", 0.7f}};
  const auto found = rewards.find(text);
  return found == rewards.end() ? 0 : found->second;
}

TEST(BeamTest, WidthOneIsGreedy) {
  Toy toy({}, beam_rewards);
  Beam engine(toy.tree, {.width = 1, .expansions = 2});
  toy.grow(engine);
  EXPECT_EQ(toy.texts(), (std::vector<std::string>{"a", "b", "ba", "bb", "baa", "bab"}));
  EXPECT_EQ(outcome(toy.tree, toy.problem, Choose::best).answer, "baa");
}

// Kept of round 1: b, a. Of round 2: aa 0.9, ab 0.8.
TEST(BeamTest, WidthTwoByHand) {
  Toy toy({}, beam_rewards);
  Beam engine(toy.tree, {.width = 2, .expansions = 2});
  toy.grow(engine, {.lanes = 1, .merge = Merge::normalised});
  EXPECT_EQ(toy.texts(), (std::vector<std::string>{"a", "b", "ba", "bb", "aa", "ab", "aaa", "aab",
                                                   "aba", "abb"}));
  EXPECT_EQ(outcome(toy.tree, toy.problem, Choose::best).answer, "aaa");
}

TEST(BeamTest, InFlightOrNotTheSameStepsAreKept) {
  for (int width : {1, 3, 4}) {
    Toy one({.branching = 3, .depth = 5}), many({.branching = 3, .depth = 5});
    Beam first(one.tree, {.width = width, .expansions = 3});
    Beam second(many.tree, {.width = width, .expansions = 3});
    one.grow(first, {.lanes = 1, .merge = Merge::normalised});
    many.grow(second, {.lanes = 16, .merge = Merge::normalised});
    EXPECT_EQ(finished_texts(one), finished_texts(many));
  }
}

TEST(BeamTest, EachAnswerNarrowsAShrinkingBeam) {
  // All four traces of round 2 finish; a beam of 2 that shrinks has nothing left then.
  Toy toy({.branching = 2, .depth = 2});
  Beam engine(toy.tree, {.width = 2, .expansions = 2, .shrink = true});
  toy.grow(engine, {.merge = Merge::normalised});
  EXPECT_EQ(finished_texts(toy).size(), 4u);
}

TEST(BeamTest, NothingIsHeldAfterwards) {
  Toy toy({.branching = 3, .depth = 6});
  Beam engine(toy.tree, {.width = 2, .expansions = 3, .depth = 4});
  toy.grow(engine);
  EXPECT_EQ(toy.policy.states(), 0);
}

// Rounds end before any trace has: the best of those that are left goes on alone.
TEST(BeamTest, DeepEnoughItWritesItsBestTraceToTheEnd) {
  Toy toy({.branching = 3, .depth = 6});
  Beam engine(toy.tree, {.width = 2, .expansions = 3, .depth = 4});
  toy.grow(engine);
  const auto texts = toy.texts();
  std::string best;
  for (const std::string& text : texts)
    if (text.size() == 4 &&
        (best.empty() || testkit::hashed_reward(text) > testkit::hashed_reward(best)))
      best = text;
  EXPECT_EQ(outcome(toy.tree, toy.problem, Choose::best).answer, best + "aa");
  EXPECT_EQ(texts.size(), 6u + 3 * 6 + 2);
}

TEST(DiverseBeamsTest, OneSubtreeIsABeam) {
  Toy one({.branching = 3, .depth = 4}), other({.branching = 3, .depth = 4});
  Beam beam(one.tree, {.width = 1, .expansions = 3});
  DiverseBeams diverse(other.tree, 1, {.width = 1, .expansions = 3});
  one.grow(beam);
  other.grow(diverse);
  EXPECT_EQ(one.texts(), other.texts());
}

TEST(DiverseBeamsTest, SubtreesDoNotCompete) {
  Toy toy({.branching = 4, .depth = 4});
  DiverseBeams engine(toy.tree, 3, {.width = 1, .expansions = 4});
  toy.grow(engine);
  // Each subtree expands its best child in each of the three rounds after the root.
  EXPECT_EQ(toy.tree.size(), 1u + 3 * 4 * 4);
  EXPECT_EQ(finished_texts(toy).size(), 12u);
  EXPECT_EQ(toy.policy.states(), 0);
}

// One step ahead a is worth what the child that ordinal 2^21 gives is: of two, the first: aa 0.9; b
// is worth ba 0.3. So a is kept where plain beam search keeps b.
TEST(BeamTest, LookaheadSeesBehindTheNextStep) {
  Toy toy({}, beam_rewards);
  Beam engine(toy.tree, {.width = 1, .expansions = 2});
  toy.grow(engine, {.lookahead = 1});
  EXPECT_EQ(toy.texts(), (std::vector<std::string>{"a", "b", "aa", "ab", "aaa", "aab"}));
  EXPECT_FLOAT_EQ(toy.tree[1].reward, 0.9f);
  EXPECT_FLOAT_EQ(toy.tree[2].reward, 0.3f);
}

// Every beam of every width over every tree of depth 4 at most, against the rule written down in
// the plainest way.
TEST(BeamTest, KeepsWhatThePlainRuleKeeps) {
  for (int branching = 1; branching <= 3; ++branching)
    for (int depth = 1; depth <= 4; ++depth)
      for (int width = 1; width <= 6; ++width) {
        std::vector<std::string> front = {""}, finished;
        for (int round = 0; round < depth; ++round) {
          std::vector<std::string> born;
          for (const std::string& text : front)
            for (int b = 0; b < branching; ++b) born.push_back(text + static_cast<char>('a' + b));
          std::stable_sort(born.begin(), born.end(), [](auto& a, auto& b) {
            return testkit::hashed_reward(a) > testkit::hashed_reward(b);
          });
          if (round + 1 == depth) finished = born;
          born.resize(std::min(born.size(), static_cast<std::size_t>(width)));
          front = born;
        }
        std::sort(finished.begin(), finished.end());
        Toy toy({.branching = branching, .depth = depth});
        Beam engine(toy.tree, {.width = width, .expansions = branching});
        toy.grow(engine, {.merge = Merge::normalised});
        EXPECT_EQ(finished_texts(toy), finished) << branching << " " << depth << " " << width;
      }
}

}  // namespace
}  // namespace cairn::search
