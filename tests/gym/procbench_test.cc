// ProcBench's procedures against what their rules must come to, from the text of the question.

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cairn/procedure.h"

namespace cairn {
namespace {

// What stands after the name on its line of the question.
std::string given(const Exercise& exercise, const std::string& name) {
  const std::string& question = exercise.problem.question;
  const auto at = question.find("\n" + name + ": ") + name.size() + 3;
  return question.substr(at, question.find('\n', at) - at);
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

void for_many(const std::string& name, const auto& check) {
  for (const int difficulty : {1, 5, 10})
    for (std::uint64_t seed = 0; seed < 50; ++seed) check(exercise(name, seed, difficulty));
}

// 2 steps at difficulty 1, 25 at 10: the paper's shortest and longest.
TEST(ProcBenchTest, StepsAreAsManyAsTheDifficultySays) {
  int names = 0;
  for (const Procedure& procedure : procedures()) {
    if (procedure.family != "procbench") continue;
    ++names;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      EXPECT_EQ(exercise(procedure.name, seed, 1).steps.size(), 2u) << procedure.name;
      EXPECT_EQ(exercise(procedure.name, seed, 4).steps.size(), 9u) << procedure.name;
      EXPECT_EQ(exercise(procedure.name, seed, 10).steps.size(), 25u) << procedure.name;
    }
  }
  EXPECT_EQ(names, 23);
}

TEST(ProcBenchTest, SortSwapsTwoLettersUntilAllAreInOrder) {
  for_many("procbench_sort", [](const Exercise& made) {
    std::string before = given(made, "String"), sorted = before;
    std::sort(sorted.begin(), sorted.end());
    for (const std::string& step : made.steps) {
      int differ = 0;
      for (std::size_t i = 0; i < step.size(); ++i) differ += step[i] != before[i] ? 1 : 0;
      EXPECT_EQ(differ, 2);
      before = step;
    }
    EXPECT_EQ(made.steps.back(), sorted);
  });
}

TEST(ProcBenchTest, CodesStandForTheString) {
  for_many("procbench_encode", [](const Exercise& made) {
    std::string text;
    for (const std::string& code : words(made.steps.back()))
      text += std::string(static_cast<std::size_t>(code[2] - '0'), code[0]);
    EXPECT_EQ(text, given(made, "String"));
  });
  for_many("procbench_decode", [](const Exercise& made) {
    std::string text;
    for (const std::string& code : words(given(made, "Codes")))
      text += std::string(static_cast<std::size_t>(code[2] - '0'), code[0]);
    EXPECT_EQ(made.steps.back(), text);
  });
}

TEST(ProcBenchTest, PiecesAreTheWholeString) {
  for (const char* name : {"procbench_split1", "procbench_split2"})
    for_many(name, [](const Exercise& made) {
      for (std::size_t i = 0; i < made.steps.size(); ++i) {
        EXPECT_EQ(without_blanks(made.steps[i]), given(made, "String"));
        EXPECT_EQ(words(made.steps[i]).size(), i + 2);
      }
    });
}

TEST(ProcBenchTest, WhatIsDeletedIsGone) {
  for_many("procbench_delete_char", [](const Exercise& made) {
    std::string left = made.steps.back() + without_blanks(given(made, "Characters"));
    std::string whole = given(made, "String");
    std::sort(left.begin(), left.end());
    std::sort(whole.begin(), whole.end());
    EXPECT_EQ(left, whole);
  });
}

TEST(ProcBenchTest, ComposeJoinsAndDecomposeSplitsOneAtATime) {
  for_many("procbench_compose", [](const Exercise& made) {
    std::size_t length = given(made, "String").size();
    for (const std::string& step : made.steps) EXPECT_EQ(words(step).size(), --length);
  });
  for_many("procbench_decompose", [](const Exercise& made) {
    std::size_t length = given(made, "String").size();
    for (const std::string& step : made.steps) EXPECT_EQ(step.size(), ++length);
  });
}

TEST(ProcBenchTest, CountsAddUp) {
  for_many("procbench_count", [](const Exercise& made) {
    long sum = 0;
    for (const std::string& text : words(given(made, "Strings"))) {
      std::string letters, digits;
      for (const char c : text) (c <= '9' ? digits : letters) += c;
      sum += static_cast<long>(letters.size()) * (digits.empty() ? 0 : std::stol(digits));
    }
    EXPECT_EQ(made.steps.back(), std::to_string(sum));
  });
  for_many("procbench_count2", [](const Exercise& made) {
    long sum = 0;
    for (const std::string& number : words(made.steps.back())) sum += std::stol(number);
    EXPECT_EQ(static_cast<std::size_t>(sum), without_blanks(given(made, "Sentence")).size());
  });
}

TEST(ProcBenchTest, FindCyclicCountsAlongTheString) {
  for_many("procbench_find_cyclic", [](const Exercise& made) {
    const std::string text = given(made, "String"), pair = given(made, "Letter and number");
    const std::size_t from = text.find(pair[1]);
    const std::size_t far = std::stoul(pair.substr(4));
    EXPECT_EQ(made.steps.back(), text.substr((from + far) % text.size(), 1));
  });
}

TEST(ProcBenchTest, CompareEndsWithAllBeginnings) {
  for_many("procbench_compare", [](const Exercise& made) {
    std::string all;
    for (std::size_t i = 0; i + 1 < made.steps.size(); ++i) all += made.steps[i] + " ";
    EXPECT_EQ(made.steps.back(), all + given(made, "Target"));
  });
}

}  // namespace
}  // namespace cairn
