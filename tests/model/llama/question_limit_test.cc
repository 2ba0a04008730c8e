// How many questions run side by side, by what had been evicted.

#include "model/llama/question_limit.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cairn::llama {
namespace {

constexpr auto kWindow = QuestionLimit::kWindow;

// Windows in which as many of 40 questions run as may; of what they evaluate a tenth had been
// evicted where `room` find room, and nine tenths where they do not.
void run(QuestionLimit& limit, int room, int windows) {
  for (int i = 0; i < windows; ++i) {
    const int running = std::min(limit.most(), 40);
    const auto evicted = running <= room ? kWindow / 10 : kWindow * 9 / 10;
    limit.note(
        {.evaluated = kWindow, .evicted = evicted, .running = running, .held_back = running < 40});
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
  limit.note({.evaluated = kWindow - 1, .evicted = kWindow - 1, .running = 40});
  EXPECT_EQ(limit.most(), QuestionLimit::kNone);
  limit.note({.evaluated = kWindow, .evicted = 0, .running = 2});  // together less than 0.5
  EXPECT_EQ(limit.most(), QuestionLimit::kNone);
}

}  // namespace
}  // namespace cairn::llama
