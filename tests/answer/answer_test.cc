#include "cairn/answer.h"

#include <gtest/gtest.h>

#include <random>

#include "answer/number.h"
#include "cairn/error.h"
#include "testkit/text.h"

namespace cairn {
namespace {

std::string found(std::string_view text, Problem problem = {}) {
  const auto extraction = extract_answer(text, problem);
  return extraction ? extraction->answer : "(none)";
}

bool stated(std::string_view text, Problem problem = {}) {
  const auto extraction = extract_answer(text, problem);
  return extraction && extraction->explicit_;
}

TEST(Extraction, TheLastBoxWins) {
  EXPECT_EQ(found("\\boxed{3} no, \\boxed{\\frac{1}{2}} it is"), "\\frac{1}{2}");
  EXPECT_EQ(found("so \\boxed{72}."), "72");
  EXPECT_EQ(found("\\boxed{4"), "4");  // unbalanced: the number is a guess
  EXPECT_FALSE(stated("\\boxed{4"));
}

TEST(Extraction, TheAnswerIs) {
  EXPECT_EQ(found("The answer is 72 clips altogether. Good."), "72");
  EXPECT_EQ(found("The final answer is: **$1,234.50**."), "$1,234.50");
  EXPECT_EQ(found("So the answer is 48 + 24 = 72."), "72");
  EXPECT_EQ(found("Answer: 5 km\nmore"), "5 km");
  EXPECT_TRUE(stated("The answer is 7."));
  EXPECT_FALSE(stated("There are 7 of them."));
  EXPECT_EQ(found("There are 7 of them and 3 more."), "3");
}

TEST(Extraction, APlaceholderIsNoAnswer) {
  EXPECT_EQ(found("Write \"The answer is N.\" at the end. There are 9."), "9");
  EXPECT_EQ(found("The answer is [number]."), "(none)");
}

TEST(Extraction, ABoxThatIsNotClosedIsNoPartOfTheAnswer) {
  EXPECT_EQ(found("The answer is \\boxed{12 \\times 2\n", {.kind = AnswerKind::math}),
            "12 \\times 2");
  EXPECT_EQ(found("The answer is \\boxed{", {.kind = AnswerKind::text, .extract = "the_answer_is"}),
            "(none)");
}

TEST(Extraction, TheLastLineMaySayThatItIsTheAnswer) {
  const Problem line = {.kind = AnswerKind::text, .extract = "text"};
  EXPECT_EQ(found("abdc\nbcjqqw\n", line), "bcjqqw");
  EXPECT_EQ(found("abdc\nThe answer is \"bcjqqw\".", line), "bcjqqw");
  EXPECT_EQ(found("The answer is abdc.\nSo it is \\boxed{bcjqqw}.", line), "bcjqqw");
  EXPECT_EQ(found("\\boxed{abdc}\nbcjqqw", line), "bcjqqw");
}

TEST(Extraction, AnAnnouncementIsNoAnswer) {
  EXPECT_FALSE(stated("Now we can answer: 48 in April, and 24 in May."));
  EXPECT_EQ(found("We can answer: 48 + 24.\nThe answer is 72.\nTo answer: see 5 above."), "72");
  EXPECT_FALSE(stated("Let us answer: how many clips in 2 months?"));
  EXPECT_FALSE(stated("Answer: How many clips did she sell in 2 months?"));
  for (const char* answer : {"Answer: 72", "The answer: 72", "**Answer:** 72", "Final answer = 72",
                             "Now we can\nAnswer: 72", "So the answer is: 72"}) {
    EXPECT_EQ(found(answer), "72") << answer;
    EXPECT_TRUE(stated(answer)) << answer;
  }
}

TEST(Extraction, OtherFormats) {
  EXPECT_EQ(found("48/2 = 24\n#### 72\n"), "72");
  EXPECT_EQ(found(R"({"steps": [], "answer": "4 \"x\""})", {.kind = AnswerKind::text}), "4 \"x\"");
  EXPECT_EQ(found("x\n```python\nprint(1)\n```\n", {.extract = "code"}), "print(1)");
  EXPECT_EQ(found("first\nlast line\n", {.kind = AnswerKind::text}), "last line");
}

TEST(Extraction, Choices) {
  Problem problem{.kind = AnswerKind::choice, .choices = {{"A", "four"}, {"B", "five"}}};
  EXPECT_EQ(found("It could be (A), but (B) it is", problem), "B");
  EXPECT_EQ(found("The answer is B.", problem), "B");
  EXPECT_EQ(found("A cat sat.", problem), "(none)");
}

// The last block that defines something, with the indentation of its first line.
TEST(Extraction, Programs) {
  const Problem problem{.kind = AnswerKind::code};
  EXPECT_EQ(found("```python\ndef f():\n    return 1\n```\nUse it:\n```\nf()\n```", problem),
            "def f():\n    return 1");
  EXPECT_EQ(found("```\ndef f(): 1\n```\nbetter\n```\ndef f(): 2\n```", problem), "def f(): 2");
  EXPECT_EQ(found("```python\n\n    return 1\n\n```", problem), "    return 1");
  EXPECT_EQ(found("Write ```f()``` as\n```\nx = 1\n```", problem), "x = 1");
  EXPECT_EQ(found("The answer is 7.", problem), "(none)");
  EXPECT_EQ(found("```python\ndef f():", problem), "(none)");
}

// The levels of indentation count, not how wide they are.
TEST(Comparison, Programs) {
  const auto same = [](const char* a, const char* b) {
    return compare_answers(a, b, AnswerKind::code).verdict == Equality::equal;
  };
  EXPECT_TRUE(same("if x:\n  y()\nz()", "if x:\n\n\ty()  \r\nz()\n"));
  EXPECT_FALSE(same("if x:\n  y()\nz()", "if x:\n  y()\n  z()"));
  EXPECT_FALSE(same("x = 'a  b'", "x = 'a b'"));
  EXPECT_EQ(compare_answers("x", "x", AnswerKind::code).rule, "program text");
}

TEST(Extraction, UnknownRulesAreRefused) {
  EXPECT_THROW(extract_answer("1", {.extract = "boxd"}), Error);
}

struct Pair {
  const char *a, *b;
  Equality verdict;
};

class Compared : public testing::TestWithParam<Pair> {};

TEST_P(Compared, AsAPersonWould) {
  const auto [a, b, verdict] = GetParam();
  EXPECT_EQ(compare_answers(a, b, AnswerKind::automatic).verdict, verdict) << a << " | " << b;
  EXPECT_EQ(compare_answers(b, a, AnswerKind::automatic).verdict, verdict) << b << " | " << a;
}

constexpr auto kEqual = Equality::equal;
constexpr auto kDifferent = Equality::different;
INSTANTIATE_TEST_SUITE_P(
    Numbers, Compared,
    testing::Values(Pair{"1,234", "1234", kEqual}, Pair{"$18", "18", kEqual},
                    Pair{"18 dollars", "$18.00", kEqual}, Pair{"72 clips", "72", kEqual},
                    Pair{"50%", "50", kEqual}, Pair{"50%", "0.5", kEqual},
                    Pair{"0.5", "50", kDifferent}, Pair{"1/2", "0.5", kEqual},
                    Pair{"\\frac{3}{4}", "0.75", kEqual}, Pair{"1 1/2", "1.5", kEqual},
                    Pair{"1.2e3", "1200", kEqual}, Pair{"3\\times10^4", "30000", kEqual},
                    Pair{"-7",
                         "\xe2\x88\x92"
                         "7",
                         kEqual},
                    Pair{"5 km", "5 cm", kDifferent}, Pair{"0.1", "0.10", kEqual},
                    Pair{"7.", "7", kEqual}, Pair{"12", "1,2", kDifferent},
                    Pair{"1/3", "0.333", kDifferent},
                    Pair{"99999999999999999999999999999999999999999",
                         "99999999999999999999999999999999999999998", kEqual},
                    Pair{"123456789012345678901", "123456789012345678902", kDifferent},
                    Pair{"2x", "2", kDifferent}, Pair{"x=5", "5", kEqual},
                    Pair{"9^9", "9", kDifferent}, Pair{"\\$5", "5", kEqual},
                    Pair{"1/0", "1", kDifferent}));
INSTANTIATE_TEST_SUITE_P(Texts, Compared,
                         testing::Values(Pair{"The Cat.", "cat", kEqual},
                                         Pair{"yes", "no", kDifferent},
                                         Pair{"New  York", "new york", kEqual},
                                         Pair{"", "5", Equality::no_answer},
                                         Pair{"  ", "x", Equality::no_answer}));

INSTANTIATE_TEST_SUITE_P(
    YesOrNo, Compared,
    testing::Values(Pair{"No, drummers do not need spare strings", "no", kEqual},
                    Pair{"**Yes**, it would float.", "\\text{Yes}", kEqual},
                    Pair{"yes because it is light", "Yes.", kEqual},
                    Pair{"No, it would sink", "No, it is heavy", kEqual},
                    Pair{"No, it would sink", "yes", kDifferent},
                    Pair{"False; it sinks", "false", kEqual}, Pair{"true", "yes", kDifferent},
                    Pair{"no solution", "no", kDifferent}, Pair{"nothing", "no", kDifferent},
                    Pair{"yes-man", "yes", kDifferent}));

TEST(Comparison, AChoiceEqualsItsText) {
  const std::vector<Choice> choices{{"A", "four"}, {"B", "5 apples"}};
  for (const char* b : {"B", "(B)", "b.", "B) 5 apples", "5 apples"})
    EXPECT_EQ(compare_answers(b, "B", AnswerKind::choice, choices).verdict, kEqual) << b;
  EXPECT_EQ(compare_answers("A", "B", AnswerKind::choice, choices).verdict, kDifferent);
}

TEST(Comparison, TellsTheRule) {
  EXPECT_EQ(compare_answers("50%", "0.5", AnswerKind::automatic).rule, "percent");
  EXPECT_EQ(compare_answers("1", "1", AnswerKind::automatic).rule, "number");
  EXPECT_EQ(compare_answers("a", "b", AnswerKind::automatic).rule, "text");
  EXPECT_EQ(compare_answers("No, never", "yes", AnswerKind::text).rule, "yes or no");
}

TEST(Comparison, ManyDigitsAndHostileTextsEnd) {
  const std::string digits(1 << 20, '7'), braces(1 << 20, '{'), boxes = "\\boxed" + braces;
  const std::string texts = testkit::repeated("\\text{", 1000000);  // minutes, were it not linear
  compare_answers(digits, digits + "1", AnswerKind::automatic);
  compare_answers(texts, texts + "x", AnswerKind::automatic);
  for (const std::string& text : {digits, braces, boxes}) extract_answer(text, {});
  std::mt19937 rng(3);
  const std::string alphabet = "0123456789.,/-+$%{}\\ eExX^()frac\n*#=:answer is";
  for (int round = 0; round < 3000; ++round) {
    std::string a, b;
    for (int i = static_cast<int>(rng() % 40); i > 0; --i)
      a.push_back(alphabet[rng() % alphabet.size()]);
    for (int i = static_cast<int>(rng() % 40); i > 0; --i) b.push_back(static_cast<char>(rng()));
    extract_answer(a, {});
    extract_answer(b, {});
    EXPECT_EQ(compare_answers(a, b, AnswerKind::automatic).verdict,
              compare_answers(b, a, AnswerKind::automatic).verdict);
    const auto self = compare_answers(a, a, AnswerKind::automatic).verdict;
    EXPECT_NE(self, kDifferent) << a;
  }
}

}  // namespace
}  // namespace cairn
