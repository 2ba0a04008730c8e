#include <gtest/gtest.h>

#include "cairn/error.h"
#include "cairn/task.h"

namespace cairn {
namespace {

Problem numbers(const std::string& question) {
  return {.id = "p", .question = question};
}

TEST(Game24Test, MovesByHand) {
  const Task& task = find_task("game24");
  const Problem problem = numbers("4 4 6 8");
  EXPECT_EQ(task.read(problem, "").value, 0.5f);
  const TaskState begun = task.read(problem, "4 + 8 = 12 (left: 4 6 12)\n");
  EXPECT_FALSE(begun.over);
  EXPECT_EQ(begun.moves, 1);
  EXPECT_EQ(begun.value, 0.5f);
  const TaskState done = task.read(
      problem, "4 + 8 = 12 (left: 4 6 12)\n6 - 4 = 2 (left: 2 12)\n2 * 12 = 24 (left: 24)\n");
  EXPECT_TRUE(done.over);
  EXPECT_EQ(done.value, 1);
  EXPECT_EQ(done.answer, "((6 - 4) * (4 + 8))");
  EXPECT_TRUE(task.solves(problem, *done.answer));
}

TEST(Game24Test, WhatBreaksARule) {
  const Task& task = find_task("game24");
  const Problem problem = numbers("4 4 6 8");
  for (const char* move : {"4 + 8 = 13 (left: 4 6 13)", "5 + 8 = 13", "6 + 6 = 12",
                           "4 + 8 = 12 (left: 4 4 12)", "4 / 0 = 4"}) {
    const TaskState state = task.read(problem, move);
    EXPECT_TRUE(state.over) << move;
    EXPECT_FALSE(state.broken.empty()) << move;
    EXPECT_EQ(state.value, 0) << move;
    EXPECT_FALSE(state.answer) << move;
  }
  // Legal, but 24 is out of reach: 1 1 1 can make 3 at most.
  const TaskState dead = task.read(numbers("1 1 1 1"), "1 * 1 = 1 (left: 1 1 1)\n");
  EXPECT_TRUE(dead.broken.empty());
  EXPECT_EQ(dead.value, 0);
}

// 3 3 8 8 needs a fraction: 8 / (3 - 8/3).
TEST(Game24Test, FractionsAreExact) {
  const Task& task = find_task("game24");
  const TaskState state = task.read(
      numbers("3 3 8 8"), "8 / 3 = 8/3 (left: 8/3 3 8)\n3 - 8/3 = 1/3\n8 / 1/3 = 24 (left: 24)");
  EXPECT_EQ(state.answer, "(8 / (3 - (8 / 3)))");
  EXPECT_TRUE(task.solves(numbers("3 3 8 8"), "8 / (3 - 8 / 3) = 24"));
}

TEST(Game24Test, AnswersAreReadSafely) {
  const Task& task = find_task("game24");
  const Problem problem = numbers("4 4 6 8");
  for (const std::string& answer :
       {std::string(""), std::string("24"), std::string("4 * 6"), std::string("(4 + 8) * (6 - 4"),
        std::string("(4 + 8) * (6 - 4))"), std::string("4 + 4 + 8 + 8"), std::string("4 / (4 - 4)"),
        std::string(10000, '('), std::string("999999999999999999 * 4"), std::string("4 +")})
    EXPECT_FALSE(task.solves(problem, answer)) << answer.substr(0, 40);
  EXPECT_THROW(task.read(numbers("what is 2 + 2?"), ""), Error);
}

const Problem& blocks() {
  static const Problem problem{
      .id = "b",
      .question =
          "Blocks: a, b, c. Initial state: clear c, handempty, on c a, ontable a, ontable "
          "b, clear b. Goal: on a b. Actions: pick-up x, put-down x. Give a plan."};
  return problem;
}

// The shortest plan: unstack c a, put-down c, pick-up a, stack a b.
TEST(BlocksworldTest, ValuesAreDistances) {
  const Task& task = find_task("blocksworld");
  EXPECT_FLOAT_EQ(task.read(blocks(), "").value, 1 / 5.0f);
  EXPECT_FLOAT_EQ(task.read(blocks(), "(unstack c a)\n").value, 1 / 4.0f);
  EXPECT_FLOAT_EQ(task.read(blocks(), "(unstack c a)\n(stack c b)\n").value, 1 / 5.0f);
  const TaskState done =
      task.read(blocks(), "(unstack c a)\n(put-down c)\n(pick-up a)\n(stack a b)\n");
  EXPECT_TRUE(done.over);
  EXPECT_EQ(done.value, 1);
  EXPECT_EQ(done.answer, "(unstack c a) (put-down c) (pick-up a) (stack a b)");
  EXPECT_TRUE(task.solves(blocks(), *done.answer));
}

TEST(BlocksworldTest, WhatBreaksARule) {
  const Task& task = find_task("blocksworld");
  for (const char* plan : {"(pick-up a)", "(unstack c b)", "(fly a)", "(stack c a)", "(pick-up)"}) {
    const TaskState state = task.read(blocks(), plan);
    EXPECT_TRUE(state.over) << plan;
    EXPECT_FALSE(state.broken.empty()) << plan;
    EXPECT_EQ(state.value, 0) << plan;
    EXPECT_FALSE(task.solves(blocks(), plan)) << plan;
  }
  EXPECT_THROW(task.read(numbers("4 4 6 8"), ""), Error);
}

TEST(TaskTest, UnknownNamesAreRefusedWithTheNearest) {
  try {
    find_task("game42");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("game24"), std::string::npos);
  }
}

}  // namespace
}  // namespace cairn
