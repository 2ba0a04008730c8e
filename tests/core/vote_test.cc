// Votes go over classes of equal answers; all expected values are worked out by hand.

#include "cairn/vote.h"

#include <gtest/gtest.h>

#include "cairn/outcome.h"
#include "testkit/traces.h"

namespace cairn::vote {
namespace {

using testkit::answered;

const Problem kNumber{.id = "p", .question = "?", .kind = AnswerKind::number};

std::vector<Ballot> ballots(std::vector<int> counts) {
  std::vector<Ballot> out;
  for (const int count : counts) out.push_back({std::to_string(out.size()), double(count), count});
  return out;
}

TEST(VoteTest, EqualAnswersAreOneClassShownByTheFirst) {
  const auto traces = answered({"1,000", "7", "1000", "1e3", "7.0"});
  const std::vector<float> weights = {1, 2, 3, 4, 5};
  const auto tallied = tally(traces, weights, kNumber);
  ASSERT_EQ(tallied.size(), 2u);
  EXPECT_EQ(tallied[0].answer, "1,000");
  EXPECT_EQ(tallied[0].count, 3);
  EXPECT_EQ(tallied[0].weight, 8);  // 1 + 3 + 4
  EXPECT_EQ(tallied[1].answer, "7");
  EXPECT_EQ(tallied[1].count, 2);
  EXPECT_EQ(tallied[1].weight, 7);  // 2 + 5
}

TEST(VoteTest, TheMajorityWinsAndTheUnansweredDiluteIt) {
  const Outcome outcome = majority(answered({"4", "5", "", "5"}), kNumber);
  EXPECT_EQ(outcome.answer, "5");
  EXPECT_DOUBLE_EQ(outcome.confidence, 0.5);  // 2 of 4
  EXPECT_EQ(outcome.traces.size(), 4u);
}

TEST(VoteTest, ATieGoesToTheClassThatAppearedFirst) {
  EXPECT_EQ(majority(answered({"5", "4", "4", "5"}), kNumber).answer, "5");
  EXPECT_EQ(majority(answered({"", "4", "5"}), kNumber).answer, "4");
}

TEST(VoteTest, NobodyAnswered) {
  EXPECT_FALSE(majority(answered({"", ""}), kNumber).answer);
  EXPECT_EQ(majority(answered({"", ""}), kNumber).confidence, 0);
  EXPECT_FALSE(majority({}, kNumber).answer);
}

TEST(VoteTest, WeightsCanTurnTheVote) {
  const auto traces = answered({"4", "4", "5", ""});
  const std::vector<float> weights = {0.25f, 0.25f, 1, 0.5f};
  const Outcome outcome = weighted(traces, weights, kNumber);
  EXPECT_EQ(outcome.answer, "5");
  EXPECT_DOUBLE_EQ(outcome.confidence, 0.5);  // 1 of 2
  EXPECT_EQ(outcome.traces[1].reward, 0.25f);
}

TEST(VoteTest, NoWeightAtAllIsAMajority) {
  const auto traces = answered({"4", "5", "5"});
  const std::vector<float> weights = {0, 0, 0};
  const Outcome outcome = weighted(traces, weights, kNumber);
  EXPECT_EQ(outcome.answer, "5");
  EXPECT_DOUBLE_EQ(outcome.confidence, 2.0 / 3);
}

TEST(VoteTest, SettledByHand) {
  struct Row {
    std::vector<int> counts;
    int remaining;
    bool settled;
  };
  const std::vector<Row> table = {
      {{}, 0, true},
      {{}, 1, false},
      {{1}, 1, true},  // a new class can only tie, and
                       // the first wins ties
      {{1}, 2, false},
      {{4}, 4, true},
      {{3, 1}, 2, true},
      {{3, 1}, 3, false},
      {{1, 3}, 2, false},  // the class before the leader would win the tie
      {{1, 3}, 1, true},
      {{2, 2}, 0, true},
      {{2, 2}, 1, false},
      {{5, 2, 3}, 2, true},
      {{2, 5, 3}, 2, true},   // 2 + 2 < 5 and 3 + 2 only ties, later
      {{3, 5, 3}, 2, false},  // 3 + 2 ties, earlier
  };
  for (const Row& row : table)
    EXPECT_EQ(settled(ballots(row.counts), row.remaining), row.settled)
        << testing::PrintToString(row.counts) << " with " << row.remaining << " to come";
}

// Every way in which the remaining votes can fall, for all small counts.
bool leader_can_change(std::vector<int> counts, int remaining, std::size_t leader) {
  const auto first_best = [](const std::vector<int>& c) {
    return std::size_t(std::max_element(c.begin(), c.end()) - c.begin());
  };
  if (first_best(counts) != leader) return true;
  if (remaining == 0) return false;
  counts.push_back(0);  // an answer not seen so far
  for (std::size_t i = 0; i < counts.size(); ++i) {
    auto next = counts;
    ++next[i];
    if (next.back() == 0) next.pop_back();
    if (leader_can_change(next, remaining - 1, leader)) return true;
  }
  return false;
}

TEST(VoteTest, SettledMeansThatNoRemainingVoteChangesTheLeader) {
  for (int a = 0; a <= 4; ++a)
    for (int b = 0; b <= 4; ++b)
      for (int c = 0; c <= 3; ++c)
        for (int remaining = 0; remaining <= 3; ++remaining) {
          if (a + b + c == 0) continue;
          const std::vector<int> counts = {a, b, c};
          const std::size_t leader =
              std::max_element(counts.begin(), counts.end()) - counts.begin();
          EXPECT_EQ(settled(ballots(counts), remaining),
                    !leader_can_change(counts, remaining, leader))
              << a << " " << b << " " << c << " with " << remaining;
        }
}

TEST(VoteTest, TheLeadersPosteriorByHand) {
  EXPECT_NEAR(leader_posterior(ballots({})), 0.5, 1e-12);
  EXPECT_NEAR(leader_posterior(ballots({1})), 0.75, 1e-12);   // 1 - (1/2)^2
  EXPECT_NEAR(leader_posterior(ballots({2})), 0.875, 1e-12);  // 1 - (1/2)^3
  EXPECT_NEAR(leader_posterior(ballots({2, 2})), 0.5, 1e-12);
  EXPECT_NEAR(leader_posterior(ballots({2, 1})), 11.0 / 16, 1e-12);     // (1 + 4 + 6) / 16
  EXPECT_NEAR(leader_posterior(ballots({1, 2, 1})), 11.0 / 16, 1e-12);  // the first two alone
  EXPECT_NEAR(leader_posterior(ballots({3})), 15.0 / 16, 1e-12);
  EXPECT_GT(leader_posterior(ballots({800, 200})), 0.999999);
  EXPECT_LE(leader_posterior(ballots({800, 200})), 1.0);
}

}  // namespace
}  // namespace cairn::vote
