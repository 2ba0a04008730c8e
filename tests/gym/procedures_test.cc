// The contract of every procedure, and mistakes that are found where they were made.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "cairn/error.h"
#include "cairn/procedure.h"
#include "cairn/rng.h"
#include "testkit/instrumented.h"
#include "testkit/paths.h"

namespace cairn {
namespace {

int seeds() {
  const char* more = std::getenv("CAIRN_GYM_SEEDS");
  return more ? std::atoi(more) : 1000 / testkit::one_in(50);
}

class ProcedureContract : public testing::TestWithParam<std::string> {};

TEST_P(ProcedureContract, TheTruthIsRight) {
  for (int difficulty : {1, 4, 10})
    for (int seed = 0; seed < seeds(); ++seed) {
      const Exercise made = exercise(GetParam(), static_cast<std::uint64_t>(seed), difficulty);
      ASSERT_FALSE(made.steps.empty());
      const Match found = match(made, made.steps);
      EXPECT_TRUE(found.sequence && found.final && found.first_error == -1 && found.accuracy == 1);
      if (made.task == nullptr)
        EXPECT_EQ(made.problem.answer, made.steps.back());
      else
        EXPECT_TRUE(made.task->solves(made.problem, *made.problem.answer));
    }
}

TEST_P(ProcedureContract, ItIsTheSameEveryTimeAndItsLinesAreReadBack) {
  for (int difficulty : {1, 4, 10})
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Exercise made = exercise(GetParam(), seed, difficulty);
      const Exercise again = exercise_of(made.problem.id);
      EXPECT_EQ(again.steps, made.steps);
      EXPECT_EQ(again.problem.question, made.problem.question);
      std::string text;
      for (const std::string& step : made.steps) {
        text += step + "\n";
        EXPECT_FALSE(text_of_state(step).empty());
        EXPECT_EQ(text_of_state("Step 3: **" + step + "**."), text_of_state(step)) << step;
      }
      EXPECT_EQ(steps_in(text), made.steps);
    }
}

// The last step stands in the question only by accident of small states, never as the rule.
TEST_P(ProcedureContract, TheAnswerIsNotInThePrompt) {
  int leaked = 0;
  for (int seed = 0; seed < 100; ++seed) {
    const Exercise made = exercise(GetParam(), static_cast<std::uint64_t>(seed), 6);
    const auto rules_end = made.problem.question.find("\n\n");
    const std::string given =
        made.problem.question.substr(rules_end == std::string::npos ? 0 : rules_end);
    leaked += given.find(made.steps.back()) != std::string::npos ? 1 : 0;
  }
  // A single small number is easily among the given ones.
  if (exercise(GetParam(), 1, 6).steps.back().size() > 3) {
    EXPECT_LE(leaked, 12) << GetParam();
  }
}

TEST_P(ProcedureContract, DifficultyMakesItLonger) {
  const auto characters = [](int difficulty) {
    std::size_t all = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed)
      for (const std::string& step : exercise(GetParam(), seed, difficulty).steps)
        all += step.size();
    return all;
  };
  EXPECT_GT(characters(10), characters(1));
}

TEST_P(ProcedureContract, MistakesAreFoundWhereTheyAre) {
  std::map<std::string, int> made_of;
  for (const std::string& kind : corruption_kinds())
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      const Exercise made = exercise(GetParam(), seed, 5);
      const Chain chain = corrupted(made, kind, seed);
      const Match found = match(made, chain.steps);
      EXPECT_EQ(found.first_error, chain.first_error) << kind;
      if (chain.kind.empty()) {
        EXPECT_EQ(chain.steps, made.steps);
        continue;
      }
      ++made_of[kind];
      EXPECT_GE(chain.first_error, 0);
      EXPECT_EQ(chain.kind, kind);
    }
  std::string kinds;
  for (const auto& [kind, count] : made_of) kinds += kind + " ";
  EXPECT_GE(made_of.size(), 10u) << GetParam() << ": " << kinds;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Procedure& procedure : procedures()) all.push_back(procedure.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Gym, ProcedureContract, testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

TEST(ProceduresTest, AllKindsOfMistakeAreMade) {
  std::set<std::string> made;
  for (const std::string& kind : corruption_kinds())
    for (const std::string& name : names())
      made.insert(corrupted(exercise(name, 1, 5), kind, 1).kind);
  made.erase("");
  EXPECT_EQ(made.size(), corruption_kinds().size());
  EXPECT_EQ(made.size(), 15u);
}

// The same on every machine: a hash over the families that are older than the others.
TEST(ProceduresTest, ExercisesAreTheSameOnEveryMachine) {
  const std::set<std::string> families = {"lists", "machines", "numbers", "texts", "worlds"};
  std::uint64_t hash = 0;
  for (const Procedure& procedure : procedures()) {
    if (!families.contains(procedure.family)) continue;
    const Exercise made = exercise(procedure.name, 7, 5);
    hash = mix(hash, made.problem.question);
    for (const std::string& step : made.steps) hash = mix(hash, step);
  }
  EXPECT_EQ(hash, 3837053088111814518u);
}

// docs/gym.md names every procedure, in the row of its family.
TEST(ProceduresTest, TheDocumentNamesThemAll) {
  std::ifstream file(testkit::source_dir() / "docs/gym.md");
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) rows[line.substr(3, line.find('`', 3) - 3)] += line;
  for (const Procedure& procedure : procedures())
    EXPECT_NE(rows[procedure.family].find("`" + procedure.name + "`"), std::string::npos)
        << procedure.family << " " << procedure.name;
}

TEST(ExerciseOfTest, IdsThatNameNothingAreRefused) {
  for (const char* id :
       {"", "gcd", "gcd/1", "gcd/1/x", "gcd/0/1", "gcd/11/1", "gdc/1/1", "gcd/1/1/1"})
    EXPECT_THROW(exercise_of(id), Error) << id;
  EXPECT_THROW(corrupted(exercise("gcd", 1, 1), "swaped", 1), Error);
}

// Worked out by hand.
TEST(ProceduresTest, StatesAreWhatTheRulesSay) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Exercise made = exercise("gcd", seed, 3);
    int a = 0, b = 0;
    ASSERT_EQ(std::sscanf(made.problem.question.c_str() + made.problem.question.find("Numbers: "),
                          "Numbers: %d and %d", &a, &b),
              2);
    for (int i = std::min(a, b); i > 0; --i)
      if (a % i == 0 && b % i == 0) {
        EXPECT_EQ(made.steps.back(), std::to_string(i));
        break;
      }
  }
}

}  // namespace
}  // namespace cairn
