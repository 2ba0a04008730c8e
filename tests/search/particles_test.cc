#include "cairn/particles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cairn/error.h"
#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;

constexpr Resampling kSchemes[] = {Resampling::multinomial, Resampling::stratified,
                                   Resampling::systematic, Resampling::residual};

TEST(ResampleTest, EachIndexComesWeightTimesNInExpectation) {
  const std::vector<double> weights = {0.05, 0.4, 0.0, 0.25, 0.3};
  for (const Resampling scheme : kSchemes) {
    constexpr int kRuns = 20000;
    std::vector<double> counts(5);
    for (int seed = 0; seed < kRuns; ++seed) {
      const auto picked = resample(weights, scheme, mix(3, static_cast<std::uint64_t>(seed)));
      ASSERT_EQ(picked.size(), 5u);
      for (const std::size_t i : picked) ++counts[i];
    }
    // A count has at most the variance of a binomial: five standard errors.
    for (int i = 0; i < 5; ++i)
      EXPECT_NEAR(counts[i] / kRuns, 5 * weights[i],
                  5 * std::sqrt(5 * weights[i] * (1 - weights[i]) / kRuns) + 1e-9)
          << static_cast<int>(scheme) << " " << i;
  }
}

// 0.4 * 5 = 2 exactly; 0.05 * 5 = 0.25: never or once.
TEST(ResampleTest, SystematicIsOffByLessThanOne) {
  const std::vector<double> weights = {0.05, 0.4, 0.0, 0.25, 0.3};
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    std::vector<int> counts(5);
    for (const std::size_t i : resample(weights, Resampling::systematic, seed)) ++counts[i];
    for (int i = 0; i < 5; ++i) EXPECT_LT(std::abs(counts[i] - 5 * weights[i]), 1 + 1e-9);
  }
}

TEST(WeightsTest, ByHand) {
  const std::vector<double> logs = {std::log(1.0), std::log(3.0)};
  EXPECT_NEAR(normalised(logs)[1], 0.75, 1e-12);
  EXPECT_NEAR(effective_size(logs), 1 / (0.0625 + 0.5625), 1e-12);
  EXPECT_NEAR(log_mean_exp(logs), std::log(2.0), 1e-12);
  const double none = -INFINITY;
  EXPECT_NEAR(normalised(std::vector<double>{none, none})[0], 0.5, 1e-12);
  EXPECT_NEAR(log_mean_exp(std::vector<double>{1000.0, 1000.0}), 1000, 1e-9);
}

// The chain: three moves, a or b with probability 1/2 each; Z = mean over the 8 leaves of
// exp(lambda * reward).
double exact_evidence(double lambda) {
  double total = 0;
  for (const char* leaf : {"aaa", "aab", "aba", "abb", "baa", "bab", "bba", "bbb"})
    total += std::exp(lambda * testkit::hashed_reward(leaf));
  return total / 8;
}

TEST(ParticlesTest, TheEvidenceIsUnbiased) {
  constexpr double kLambda = 2;
  constexpr int kRuns = 400;
  for (const Potential potential :
       {Potential::difference, Potential::max, Potential::sum, Potential::immediate})
    for (const Resampling scheme : kSchemes) {
      double sum = 0, squares = 0;
      for (int run = 0; run < kRuns; ++run) {
        const auto seed = mix(5, static_cast<std::uint64_t>(run));
        Toy toy({.depth = 3, .random = true, .seed = seed});
        Particles engine(toy.tree, {.particles = 4,
                                    .potential = potential,
                                    .lambda = kLambda,
                                    .resampling = scheme,
                                    .ess = 0.7,
                                    .seed = seed});
        toy.grow(engine);
        const double evidence = std::exp(engine.log_evidence());
        sum += evidence, squares += evidence * evidence;
      }
      const double mean = sum / kRuns;
      const double error = std::sqrt((squares / kRuns - mean * mean) / kRuns);
      EXPECT_NEAR(mean, exact_evidence(kLambda), 4 * error)
          << static_cast<int>(potential) << " " << static_cast<int>(scheme);
    }
}

// One particle is a sample; its weight is exp(lambda * reward) whatever the potential.
TEST(ParticlesTest, OneParticleIsOneSample) {
  for (const Potential potential :
       {Potential::difference, Potential::max, Potential::sum, Potential::immediate}) {
    Toy toy({.depth = 3, .random = true, .seed = 4});
    Particles engine(toy.tree, {.particles = 1, .potential = potential, .lambda = 3, .ess = 0});
    toy.grow(engine);
    const Particles::Particle& only = engine.particles()[0];
    ASSERT_TRUE(only.finished);
    EXPECT_NEAR(engine.log_evidence(), 3 * toy.tree[only.node].reward, 1e-5);
  }
}

TEST(ParticlesTest, NothingIsHeldAfterwards) {
  Toy toy({.branching = 3, .depth = 5, .random = true});
  Particles engine(toy.tree, {.particles = 8, .ess = 1});
  toy.grow(engine);
  for (const auto& particle : engine.particles()) EXPECT_TRUE(particle.finished);
  EXPECT_EQ(toy.policy.states(), 0);
}

TEST(ParticlesTest, UnknownNamesAreRefusedWithTheNearest) {
  EXPECT_EQ(potential_named("max"), Potential::max);
  EXPECT_EQ(resampling_named("residual"), Resampling::residual);
  EXPECT_THROW(potential_named("maximum"), Error);
}

}  // namespace
}  // namespace cairn::search
