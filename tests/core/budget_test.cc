// Budgets: all or nothing, never over a limit, also from many threads.

#include "cairn/budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace cairn {
namespace {

TEST(BudgetTest, TakesUpToTheLimitAndNotOneMore) {
  Budget budget({.generated_tokens = 3});
  EXPECT_TRUE(budget.reserve({.generated_tokens = 2}));
  EXPECT_TRUE(budget.reserve({.generated_tokens = 1}));
  EXPECT_FALSE(budget.stopped());
  EXPECT_FALSE(budget.reserve({.generated_tokens = 1}));
  EXPECT_EQ(budget.stopped(), Stop::budget);
  EXPECT_EQ(budget.spent().generated_tokens, 3);
}

TEST(BudgetTest, ARefusalTakesNothing) {
  Budget budget({.generated_tokens = 5, .evaluated_tokens = 1});
  EXPECT_FALSE(budget.reserve({.generated_tokens = 2, .evaluated_tokens = 2, .model_calls = 1}));
  EXPECT_EQ(budget.spent().generated_tokens, 0);
  EXPECT_EQ(budget.spent().evaluated_tokens, 0);
  EXPECT_EQ(budget.spent().model_calls, 0);
}

TEST(BudgetTest, NoLimitIsNoLimitAndZeroIsNothing) {
  Budget open;
  EXPECT_TRUE(open.reserve({1'000'000'000'000, 1'000'000'000'000, 1'000'000'000'000}));
  Budget closed({.model_calls = 0});
  EXPECT_TRUE(closed.reserve({.generated_tokens = 9}));  // asks for no call
  EXPECT_FALSE(closed.reserve({.model_calls = 1}));
}

TEST(BudgetTest, WhatIsGivenBackCanBeTakenAgain) {
  Budget budget({.generated_tokens = 10});
  EXPECT_TRUE(budget.reserve({.generated_tokens = 10}));
  budget.give_back({.generated_tokens = 4});
  EXPECT_EQ(budget.spent().generated_tokens, 6);
  EXPECT_TRUE(budget.reserve({.generated_tokens = 4}));
  EXPECT_FALSE(budget.reserve({.generated_tokens = 1}));
}

TEST(BudgetTest, TheHeldPartIsHiddenUntilItIsReleased) {
  Budget budget({.generated_tokens = 10, .model_calls = 1});
  budget.hold({.generated_tokens = 4});
  EXPECT_EQ(budget.left_or({99, 99, 99}).generated_tokens, 6);
  EXPECT_FALSE(budget.reserve({.generated_tokens = 7}));
  EXPECT_TRUE(budget.reserve({.generated_tokens = 6}));
  EXPECT_EQ(budget.stopped(), Stop::budget);
  budget.release_held();
  EXPECT_FALSE(budget.stopped());
  EXPECT_TRUE(budget.reserve({.generated_tokens = 4}));
  EXPECT_FALSE(budget.reserve({.generated_tokens = 1}));
}

TEST(BudgetTest, TheHeldTimeMovesTheDeadlineUntilItIsReleased) {
  Budget budget({.wall_time = std::chrono::hours(1)});
  EXPECT_EQ(budget.stopped(), std::nullopt);
  budget.hold({}, std::chrono::hours(1));
  EXPECT_EQ(budget.stopped(), Stop::deadline);
  budget.release_held();
  EXPECT_EQ(budget.stopped(), std::nullopt);
}

TEST(BudgetTest, HoldingMoreThanIsLeftHoldsWhatIsLeft) {
  Budget budget({.generated_tokens = 10});
  EXPECT_TRUE(budget.reserve({.generated_tokens = 7}));
  budget.hold({.generated_tokens = 100});
  EXPECT_EQ(budget.left_or({}).generated_tokens, 0);
  budget.release_held();
  EXPECT_EQ(budget.left_or({}).generated_tokens, 3);
}

TEST(BudgetTest, LeftIsTheGivenAmountWhereThereIsNoLimit) {
  Budget budget({.evaluated_tokens = 8});
  EXPECT_TRUE(budget.reserve({.generated_tokens = 3, .evaluated_tokens = 3}));
  const Amount left = budget.left_or({11, 12, 13});
  EXPECT_EQ(left.generated_tokens, 11);
  EXPECT_EQ(left.evaluated_tokens, 5);
  EXPECT_EQ(left.model_calls, 13);
}

TEST(BudgetTest, CancelledBeforeDeadlineBeforeBudget) {
  Budget budget({.generated_tokens = 0, .wall_time = std::chrono::nanoseconds(0)});
  EXPECT_FALSE(budget.reserve({.generated_tokens = 1}));
  EXPECT_EQ(budget.stopped(), Stop::deadline);
  budget.cancel();
  EXPECT_EQ(budget.stopped(), Stop::cancelled);
  budget.release_held();
  EXPECT_EQ(budget.stopped(), Stop::cancelled);
}

TEST(BudgetTest, NotesAreCountedAndNotLimited) {
  Budget budget({.generated_tokens = 0, .evaluated_tokens = 0});
  budget.note_unique(5);
  budget.note_prompt(6);
  budget.note_judge(7, 2);
  Budget(budget).note_draft(8, 3);  // a part's notes are the whole's
  const Usage spent = budget.spent();
  EXPECT_EQ(spent.unique_tokens, 5);
  EXPECT_EQ(spent.prompt_tokens, 6);
  EXPECT_EQ(spent.judge_tokens, 7);
  EXPECT_EQ(spent.judge_generated, 2);
  EXPECT_EQ(spent.draft_tokens, 8);
  EXPECT_EQ(spent.draft_generated, 3);
  EXPECT_FALSE(budget.stopped());
}

TEST(BudgetTest, ManyThreadsTogetherTakeExactlyTheLimit) {
  for (const std::int64_t limit : {0, 1, 7, 1000, 10007}) {
    Budget budget({.generated_tokens = limit});
    std::atomic<std::int64_t> taken = 0;
    const auto take = [&](std::int64_t size) {
      for (int i = 0; i < 4000; ++i) {
        if (!budget.reserve({.generated_tokens = size})) continue;
        taken += size;
        if (i % 3 == 0) {
          budget.give_back({.generated_tokens = 1});
          taken -= 1;
        }
      }
      while (budget.reserve({.generated_tokens = 1})) ++taken;
    };
    std::vector<std::thread> threads;
    for (const std::int64_t size : {1, 2, 3, 5}) threads.emplace_back(take, size);
    for (std::thread& thread : threads) thread.join();
    while (budget.reserve({.generated_tokens = 1})) ++taken;
    EXPECT_EQ(taken, limit);
    EXPECT_EQ(budget.spent().generated_tokens, limit);
  }
}

// What a part spends, the whole spends; the part counts its own alone and stops with the whole.
TEST(BudgetTest, APartSpendsFromTheWhole) {
  Budget whole({.generated_tokens = 10});
  ASSERT_TRUE(whole.reserve({.generated_tokens = 4}));
  Budget part(whole);
  ASSERT_TRUE(part.reserve({.generated_tokens = 5, .evaluated_tokens = 7}));
  part.give_back({.generated_tokens = 2});
  EXPECT_EQ(part.spent().generated_tokens, 3);
  EXPECT_EQ(part.spent().evaluated_tokens, 7);
  EXPECT_EQ(whole.spent().generated_tokens, 7);
  EXPECT_EQ(part.left_or({}).generated_tokens, 3);
  EXPECT_FALSE(part.reserve({.generated_tokens = 4}));
  EXPECT_EQ(part.spent().generated_tokens, 3);
  EXPECT_EQ(part.stopped(), Stop::budget);
  EXPECT_EQ(whole.stopped(), Stop::budget);
}

}  // namespace
}  // namespace cairn
