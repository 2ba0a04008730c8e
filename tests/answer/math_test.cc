// Mathematical answers: what is equal, what is not, and what ends soon.

#include "answer/math.h"

#include <gtest/gtest.h>

#include <random>

#include "base/expression.h"
#include "cairn/answer.h"
#include "testkit/instrumented.h"
#include "testkit/rounds.h"

namespace cairn {
namespace {

Equality verdict(const std::string& a, const std::string& b) {
  const Equality there = compare_answers(a, b, AnswerKind::math).verdict;
  EXPECT_EQ(there, compare_answers(b, a, AnswerKind::math).verdict) << a << " | " << b;
  return there;
}

TEST(CompareMathTest, SpellingsOfTheSameAreEqual) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"\\frac{1}{2}", "1/2"},
      {"\\dfrac12", "0.5"},
      {"\\frac{\\sqrt{3}}{2}", "\\sqrt{3}/2"},
      {"2\\sqrt{3}", "\\sqrt{12}"},
      {"\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"},
      {"x^2+2x+1", "(x+1)^2"},
      {"x^{2} + 2 x + 1", "1+2x+x^2"},
      {"(x+1)(x-1)", "x^2-1"},
      {"\\frac{x+2}{7}", "(x+2)/7"},
      {"x = 3", "3"},
      {"y=2x+3", "2x + 3"},
      {"2x - y + 3 = 0", "y = 2x + 3"},
      {"(4,1)", "\\left( 4, 1 \\right)"},
      {"(\\frac{1}{2}, 2)", "(0.5,2)"},
      {"x \\in [-2,7]", "[-2, 7]"},
      {"-2 \\le x \\le 7", "[-2,7]"},
      {"x > 2", "(2,\\infty)"},
      {"2 < x", "x > 2"},
      {"(-\\infty, -1) \\cup (3, \\infty)", "(3,\\infty) \\cup (-\\infty,-1)"},
      {"\\{1, 2, 3\\}", "\\{3,1,2\\}"},
      {"1, 2", "2,1"},
      {"1 and 2", "2, 1"},
      {"\\pm 2", "2,-2"},
      {"x = 1 \\pm \\sqrt{2}", "1+\\sqrt{2}, 1-\\sqrt{2}"},
      {"x=1, x=2", "1,2"},
      {"50\\%", "0.5"},
      {"50\\%", "50"},
      {"30^\\circ", "30"},
      {"30^{\\circ}", "30\xc2\xb0"},
      {"1,234", "1234"},
      {"10,\\!080", "10080"},
      {"1{,}234{,}567", "1234567"},
      {"3\\frac{1}{2}", "7/2"},
      {"3 1/2", "3.5"},
      {"5\\text{ cm}", "5"},
      {"5 cm", "5"},
      {"12 square inches", "12"},
      {"\\$18.90", "18.9"},
      {"\\text{even}", "even"},
      {"\\text{(B)}", "(B)"},
      {"1.2 \\times 10^5", "120000"},
      {"10^{-3}", "0.001"},
      {"\\pi r^2", "r^2\\pi"},
      {"2\\pi", "2*pi"},
      {"e^{i\\pi}", "-1"},
      {"\\log_2 8", "3"},
      {"5!", "120"},
      {"|{-3}|", "3"},
      {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
       "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}"},
      {"\\sqrt[3]{27}", "3"},
      {"\\emptyset", "\\{\\}"},
      {"-\\frac{3}{4}", "\\frac{-3}{4}"},
      {"\\frac{-3}{4}", "-0.75"},
      {"3-4i", "-4i+3"},
      {"x_1 + 2", "2 + x_1"},
      {"\\sin^2 x + \\cos^2 x", "1"},
      {"101_2", "101_2"},
      {"0 = 0", "0 = 0"},
      {"1e999 x", "1e999 x"},
      {"\\sqrt{x^2}", "|x|"},
      {"r\\sqrt{2}", "\\sqrt{2r^2}"},
      {"n!", "n(n-1)!"},
      {"2^{5000}", "4^{2500}"}};
  for (const auto& [a, b] : pairs) EXPECT_EQ(verdict(a, b), Equality::equal) << a << " | " << b;
}

TEST(CompareMathTest, NearMissesAreDifferent) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"\\frac{1}{2}", "\\frac{2}{1}"},
      {"\\frac{1}{3}", "0.33"},
      {"2\\sqrt{3}", "3\\sqrt{2}"},
      {"(x+1)^2", "x^2+1"},
      {"x^2", "x^3"},
      {"x^2", "2x"},
      {"(4,1)", "(1,4)"},
      {"(4,1)", "4,1"},
      {"[1,2]", "(1,2)"},
      {"[1,2)", "(1,2]"},
      {"(2,\\infty)", "[2,\\infty)"},
      {"x > 2", "x < 2"},
      {"x > 2", "x \\ge 2"},
      {"\\{1,2\\}", "\\{1,3\\}"},
      {"\\{1,2\\}", "\\{1,2,3\\}"},
      {"1,2", "1"},
      {"\\pm 2", "2"},
      {"50\\%", "5"},
      {"1,234", "1.234"},
      {"3\\frac{1}{2}", "\\frac{3}{2}"},
      {"-5", "5"},
      {"10^3", "10^{-3}"},
      {"y = 2x+3", "y = 3x+2"},
      {"22! x + 3y = 1", "x = 4y + 2"},  // multiples of one another by next to nothing
      {"x+y=2", "x+y=3"},
      {"\\text{even}", "odd"},
      {"act", "cat"},
      {"\\pi", "3.14"},
      {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
       "\\begin{pmatrix} 1 & 3 \\\\ 2 & 4 \\end{pmatrix}"},
      {"3-4i", "3+4i"},
      {"101_2", "101_3"},
      {"\\emptyset", "0"},
      {"x_1", "x_2"},
      {"\\log_2 8", "\\log_8 2"},
      {"5!", "5"},
      {"\\frac{x+2}{7}", "x+\\frac{2}{7}"},
      {"|x|", "x"},
      {"|x - y|", "x - y"},
      {"|x y|", "x y"},
      {"\\frac{10^{12}+1}{10^{12}}", "1"},
      {"2^{5000}", "2^{5000} + 1"}};
  for (const auto& [a, b] : pairs) EXPECT_EQ(verdict(a, b), Equality::different) << a << " | " << b;
}

TEST(CompareMathTest, TheRuleIsSaid) {
  EXPECT_EQ(compare_answers("x^2-1", "(x-1)(x+1)", AnswerKind::math).rule, "symbolic");
  EXPECT_EQ(compare_answers("\\sqrt{4}", "2", AnswerKind::math).rule, "symbolic");
  EXPECT_EQ(compare_answers("\\sin^2 x + \\cos^2 x", "1", AnswerKind::math).rule, "identity");
  EXPECT_EQ(compare_answers("1.41421356237309", "\\sqrt{2}", AnswerKind::math).rule, "value");
  EXPECT_EQ(compare_answers("[1,2]", "[1, 2]", AnswerKind::math).rule, "interval");
  EXPECT_EQ(compare_answers("50\\%", "\\frac{1}{2}", AnswerKind::math).rule, "percent");
  EXPECT_EQ(compare_answers("even", "odd", AnswerKind::math).rule, "text");
  EXPECT_EQ(compare_answers("\\frac{1}{2}", "1/2", AnswerKind::automatic).verdict, Equality::equal);
}

TEST(ParseExpressionTest, DeepAndLongTextIsRefusedSoon) {
  for (const char* piece : {"(", "{", "-", "\\frac{", "3\\frac{", "\\sqrt{", "|", "\\{", "2^", "x_",
                            "\\begin{matrix}", "\\log_", "[", "\\text{"}) {
    std::string deep;
    while (deep.size() < 3900) deep += piece;
    EXPECT_FALSE(base::parse_expression(deep)) << piece;
    EXPECT_EQ(compare_answers(deep, deep + "1", AnswerKind::math).verdict, Equality::different);
  }
  std::string nested = "1";
  for (int i = 0; i < 30; ++i) nested = "\\{" + nested + "\\}";
  EXPECT_EQ(verdict(nested, nested), Equality::equal);
  std::string written_otherwise = nested;
  written_otherwise.replace(written_otherwise.find('1'), 1, "2/2");
  EXPECT_EQ(verdict(nested, written_otherwise), Equality::equal);
  EXPECT_FALSE(base::parse_expression(std::string(5000, '1')));
}

// Any bytes, made of pieces that mean something: no crash, no exception, the same both ways.
TEST(ParseExpressionTest, MutatedTextIsReadOrRefused) {
  const std::vector<std::string> pieces = {"\\frac",
                                           "{",
                                           "}",
                                           "1",
                                           "23",
                                           ".5",
                                           "x",
                                           "y",
                                           "(",
                                           ")",
                                           "[",
                                           "]",
                                           ",",
                                           "\\cup",
                                           "\\{",
                                           "\\}",
                                           "\\sqrt",
                                           "^",
                                           "_",
                                           "+",
                                           "-",
                                           "*",
                                           "/",
                                           "=",
                                           "<",
                                           "\\le",
                                           "\\in",
                                           "\\infty",
                                           "%",
                                           "!",
                                           "|",
                                           "\\text{",
                                           "\\begin{pmatrix}",
                                           "\\end{pmatrix}",
                                           "&",
                                           "\\\\",
                                           "\xc2\xb0",
                                           "\xc2\xb1",
                                           " ",
                                           "\\pi",
                                           "e",
                                           "i",
                                           "log",
                                           "sin",
                                           "\xff",
                                           std::string(1, '\0'),
                                           "$",
                                           "and",
                                           "1,234",
                                           "\\"};
  std::minstd_rand random(testkit::Rounds::seed(1));
  testkit::Rounds rounds(20000 / testkit::one_in(5));
  for (int run = 0; rounds.next(); ++run) {
    std::string texts[2];
    for (std::string& text : texts)
      for (auto n = random() % 14; n-- > 0;) text += pieces[random() % pieces.size()];
    if (run % 3 == 0) texts[1] = texts[0];
    const auto there = answer::compare_math(texts[0], texts[1]);
    const auto back = answer::compare_math(texts[1], texts[0]);
    ASSERT_EQ(there.has_value(), back.has_value()) << texts[0] << " | " << texts[1];
    if (there) {
      ASSERT_EQ(there->equal, back->equal) << texts[0] << " | " << texts[1];
    }
  }
}

}  // namespace
}  // namespace cairn
