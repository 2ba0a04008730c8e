#include "cairn/adaptive_branching.h"

#include <gtest/gtest.h>

#include <cmath>

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
    toy.grow_bare(engine);
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

// The same bandit under each posterior: most of what is made lies below the better step.
TEST(AdaptiveBranchingTest, EveryPosteriorGoesWhereRewardsAreHigh) {
  for (const Posterior posterior : {Posterior::beta, Posterior::gaussian, Posterior::mixed}) {
    int below_a = 0, below_b = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      Toy toy({.branching = 2, .depth = 12},
              [](const std::string& text) { return text[0] == 'a' ? 0.9f : 0.1f; });
      AdaptiveBranching engine(toy.tree, {.iterations = 60, .posterior = posterior, .seed = seed});
      toy.grow(engine, {.lanes = 1});
      for (Tree::Index node = 1; node < toy.tree.size(); ++node)
        if (toy.tree[node].depth > 1) ++(toy.tree[node].trace.text()[0] == 'a' ? below_a : below_b);
    }
    EXPECT_GT(below_a, 3 * below_b) << static_cast<int>(posterior);
  }
}

// No groups: the prior, N(0.5, 0.2^2). One group of n equal rewards r: given s_a and s_y, mu is
// (0.5 / 0.04 + r / v) / (1 / 0.04 + 1 / v), v = s_a^2 + s_y^2 / n, so between 0.5 and r; with a
// thousand groups at 0.8 it is 0.8.
TEST(MixedModelTest, MeansByHand) {
  EXPECT_NEAR(MixedModel({}).expected_mean(), 0.5, 1e-12);
  const auto group_of = [](double reward, int count) {
    Rewards rewards;
    for (int i = 0; i < count; ++i) rewards.add(reward);
    return rewards;
  };
  const double one = MixedModel({group_of(0.9, 4)}).expected_mean();
  EXPECT_GT(one, 0.5);
  EXPECT_LT(one, 0.9);
  EXPECT_NEAR(MixedModel(std::vector<Rewards>(1000, group_of(0.8, 2))).expected_mean(), 0.8, 1e-3);
}

// The grid's posterior against plain quadrature over mu and all cells, for two groups.
TEST(MixedModelTest, MeanIsThatOfQuadrature) {
  const std::vector<std::vector<double>> data = {{0.2, 0.3, 0.1}, {0.9, 0.7}};
  std::vector<Rewards> groups(2);
  for (std::size_t j = 0; j < 2; ++j)
    for (const double r : data[j]) groups[j].add(r);
  double total = 0, mean = 0;
  const auto density = [](double x, double m, double s) {
    return std::exp(-(x - m) * (x - m) / (2 * s * s)) / s;
  };
  for (const double spread : {0.05, 0.1, 0.2, 0.4})
    for (const double noise : {0.05, 0.1, 0.2, 0.4})
      for (double mu = -0.5; mu < 1.5; mu += 0.02) {
        // A half-normal density times the step of a grid that is even in the logarithm.
        double p = density(mu, 0.5, 0.2) * spread * std::exp(-spread * spread / 0.08) * noise *
                   std::exp(-noise * noise / 0.18);
        for (const auto& rewards : data) {
          double group = 0;
          for (double a = -1.5; a < 2.5; a += 0.02) {
            double likelihood = density(a, mu, spread);
            for (const double r : rewards) likelihood *= density(r, a, noise);
            group += likelihood * 0.02;
          }
          p *= group;
        }
        total += p, mean += p * mu;
      }
  EXPECT_NEAR(MixedModel(groups).expected_mean(), mean / total, 2e-3);
}

// Two actors of which the second makes good children: it makes most of them.
TEST(AdaptiveBranchingTest, TheBetterModelActsMore) {
  for (const Posterior posterior : {Posterior::beta, Posterior::gaussian, Posterior::mixed}) {
    int asked[2] = {0, 0};
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      Tree tree;
      AdaptiveBranching engine(
          tree, {.iterations = 60, .depth = 3, .posterior = posterior, .actors = 2, .seed = seed});
      while (const auto expansion = engine.ask()) {
        ++asked[expansion->actor];
        Step step;
        step.text = "x";
        const Tree::Index child =
            tree.add(expansion->node, tree[expansion->node].trace.extended(step));
        tree.set_reward(child, expansion->actor == 1 ? 0.8f : 0.2f);
        engine.tell(*expansion, std::vector<Tree::Index>{child});
      }
    }
    EXPECT_EQ(asked[0] + asked[1], 300);
    EXPECT_GT(2 * asked[1], 3 * asked[0]) << static_cast<int>(posterior);
  }
}

TEST(AdaptiveBranchingTest, AnActorIsAPolicyOfItsOwn) {
  Toy toy({.branching = 2, .depth = 3});
  testkit::ToyPolicy other({.branching = 2, .depth = 3});
  AdaptiveBranching engine(toy.tree, {.iterations = 30, .actors = 2, .seed = 1});
  GrowOptions options{.lanes = 1};
  options.actors = {&toy.policy, &other};
  toy.grow(engine, options);
  EXPECT_EQ(toy.tree.size(), 31u);
  EXPECT_GT(toy.policy.calls(), 3);
  EXPECT_GT(other.calls(), 3);
  EXPECT_EQ(toy.policy.calls() + other.calls(), 30);
}

}  // namespace
}  // namespace cairn::search
