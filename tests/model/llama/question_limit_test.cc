// How many questions run side by side, by what was evaluated again.

#include "model/llama/question_limit.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cairn::llama {
namespace {

constexpr auto kWindow = QuestionLimit::kWindow;

// Windows in which each of as many questions as may run, of 40, evaluates a tenth of a token again
// for each new one where `room` find room, and nine tenths of what it evaluates where they do not.
void run(QuestionLimit& limit, int room, int windows) {
  for (int i = 0; i < windows; ++i) {
    const int running = std::min(limit.most(), 40);
    const auto unique = running <= room ? kWindow * 9 / 10 : kWindow / 10;
    limit.note(
        {.evaluated = kWindow, .unique = unique, .running = running, .held_back = running < 40});
  }
}

TEST(QuestionLimitTest, NoneIsHeldBackWhereAllFindRoom) {
  QuestionLimit limit;
  run(limit, /*room=*/40, 100);
  EXPECT_EQ(limit.most(), QuestionLimit::kNone);
}

TEST(QuestionLimitTest, HalvesAndRisesToOneLessThanWereTooMany) {
  QuestionLimit limit;
  for (const int next : {20, 10, 5, 7, 8, 4, 6, 7, 7}) {  // 10 were too many, then 8
    run(limit, /*room=*/7, 1);
    EXPECT_EQ(limit.most(), next);
  }
}

TEST(QuestionLimitTest, TriesAgainAfterAWhile) {
  QuestionLimit limit;
  run(limit, /*room=*/7, 8);
  ASSERT_EQ(limit.most(), 7);
  run(limit, /*room=*/40, QuestionLimit::kPatience + 5);  // 10, 15, 22, 33, 49
  EXPECT_EQ(limit.most(), 49);
}

// One question that finds no room is not helped by waiting.
TEST(QuestionLimitTest, OneMayAlwaysRun) {
  QuestionLimit limit;
  run(limit, /*room=*/0, 50);
  EXPECT_EQ(limit.most(), 1);
}

TEST(QuestionLimitTest, JudgesByWholeWindows) {
  QuestionLimit limit;
  limit.note({.evaluated = kWindow - 1, .unique = 0, .running = 40});
  EXPECT_EQ(limit.most(), QuestionLimit::kNone);
  limit.note({.evaluated = kWindow, .unique = kWindow, .running = 2});  // together 0.5 again
  EXPECT_EQ(limit.most(), QuestionLimit::kNone);
}

}  // namespace
}  // namespace cairn::llama
