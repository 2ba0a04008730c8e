#include "cairn/bayes_chain.h"

#include <gtest/gtest.h>

#include "cairn/error.h"
#include "testkit/instrumented.h"

namespace cairn {
namespace {

const BayesChain kChain{0.5, {{0.2, 0.8}, {0.4, 0.6}}};

// P(X1 = 1) = .5 * .8 + .5 * .2 = .5; P(X2 = 1) = .5 * .6 + .5 * .4 = .5.
// P(X2 = 1 | X0 = 1) = .8 * .6 + .2 * .4 = .56.
// P(X0 = 1 | X2 = 1) = .5 * .56 / .5 = .56, as P(X2 = 1 | X0 = 1) P(X0 = 1) / P(X2 = 1).
// P(X0 = 1 | X1 = 0) = .5 * .2 / .5 = .2.
TEST(BayesChainTest, ProbabilitiesByHand) {
  EXPECT_DOUBLE_EQ(marginal(kChain, 0), 0.5);
  EXPECT_DOUBLE_EQ(marginal(kChain, 2), 0.5);
  EXPECT_DOUBLE_EQ(conditional(kChain, 2, 0, true), 0.56);
  EXPECT_DOUBLE_EQ(conditional(kChain, 0, 2, true), 0.56);
  EXPECT_DOUBLE_EQ(conditional(kChain, 0, 1, false), 0.2);
  EXPECT_DOUBLE_EQ(conditional(kChain, 1, 1, true), 1);
}

TEST(BayesChainTest, ChainsAreDrawnAlikeEveryTime) {
  const BayesChain a = draw_chain(3, 20), b = draw_chain(3, 20);
  EXPECT_EQ(a.next, b.next);
  ASSERT_EQ(a.next.size(), 19u);
  for (const auto& row : a.next)
    for (const double p : row) EXPECT_TRUE(p >= 0 && p <= 1);
}

// The paper's result: without pairs that were seen together the direct answer is the marginal;
// going through what lies between is right where neighbours were seen together, and nowhere else.
TEST(LocalityTest, StepsHelpWhereNeighboursWereSeenTogether) {
  LocalityStudy study;
  study.strings /= testkit::one_in(5);
  const std::vector<LocalityRow> rows = locality(study, 1);
  ASSERT_EQ(rows.size(), 3u);
  const LocalityRow& local = rows[0];
  EXPECT_EQ(local.seen, Seen::local);
  EXPECT_NEAR(local.direct, local.marginal, 0.2 * local.marginal);
  EXPECT_LT(local.scaffolded, 0.5 * local.direct);
  EXPECT_LT(local.free, 0.7 * local.direct);
  EXPECT_GT(local.negative, 0.8 * local.direct);
  const LocalityRow& wrong = rows[1];
  EXPECT_EQ(wrong.seen, Seen::wrong_local);
  EXPECT_GT(wrong.scaffolded, 2 * local.scaffolded);
}

TEST(LocalityTest, StudiesOfNothingAreRefused) {
  EXPECT_THROW(locality({.variables = 5}, 1), Error);
  EXPECT_THROW(locality({.strings = 0}, 1), Error);
}

}  // namespace
}  // namespace cairn
