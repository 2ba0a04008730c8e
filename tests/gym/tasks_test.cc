#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "cairn/error.h"
#include "cairn/procedure.h"
#include "cairn/rng.h"
#include "cairn/task.h"
#include "testkit/instrumented.h"

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

TEST(BlocksworldTest, StartsThatAreNoStackingAreRefused) {
  const Task& task = find_task("blocksworld");
  for (const char* start :
       {"on a b, on b a, handempty", "ontable a, clear a, handempty",
        "ontable a, ontable b, clear a, clear b", "on a c, clear a, ontable b, clear b, handempty",
        "holding a, holding b"})
    EXPECT_THROW(task.read({.id = "p",
                            .question = std::string("Blocks: a, b. Initial state: ") + start +
                                        ". Goal: on b a."},
                           ""),
                 Error)
        << start;
}

int distance(const Problem& problem, const std::string& plan) {
  const TaskState state = find_task("blocksworld").read(problem, plan);
  return state.broken.empty() ? static_cast<int>(std::lround(1 / state.value)) - 1 : -1;
}

// A plan is shortest when no action brings the goal nearer by more than one, and one does by one.
TEST(BlocksworldTest, PlansAreShortest) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Exercise made = exercise("blocksworld", seed, 5);  // four blocks
    std::string plan;
    int left = distance(made.problem, "");
    EXPECT_EQ(left, static_cast<int>(made.steps.size()));
    for (const std::string& step : made.steps) {
      int nearest = left;
      for (const char a : {'a', 'b', 'c', 'd'})
        for (const char b : {'a', 'b', 'c', 'd'})
          for (const char* form :
               {"(pick-up {})", "(put-down {})", "(stack {} {})", "(unstack {} {})"}) {
            const int after = distance(made.problem, plan + fmt::format(fmt::runtime(form), a, b));
            if (after >= 0) nearest = std::min(nearest, after);
          }
      EXPECT_EQ(nearest, --left);
      plan += step;
    }
    EXPECT_EQ(left, 0);
  }
}

// All that the numbers can become, when each is used once and every result is a whole number above
// 0: by going through all ways, without the task's solver.
void all_results(const std::vector<int>& numbers, std::set<int>& results) {
  if (numbers.size() == 1) results.insert(numbers[0]);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    for (std::size_t j = 0; j < numbers.size(); ++j) {
      if (i == j) continue;
      const int a = numbers[i], b = numbers[j];
      std::vector<int> next = {a + b, a * b};
      if (a > b) next.push_back(a - b);
      if (a % b == 0) next.push_back(a / b);
      for (const int one : next) {
        std::vector<int> left = {one};
        for (std::size_t k = 0; k < numbers.size(); ++k)
          if (k != i && k != j) left.push_back(numbers[k]);
        all_results(left, results);
      }
    }
}

TEST(CountdownTest, WhatCanBeReachedIsKnown) {
  const Task& task = find_task("countdown");
  for (int a = 1; a < 20; a += 5) {
    std::set<int> results;
    all_results({a, 3, 7, 10}, results);
    for (int target = 1; target < 120; target += testkit::one_in(7)) {
      const TaskState state =
          task.read(numbers(fmt::format("Numbers: {} 3 7 10. Target: {}.", a, target)), "");
      EXPECT_EQ(state.value > 0, results.contains(target)) << a << " " << target;
    }
  }
}

TEST(CountdownTest, MovesByHand) {
  const Task& task = find_task("countdown");
  const Problem problem = numbers("Numbers: 3 7 8. Target: 29.");
  EXPECT_EQ(task.read(problem, "3 * 7 = 21 (left: 8 21)\n").value, 0.5f);
  EXPECT_EQ(task.read(problem, "3 * 7 = 21\n8 + 21 = 29\n").answer, "(8 + (3 * 7))");
  EXPECT_FALSE(task.read(problem, "3 - 7 = -4").broken.empty());  // below 0
  EXPECT_FALSE(task.read(problem, "8 / 3 = 8/3").broken.empty());
  const TaskState dead = task.read(problem, "3 + 8 = 11\n");  // 7 and 11 make 18, 4 and 77
  EXPECT_TRUE(dead.broken.empty());
  EXPECT_EQ(dead.value, 0);
  EXPECT_FALSE(task.solution(problem, "3 + 8 = 11\n"));
  for (const char* question : {"3 7 8", "Numbers: 3. Target: 3.", "Numbers: 3 7 8. Target: x."})
    EXPECT_THROW(task.read(numbers(question), ""), Error) << question;
}

// ---- iGSM

// The quantities that the text states, evaluated from its sentences alone.
class Statements {
 public:
  explicit Statements(std::string text) {
    const std::string head = "The number of each ", mark = " equals ";
    for (auto at = text.find(head); at != std::string::npos; at = text.find(head, at + 1)) {
      const auto equals = text.find(mark, at);
      text_of_[text.substr(at + head.size(), equals - at - head.size())] =
          text.substr(equals + mark.size(), text.find('.', equals) - equals - mark.size());
    }
  }

  // A stated quantity, or the sum over all that the first thing holds: "Hill School's Bag".
  int value(const std::string& name) {
    if (text_of_.contains(name)) return expression(text_of_.at(name));
    const std::string thing = name.substr(0, name.find("'s ")),
                      kind = name.substr(name.find("'s ") + 3);
    int sum = 0;
    for (const auto& [stated, text] : text_of_) {
      if (!stated.starts_with(thing + "'s ")) continue;
      const std::string held = stated.substr(thing.size() + 3);
      const bool near = kind == kind_of(held);
      sum += near ? value(stated) : value(stated) * value(held + "'s " + kind);
    }
    return sum % 23;
  }

 private:
  static std::string kind_of(const std::string& thing) {
    return thing.ends_with("Room")                                     ? "Room"
           : thing.ends_with("Satchel") || thing.ends_with("Rucksack") ? "Bag"
                                                                       : "Tool";
  }
  int expression(std::string text) {
    if (const auto more = text.find(" more than "); more != std::string::npos)
      return (std::stoi(text) + expression(text.substr(more + 11))) % 23;
    if (const auto times = text.find(" times as much as "); times != std::string::npos)
      return std::stoi(text) * expression(text.substr(times + 18)) % 23;
    if (text[0] >= '0' && text[0] <= '9') return std::stoi(text);
    int sum = 0, count = 0;
    for (auto at = text.find("each "); at != std::string::npos; at = text.find("each ", at + 1)) {
      const std::string rest = text.substr(at + 5);
      const int one = value(rest.substr(0, std::min(rest.find(" and "), rest.find(','))));
      sum += text.starts_with("the difference") && count++ > 0 ? 23 - one : one;
    }
    return sum % 23;
  }
  std::map<std::string, std::string> text_of_;
};

TEST(IgsmTest, AnswersFollowFromTheText) {
  for (const int difficulty : {1, 3, 5, 8, 10})
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const Exercise made = exercise("igsm", seed, difficulty);
      const std::string& question = made.problem.question;
      const auto at = question.find("How many are each ") + 18;
      const std::string asked = question.substr(at, question.find('?') - at);
      EXPECT_EQ(made.problem.answer, std::to_string(Statements(question).value(asked))) << question;
    }
}

// The six checks: it exists, what it needs is there, the formula, the arithmetic, is it needed, and
// does the last sentence answer.
TEST(IgsmTest, WhatBreaksARule) {
  const Exercise made = exercise("igsm", 3, 4);
  const Task& task = *made.task;
  const auto broken = [&](const std::string& text) { return task.read(made.problem, text).broken; };
  EXPECT_NE(broken("Define Moon's Cheese as x; so x = 3.").find("there is no"), std::string::npos);
  EXPECT_NE(broken(made.steps.back()).find("not defined yet"), std::string::npos);
  std::string wrong = made.steps.front();
  wrong.insert(wrong.size() - 1, "0");
  EXPECT_NE(broken(wrong).find("it should be"), std::string::npos);
  EXPECT_NE(broken(made.steps.front() + "\n" + made.steps.front()).find("already"),
            std::string::npos);
  const TaskState begun = task.read(made.problem, made.steps.front());
  EXPECT_FALSE(begun.over);
  EXPECT_FALSE(begun.answer);
  bool unneeded = false;
  const std::string& question = made.problem.question;
  for (auto at = question.find("each "); at != std::string::npos;
       at = question.find("each ", at + 1)) {
    const std::string name = question.substr(at + 5, question.find(" equals ", at) - at - 5);
    unneeded |=
        broken("Define " + name + " as x; so x = 1.").find("not needed") != std::string::npos;
  }
  EXPECT_TRUE(unneeded);
}

TEST(IgsmTest, AnotherQuestionUnderTheSameIdIsRefused) {
  Problem problem = exercise("igsm", 1, 2).problem;
  problem.question += " ";
  EXPECT_THROW(find_task("igsm").read(problem, ""), Error);
  problem.id = "igsm/99/1";
  EXPECT_THROW(find_task("igsm").read(problem, ""), Error);
}

// ---- all of them

class TaskContract : public testing::TestWithParam<std::string> {};

// After every move the goal is in reach, by as many moves as are left.
TEST_P(TaskContract, ASolutionLeadsToTheGoalMoveByMove) {
  for (const int difficulty : {1, 4, 10})
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const Exercise made = exercise(GetParam(), seed, difficulty);
      std::string text;
      for (std::size_t i = 0; i <= made.steps.size(); ++i) {
        const TaskState state = made.task->read(made.problem, text);
        EXPECT_TRUE(state.broken.empty()) << state.broken;
        EXPECT_EQ(state.moves, static_cast<int>(i));
        EXPECT_GT(state.value, 0);
        EXPECT_EQ(state.over, i == made.steps.size());
        EXPECT_EQ(state.over, state.answer.has_value());
        const auto rest = made.task->solution(made.problem, text);
        ASSERT_TRUE(rest);
        EXPECT_EQ(rest->size(), made.steps.size() - i);
        if (i < made.steps.size()) text += made.steps[i] + "\n";
      }
      EXPECT_TRUE(made.task->solves(made.problem, *made.problem.answer));
    }
}

// The goal is in reach exactly where a legal move keeps it so, and no legal move breaks a rule.
TEST_P(TaskContract, LegalMovesAreAllThatLeadToTheGoal) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Exercise made = exercise(GetParam(), seed, 4);
    std::string text;
    for (std::size_t i = 0; i <= made.steps.size(); ++i) {
      const std::vector<std::string> moves = made.task->moves(made.problem, text);
      EXPECT_EQ(moves.empty(), i == made.steps.size());
      float best = 0;
      for (const std::string& move : moves) {
        const TaskState then = made.task->read(made.problem, text + move + "\n");
        EXPECT_EQ(then.broken, "") << move;
        EXPECT_EQ(then.moves, static_cast<int>(i) + 1) << move;
        best = std::max(best, then.value);
      }
      EXPECT_EQ(moves.empty(), best == 0);
      if (i < made.steps.size()) text += made.steps[i] + "\n";
    }
    const std::string wrong = "(pick-up z)\n1 + 1 = 3\nDefine x as y.";
    EXPECT_NE(made.task->read(made.problem, wrong).broken, "");
    EXPECT_TRUE(made.task->moves(made.problem, wrong).empty());
    const Task& legal = find_task(GetParam() + ":moves=legal");
    EXPECT_TRUE(legal.only_legal());
    EXPECT_EQ(legal.moves(made.problem, ""), made.task->moves(made.problem, ""));
    EXPECT_EQ(legal.prompt(), made.task->prompt());
  }
}

// Texts with bytes changed, left out and doubled are read; what is broken has no way on.
TEST_P(TaskContract, HostileTextsAreReadSafely) {
  for (std::uint64_t seed = 0; seed < 200u / testkit::one_in(4); ++seed) {
    const Exercise made = exercise(GetParam(), seed % 5, 4);
    std::string text;
    for (const std::string& step : made.steps) text += step + "\n";
    for (std::uint64_t i = 0; i < 1 + seed % 7; ++i) {
      const std::size_t at = mix(mix(seed, i), std::uint64_t{1}) % text.size();
      const std::uint64_t what = mix(mix(seed, i), std::uint64_t{2});
      if (what % 3 == 0) text[at] = static_cast<char>(what >> 8);
      if (what % 3 == 1) text.erase(at, 1 + what % 5);
      if (what % 3 == 2) text.insert(at, text.substr(at, 1 + what % 9));
      if (text.empty()) text = "x";
    }
    const TaskState state = made.task->read(made.problem, text);
    EXPECT_EQ(state.answer.has_value(), state.value == 1);
    EXPECT_EQ(made.task->solution(made.problem, text).has_value(), state.value > 0) << text;
    made.task->solves(made.problem, text);
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, TaskContract, testing::ValuesIn(task_names()),
                         [](const auto& info) { return info.param; });

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
