// Mathematical text, mutated: whatever it is made into is read or refused, has a value or none, and
// compares the same both ways and with itself. Text whose tree is of a new shape is mutated
// further.
//
// CAIRN_FUZZ_KEEP=FILE writes what had a new shape there, one a line, and into FILE.last what is
// being compared. tests/data/expressions.txt holds what is begun with: text that was interesting
// before.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "base/expression.h"
#include "cairn/answer.h"
#include "testkit/instrumented.h"
#include "testkit/paths.h"
#include "testkit/rounds.h"
#include "testkit/temp_dir.h"

namespace cairn {
namespace {

using Random = std::mt19937_64;

std::size_t below(Random& rng, std::size_t n) {
  return n == 0 ? 0 : rng() % n;
}

std::vector<std::string> corpus() {
  std::istringstream lines(
      testkit::read_text(testkit::source_dir() / "tests/data/expressions.txt"));
  std::vector<std::string> texts;
  for (std::string line; std::getline(lines, line);) texts.push_back(line);
  return texts;
}

std::string mutated(const std::vector<std::string>& pool, Random& rng) {
  static const std::vector<std::string> kPieces = {"\\frac{",
                                                   "\\sqrt[",
                                                   "\\log_",
                                                   "\\text{",
                                                   "\\begin{pmatrix}",
                                                   "\\end{pmatrix}",
                                                   "\\{",
                                                   "\\}",
                                                   "|",
                                                   "^{",
                                                   "}",
                                                   "(",
                                                   ")",
                                                   "[",
                                                   "]",
                                                   "_",
                                                   "&",
                                                   "\\\\",
                                                   "!",
                                                   "%",
                                                   "\xc2\xb0",
                                                   "\xc2\xb1",
                                                   "\\cup",
                                                   "\\in",
                                                   "\\le",
                                                   "=",
                                                   "1e9",
                                                   "999999999999999999999",
                                                   "0",
                                                   "-",
                                                   "i",
                                                   "e",
                                                   "x_{1}",
                                                   ",",
                                                   " and ",
                                                   "\\infty",
                                                   "\xe2\x88\x9a",
                                                   "\xff",
                                                   "1/0"};
  std::string text = pool[below(rng, pool.size())];
  for (std::size_t n = 1 + below(rng, 4); n > 0; --n) {
    const std::size_t at = below(rng, text.size() + 1);
    const std::size_t length = below(rng, std::min<std::size_t>(text.size() - at, 12) + 1);
    switch (below(rng, 6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(at, length));
        break;
      case 2:
        text.insert(at, kPieces[below(rng, kPieces.size())]);
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(rng());
        break;
      case 4:
        text = text.substr(0, at) + pool[below(rng, pool.size())];
        break;
      default:
        for (std::size_t times = below(rng, 40); times > 0 && text.size() < 3000; --times)
          text.insert(at, kPieces[at % kPieces.size()]);
    }
  }
  return text;
}

// The kinds of the tree's first nodes: what a text is made of, whatever its numbers and letters.
void add_shape(const base::Expression& e, std::string& shape) {
  if (shape.size() > 24) return;
  shape += static_cast<char>('A' + static_cast<int>(e.kind));
  for (const base::Expression& part : e.parts) add_shape(part, shape);
}

std::string shape_of(const std::string& text) {
  std::string shape;
  if (const auto tree = base::parse_expression(text)) add_shape(*tree, shape);
  return shape;
}

void check(const std::string& text, const std::string& other) {
  if (const auto tree = base::parse_expression(text)) {
    for (const std::uint64_t seed : {0u, 1u})
      if (const auto value = base::value_of(*tree, seed)) {
        EXPECT_TRUE(std::isfinite(value->real()) && std::isfinite(value->imag())) << text;
      }
  }
  const auto said = [](const std::string& a, const std::string& b) {
    return compare_answers(a, b, AnswerKind::math);
  };
  EXPECT_EQ(said(text, other).verdict, said(other, text).verdict) << text << "\n" << other;
  EXPECT_NE(said(text, text).verdict, Equality::different)
      << text << " by " << said(text, text).rule;
}

TEST(ExpressionFuzzTest, WhateverIsWrittenIsReadOrRefused) {
  const char* keep = std::getenv("CAIRN_FUZZ_KEEP");
  std::vector<std::string> pool = corpus();
  ASSERT_GT(pool.size(), 50u);
  std::set<std::string> shapes;
  for (const std::string& text : pool) {
    check(text, pool[shapes.size() % pool.size()]);
    shapes.insert(shape_of(text));
  }
  std::ofstream kept(keep ? keep : "/dev/null");
  Random rng(testkit::Rounds::seed(3000));
  testkit::Rounds rounds(3000 / testkit::one_in(6));
  while (rounds.next() && !testing::Test::HasFailure()) {
    const std::string text = mutated(pool, rng);
    const std::string& other = pool[below(rng, pool.size())];
    if (keep) std::ofstream(std::string(keep) + ".last") << text << '\n' << other << '\n';
    check(text, other);
    if (text.find('\n') != std::string::npos || !shapes.insert(shape_of(text)).second) continue;
    kept << text << '\n';
    if (text.size() < 200) pool.push_back(text);
  }
}

}  // namespace
}  // namespace cairn
