#include "answer/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "cairn/answer.h"

namespace cairn {
namespace {

using answer::members_of;
using testing::ElementsAre;

TEST(Members, AsProgramsWriteThem) {
  EXPECT_THAT(members_of(R"(["a", "b, c", "d\"e"])"), ElementsAre("a", "b, c", "d\"e"));
  EXPECT_THAT(members_of("['a', \"Ann's\", 3,]"), ElementsAre("a", "Ann's", "3"));
  EXPECT_THAT(members_of("[[1, 2], [3]]"), ElementsAre("[1, 2]", "[3]"));
  EXPECT_THAT(members_of("(1, 2)"), ElementsAre("1", "2"));
  EXPECT_THAT(members_of("[]"), ElementsAre());
  EXPECT_THAT(members_of("[\"\"]"), ElementsAre(""));
  EXPECT_THAT(members_of("[\"a], [b\", 1]"), ElementsAre("a], [b", "1"));
}

TEST(Members, AsPeopleWriteThem) {
  EXPECT_THAT(members_of("red, green and blue."), ElementsAre("red", "green", "blue"));
  EXPECT_THAT(members_of("red, green, and blue"), ElementsAre("red", "green", "blue"));
  EXPECT_THAT(members_of("9 and 11"), ElementsAre("9", "11"));
  EXPECT_THAT(members_of("Tom and Jerry, Tweety"), ElementsAre("Tom and Jerry", "Tweety"));
  EXPECT_THAT(members_of("a, b; c and d"), ElementsAre("a, b", "c and d"));
  EXPECT_THAT(members_of("1,234, 5"), ElementsAre("1,234", "5"));
  EXPECT_THAT(members_of("100,200,300"), ElementsAre("100", "200", "300"));
  EXPECT_THAT(members_of("f(1, 2), Ann's"), ElementsAre("f(1, 2)", "Ann's"));
  EXPECT_THAT(members_of("sand"), ElementsAre("sand"));
}

TEST(Members, AsMathematicsWritesThem) {
  EXPECT_THAT(members_of("$\\left\\{1, 2\\right\\}$"), ElementsAre("1", "2"));
  EXPECT_THAT(members_of("\\text{red, blue}"), ElementsAre("red", "blue"));
  EXPECT_THAT(members_of("**[1, 2]**"), ElementsAre("1", "2"));
}

struct Lists {
  const char *a, *b;
  bool as_list, as_set;
};
class ComparedLists : public testing::TestWithParam<Lists> {};

TEST_P(ComparedLists, InOrderOrNot) {
  const auto [a, b, as_list, as_set] = GetParam();
  for (const auto& [x, y] : {std::pair(a, b), std::pair(b, a)}) {
    EXPECT_EQ(compare_answers(x, y, AnswerKind::list).verdict == Equality::equal, as_list) << x;
    EXPECT_EQ(compare_answers(x, y, AnswerKind::set).verdict == Equality::equal, as_set) << x;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Lists, ComparedLists,
    testing::Values(Lists{"[1, 2]", "1, 2", true, true}, Lists{"[1, 2]", "2 and 1", false, true},
                    Lists{"[1, 2]", "[1, 2, 2]", false, true},
                    Lists{"[1, 2]", "[1, 2, 3]", false, false},
                    Lists{"[1, 2]", "[1, 4]", false, false}, Lists{"[]", "[]", true, true},
                    Lists{"[]", "[1]", false, false}, Lists{"5", "[5]", true, true},
                    // Members by the rules of single answers: numbers, words, mathematics.
                    Lists{"[\"0.5\", \"The Cat\"]", "1/2, cat.", true, true},
                    Lists{"['\\\\sqrt{8}']", "2\\sqrt{2}", true, true},
                    // Lists in lists keep their order, also in a set.
                    Lists{"[[1, 2], [3]]", "[[1,2],[3]]", true, true},
                    Lists{"[[1, 2], [3]]", "[[3], [1, 2]]", false, true},
                    Lists{"[[1, 2], [3]]", "[[2, 1], [3]]", false, false},
                    Lists{"[[1, 2]]", "[1, 2]", false, false},
                    Lists{"[\"[9]\", \"[]\"]", "[[9], []]", true, true},
                    // No list, but an interval.
                    Lists{"[\"[1, 2)\"]", "[\"(1, 2)\"]", false, false}));

TEST(ListComparison, NothingIsNoAnswerAndTheRuleIsTold) {
  EXPECT_EQ(compare_answers("", "[1]", AnswerKind::list).verdict, Equality::no_answer);
  EXPECT_EQ(compare_answers("[1]", "[1]", AnswerKind::list).rule, "list");
  EXPECT_EQ(compare_answers("[1]", "[2]", AnswerKind::set).rule, "set");
}

std::string numbers(int from, int to) {
  std::string text = "[";
  for (int i = from; i != to; i += from < to ? 1 : -1) text += std::to_string(i) + ", ";
  return text + "]";
}

TEST(ListComparison, LargeSetsAreComparedByTheirTexts) {
  EXPECT_EQ(compare_answers(numbers(0, 999), numbers(998, -1), AnswerKind::set).verdict,
            Equality::equal);
  EXPECT_EQ(compare_answers(numbers(0, 999), numbers(0, 998), AnswerKind::set).verdict,
            Equality::different);
}

std::string extracted(std::string_view text) {
  const auto extraction = extract_answer(text, {.kind = AnswerKind::list});
  return extraction ? extraction->answer : "(none)";
}

TEST(ListExtraction, QuotesBracketsAndSemicolonsStay) {
  EXPECT_EQ(extracted("The answer is [\"a. b\", \"c\"]. Good."), "[\"a. b\", \"c\"]");
  EXPECT_EQ(extracted("The final answer is: **[red, blue]**."), "[red, blue]");
  EXPECT_EQ(extracted("So the answer is a; b. Good."), "a; b");
  EXPECT_EQ(extracted("#### \"a\", \"b\""), "\"a\", \"b\"");
  EXPECT_EQ(extracted("\\boxed{[1, 2]}"), "[1, 2]");
  EXPECT_EQ(extracted(R"({"answer": ["1", "[2]"], "process": ["3"]})"), R"(["1", "[2]"])");
  EXPECT_EQ(extracted("First [1].\nThen [[2], [3]] it is"), "[[2], [3]]");
  EXPECT_EQ(extracted("Well,\nred and blue"), "red and blue");
}

TEST(ListComparison, HostileTextsEnd) {
  const std::string open(1 << 20, '['), quotes(1 << 20, '"'), commas(1 << 20, ',');
  const std::string nested = std::string(200000, '[') + std::string(200000, ']');
  std::string texts;
  for (int i = 0; i < 20000; ++i) texts += "\\text{";
  for (const std::string& text : {open, quotes, nested, texts, open + quotes})
    for (const AnswerKind kind : {AnswerKind::list, AnswerKind::set}) {
      compare_answers(text, text + "x", kind);
      extract_answer(text, {.kind = kind});
    }
  compare_answers(commas, commas + "1,", AnswerKind::list);
  std::mt19937 rng(5);
  const std::string alphabet = "01.,;[](){}'\"\\ and$*`x\n";
  for (int round = 0; round < 3000; ++round) {
    std::string a, b;
    for (auto* text : {&a, &b})
      for (int i = static_cast<int>(rng() % 24); i > 0; --i)
        text->push_back(alphabet[rng() % alphabet.size()]);
    for (const AnswerKind kind : {AnswerKind::list, AnswerKind::set}) {
      EXPECT_EQ(compare_answers(a, b, kind).verdict, compare_answers(b, a, kind).verdict)
          << a << " | " << b;
      EXPECT_NE(compare_answers(a, a, kind).verdict, Equality::different) << a;
      extract_answer(a, {.kind = kind});
    }
  }
}

}  // namespace
}  // namespace cairn
