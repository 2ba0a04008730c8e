#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

#include "cairn/particles.h"
#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;

// The chain: two moves, a or b with probability 1/2 each; the target is exp(lambda * reward).
constexpr double kLambda = 2;
const std::array<std::string, 4> kLeaves = {"aa", "ab", "ba", "bb"};

std::array<double, 4> target() {
  std::array<double, 4> shares{};
  double total = 0;
  for (std::size_t i = 0; i < 4; ++i)
    total += shares[i] = std::exp(kLambda * testkit::hashed_reward(kLeaves[i]));
  for (double& share : shares) share /= total;
  return shares;
}

// The path of a leaf, put into the tree.
std::vector<Tree::Index> grown(Toy& toy, const std::string& leaf, std::uint64_t seed) {
  std::vector<Tree::Index> path;
  Trace trace;
  for (std::size_t i = 0; i < leaf.size(); ++i) {
    Step step;
    step.text = leaf[i];
    step.seed = mix(mix(seed, "path"), i);
    const bool last = i + 1 == leaf.size();
    if (last) step.answer = leaf;
    trace = trace.extended(step, last ? End::done : End::open);
    path.push_back(toy.tree.add(path.empty() ? Tree::kRoot : path.back(), trace));
    toy.tree.set_reward(path.back(), testkit::hashed_reward(trace.text()));
  }
  return path;
}

// A reference drawn from the target itself: after a sweep the drawn trace has the target's
// distribution again, with two particles as with five.
TEST(ParticleGibbsTest, ASweepLeavesTheTargetInvariant) {
  constexpr int kRuns = 6000;
  const std::array<double, 4> shares = target();
  for (const int particles : {2, 5})
    for (const double ess : {0.6, 1.0}) {
      std::map<std::string, int> counts;
      int moved = 0;
      for (int run = 0; run < kRuns; ++run) {
        const std::uint64_t seed = mix(23, static_cast<std::uint64_t>(run));
        double left = uniform(mix(seed, "start"), 0);
        std::size_t start = 0;
        while (start < 3 && (left -= shares[start]) >= 0) ++start;
        Toy toy({.depth = 2, .random = true, .seed = seed});
        const std::vector<Tree::Index> reference = grown(toy, kLeaves[start], seed);
        ParticleGibbs engine(toy.tree,
                             {.particles = particles, .lambda = kLambda, .ess = ess, .seed = seed},
                             1, reference);
        toy.grow(engine);
        ASSERT_EQ(engine.drawn().size(), 1u);
        ++counts[toy.tree[engine.drawn()[0]].trace.text()];
        moved += engine.drawn()[0] != reference.back();
      }
      for (std::size_t i = 0; i < 4; ++i) {
        const double error = std::sqrt(shares[i] * (1 - shares[i]) / kRuns);
        EXPECT_NEAR(counts[kLeaves[i]] / double{kRuns}, shares[i], 4 * error)
            << kLeaves[i] << " " << particles << " " << ess;
      }
      EXPECT_GT(moved, kRuns / 4);
    }
}

// The chain mixes: started at the worst leaf, later sweeps visit leaves as often as the target
// says.
TEST(ParticleGibbsTest, ManySweepsSampleTheTarget) {
  constexpr int kSweeps = 3000;
  const std::array<double, 4> shares = target();
  Toy toy({.depth = 2, .random = true, .seed = 3});
  ParticleGibbs engine(toy.tree, {.particles = 4, .lambda = kLambda, .seed = 5}, kSweeps);
  toy.grow(engine);
  ASSERT_EQ(engine.drawn().size(), std::size_t{kSweeps});
  std::map<std::string, double> frequency;
  for (const Tree::Index node : engine.drawn())
    frequency[toy.tree[node].trace.text()] += 1.0 / kSweeps;
  // Neighbouring draws hang together: eight standard errors of independent ones.
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(frequency[kLeaves[i]], shares[i],
                8 * std::sqrt(shares[i] * (1 - shares[i]) / kSweeps))
        << kLeaves[i];
  EXPECT_EQ(toy.policy.states(), 0);
}

TEST(ParticleGibbsTest, OneSweepIsTheParticleFilter) {
  Toy one({.branching = 3, .depth = 4, .random = true}),
      other({.branching = 3, .depth = 4, .random = true});
  const ParticleOptions options{.particles = 6, .lambda = 3, .ess = 1, .seed = 2};
  Particles filter(one.tree, options);
  ParticleGibbs gibbs(other.tree, options, 1);
  one.grow(filter);
  other.grow(gibbs);
  EXPECT_EQ(one.texts(), other.texts());
  for (const Choose choose : {Choose::best, Choose::weighted, Choose::majority}) {
    const Outcome a = filter.outcome(one.problem, choose), b = gibbs.outcome(other.problem, choose);
    EXPECT_EQ(a.answer, b.answer);
    EXPECT_DOUBLE_EQ(a.confidence, b.confidence);
  }
}

// The self-normalised estimate of the mean reward under the target, over independent filters.
TEST(ParticlesTest, WeightedMeansAreTheTargetsWithinTheirStandardErrors) {
  constexpr int kRuns = 300, kParticles = 64;
  const std::array<double, 4> shares = target();
  double exact = 0;
  for (std::size_t i = 0; i < 4; ++i) exact += shares[i] * testkit::hashed_reward(kLeaves[i]);
  double sum = 0, squares = 0;
  for (int run = 0; run < kRuns; ++run) {
    const std::uint64_t seed = mix(41, static_cast<std::uint64_t>(run));
    Toy toy({.depth = 2, .random = true, .seed = seed});
    Particles engine(toy.tree, {.particles = kParticles, .lambda = kLambda, .seed = seed});
    toy.grow(engine);
    std::vector<double> logs;
    for (const auto& particle : engine.particles()) logs.push_back(particle.log_weight);
    const std::vector<double> weights = normalised(logs);
    double mean = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
      mean += weights[i] * toy.tree[engine.particles()[i].node].reward;
    sum += mean, squares += mean * mean;
  }
  const double mean = sum / kRuns;
  const double error = std::sqrt((squares / kRuns - mean * mean) / kRuns);
  // The estimate's own bias is of the order 1 / particles; 0.003 bounds it here.
  EXPECT_NEAR(mean, exact, 4 * error + 0.003);
}

}  // namespace
}  // namespace cairn::search
