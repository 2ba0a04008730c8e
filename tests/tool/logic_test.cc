// The logic form: what it compiles to, and what it refuses.

#include "tool/logic.h"

#include <gtest/gtest.h>

#include <random>

#include "testkit/instrumented.h"

namespace cairn::tool {
namespace {

// The asserted formulas, one a line.
std::string asserted(const std::string& text) {
  const Logic logic = read_logic(text, 1000);
  EXPECT_EQ(logic.trouble, "") << text;
  std::string found;
  for (std::size_t at = 0; (at = logic.smtlib.find("(assert ", at)) != std::string::npos; ++at)
    found += logic.smtlib.substr(at + 8, logic.smtlib.find('\n', at) - at - 9) + "\n";
  return found;
}

TEST(LogicTest, TheStrengthOfConnectivesByHand) {
  EXPECT_EQ(asserted("not a and b or c xor d -> e <-> f"),
            "(= (=> (xor (or (and (not |a/0|) |b/0|) |c/0|) |d/0|) |e/0|) |f/0|)\n");
  EXPECT_EQ(asserted("a -> b -> c"), "(=> |a/0| |b/0| |c/0|)\n");  // to the right in SMT-LIB
  EXPECT_EQ(asserted("(a or b) and c"), "(and (or |a/0| |b/0|) |c/0|)\n");
}

TEST(LogicTest, AQuantifierReachesToTheEndOrToTheNextFactor) {
  EXPECT_EQ(asserted("all x, y: p(x) and q(y)"),
            "(forall ((|?x| Thing)(|?y| Thing)) (and (|p/1| |?x|) (|q/1| |?y|)))\n");
  EXPECT_EQ(asserted("all x p(x) and q(x)"),  // the second x is a thing
            "(and (forall ((|?x| Thing)) (|p/1| |?x|)) (|q/1| |.x|))\n");
  EXPECT_EQ(asserted("some x: sees(Tom, x)"), "(exists ((|?x| Thing)) (|sees/2| |.Tom| |?x|))\n");
}

TEST(LogicTest, SignsAndWordsAreTheSame) {
  EXPECT_EQ(asserted("\u2200x (p(x) \u2227 \u00acq(x) \u2192 r(x) \u2295 s(x) \u2228 t(x))"),
            asserted("all x (p(x) and not q(x) -> r(x) xor s(x) or t(x))"));
  EXPECT_EQ(asserted("a && b || c \u21d2 d \u27f7 e"), asserted("a & b | c -> d iff e"));
  EXPECT_EQ(asserted("\u2203x (x \u2260 Ann \u2194 p(x))."),
            asserted("some x (x != Ann <-> p(x))"));
}

TEST(LogicTest, NamesAreTheUsersOwn) {
  EXPECT_EQ(asserted("six-legged(caf\u00e9)\ntrue # a remark\n\n  let(not-so)"),
            "(|six-legged/1| |.caf\u00e9|)\n|true/0|\n(|let/1| |.not-so|)\n");
}

// Two checks a question, of its negation first; the time is shared out among them.
TEST(LogicTest, AQuestionIsCheckedBothWays) {
  const Logic logic = read_logic("a\nquestion: b\nQuestion: a", 1000);
  EXPECT_EQ(logic.questions, 2);
  EXPECT_EQ(logic.smtlib,
            "(set-option :timeout 250)\n(declare-sort Thing 0)\n(declare-fun |a/0| () Bool)\n"
            "(declare-fun |b/0| () Bool)\n(assert |a/0|)\n"
            "(push)\n(assert (not |b/0|))\n(check-sat)\n(pop)\n"
            "(push)\n(assert |b/0|)\n(check-sat)\n(pop)\n"
            "(push)\n(assert (not |a/0|))\n(check-sat)\n(pop)\n"
            "(push)\n(assert |a/0|)\n(check-sat)\n(pop)\n");
}

TEST(LogicTest, WhatIsWrongIsSaidWithItsLine) {
  std::string deep, wide;
  for (int i = 0; i < 200; ++i) deep += "not (";
  for (int i = 0; i < 200; ++i) wide += (i > 0 ? ", x" : "all x") + std::to_string(i);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a\n\nb and", "line 3: a name is missing at the end of the line"},
      {"cat(Tom) dog(Tom)", "line 1: this is left over at \"dog(Tom)\""},
      {"(a or b", "line 1: a closing bracket is missing at the end of the line"},
      {"p(a b)", "line 1: a comma or a closing bracket is missing at \"b)\""},
      {"p(a)\np(a, b)", "line 2: p stands with 2 things here and with 1 before"},
      {"p(f(a))", "line 1: a comma or a closing bracket is missing at \"(a))\""},
      {"and", "line 1: a name is missing at \"and\""},
      {"all not: p(x)", "line 1: a name is missing at \"not: p(x)\""},
      {"a <-> b <-> c", "line 1: of two <-> one needs brackets at the end of the line"},
      {"$x | y\x1b[2J", "line 1: a name is missing at \"$x | y\uFFFD[2J\""},
      {"question:", "line 1: a name is missing at the end of the line"},
      {deep + "a",
       "line 1: more than 100 levels of nesting at \"not (not (not (not (not (not (not (not (\""},
      {wide + ": a",
       "line 1: more than 100 variables at \", x101, x102, x103, x104, x105, x106, x1\""},
      {std::string(70000, 'a'), "70000 bytes are more than 65536"}};
  for (const auto& [text, trouble] : cases)
    EXPECT_EQ(read_logic(text, 1000).trouble, trouble) << text.substr(0, 100);
}

// Any bytes, made of pieces that mean something: read or refused, and never a stray bar, which
// would end a quoted name.
TEST(LogicTest, MutatedTextIsReadOrRefused) {
  const std::vector<std::string> pieces = {
      "all ",     "some x", ": ",   "p(", ")",  "Tom", ",",          " and ",        " or ",
      "->",       "<->",    "not ", "|",  "\\", "\n",  "question: ", "\xe2\x88\x80", "\xff",
      "\xe2\x88", "=",      "!=",   "-",  ".",  "#",   "\""};
  std::mt19937 rng(5);
  const auto pick = [&rng](std::size_t n) { return rng() % n; };
  int read = 0;
  for (int i = 0; i < 20000 / testkit::one_in(10); ++i) {
    std::string text;
    for (std::size_t n = pick(12); n > 0; --n) text += pieces[pick(pieces.size())];
    const Logic logic = read_logic(text, 1000);
    EXPECT_NE(logic.smtlib.empty(), logic.trouble.empty()) << text;
    EXPECT_EQ(std::count(logic.smtlib.begin(), logic.smtlib.end(), '|') % 2, 0) << text;
    EXPECT_EQ(logic.smtlib.find('\\'), std::string::npos) << text;
    read += logic.trouble.empty() ? 1 : 0;
  }
  EXPECT_GT(read, 100 / testkit::one_in(10));
}

}  // namespace
}  // namespace cairn::tool
