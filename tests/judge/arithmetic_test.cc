// Equations in prose: which are read, which are false, and which are left alone.

#include "judge/arithmetic.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cairn/rng.h"

namespace cairn::judge {
namespace {

TEST(ArithmeticTest, TrueEquationsAreCountedAndNotBlamed) {
  for (const char* text : {"4 pounds + 4 pounds = 8 pounds.",
                           "She earns <<5*3=15>>15 dollars",
                           "20% of 50 = 10",
                           "\\(\\frac{6}{4} = 1.5\\)",
                           "\\[ 12 \\times 0.75 = 9 \\]",
                           "2 + 3 * 4 = 14",
                           "(8 - 2)(1 + 1) = 12",
                           "2^3 = 8",
                           "1,200 / 4 = 300",
                           "10 / 3 = 3.33",
                           "10 / 3 = 3.34",
                           "17 / 2 = 8",
                           "$4/hour * 3 hours = $12",
                           "1 1/2 + 1 = 2.5",
                           "0.25 * 100 = 25%",
                           "100 - 20% = 80",
                           "-5 + -9 = -14",
                           "5 - -3 = 8",
                           "3 x 4 = 12",
                           "6 × 7 = 42",
                           "4x5 = 20",
                           "3 apples and 2 + 2 = 4",
                           "1. 5 + 3 = 8",
                           "- 5 + 3 = 8",
                           "5 plus 3 = 8",
                           "\\text{cost} = 5 \\cdot 4 = 20",
                           "22 / 7 ≈ 3.14",
                           "3 * 20 minutes = 1 hour"}) {
    const Arithmetic found = check_arithmetic(text);
    EXPECT_GE(found.equations, 1) << text;
    EXPECT_FALSE(found.false_one.has_value()) << text << " -> " << *found.false_one;
  }
}

TEST(ArithmeticTest, FalseEquationsAreFoundWithTheRightValue) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"So 5 * 3 = 16 apples.", "5 * 3 = 16 apples: it is 15"},
      {"(8 + (-14) + 5) = (8 - 9) = -2", "(8 - 9) = -2: it is -1"},
      {"\\frac{7}{2} + 3 = \\boxed{5}", "\\frac{7}{2} + 3 = \\boxed{5}: it is 6.5"},
      {"12 - 7 = 6, and 2 + 2 = 5", "12 - 7 = 6: it is 5"},
      {"2 + 2 = 4\n  = 5 - 2", "4\n  = 5 - 2: it is 4"},
      {"10% of 30 = 4", "10% of 30 = 4: it is 3"},
      {"2 * 6 = 24 (left: 24)", "2 * 6 = 24: it is 12"}};
  for (const auto& [text, wanted] : cases)
    EXPECT_EQ(check_arithmetic(text).false_one.value_or("none"), wanted);
}

TEST(ArithmeticTest, WhatIsNoSureEquationBetweenNumbersIsLeftAlone) {
  for (const char* text : {"x + 3 = 5",
                           "2x + 3 = 5",
                           "x + 3 - 2 = 5",
                           "price * 3 + 4 = 20",
                           "3 + 4 = 8?",
                           "It is not so that 3 + 4 = 8",
                           "17 / 5 = 3 remainder 2",
                           "5 miles = 3 + 4",
                           "3 + 4 = 2 dozen",
                           "3 + 4 = 5x",
                           "3 + 4 = 2 * y",
                           "1 hour - 20 minutes = 40 minutes",
                           "log10 + 1 = 5",
                           "24 + 23 + ... + 1 = 300",
                           "1 + 1 != 3",
                           "cost - 3 = 9",
                           "3:4 + 1 = 2",
                           "2 * 30 minutes = 1 hour.",
                           "101_2 + 1 = 6",
                           "3! + 1 = 3",
                           "1 / 0 = 5",
                           "",
                           "="}) {
    const Arithmetic found = check_arithmetic(text);
    EXPECT_FALSE(found.false_one.has_value()) << text << " -> " << *found.false_one;
  }
}

TEST(ArithmeticTest, DeepBracketsAndMutatedTextEnd) {
  const std::string deep = std::string(5000, '(') + "1" + std::string(5000, ')') + " + 1 = 3";
  EXPECT_FALSE(check_arithmetic(deep).false_one.has_value());
  const std::string seed =
      "\\frac{1}{2} of 30% × (4 - −3)^2 ≈ <<5*3=15>>15 $1,200.50/hour \\text{a b} [2]{3} = 7\n= 8";
  for (std::uint64_t round = 0; round < 5000; ++round) {
    std::string text = seed;
    for (std::uint64_t edit = 0; edit < 6; ++edit) {
      const std::uint64_t draw = mix(mix(7, round), edit);
      const std::size_t at = draw % text.size();
      if (draw & (1u << 20))
        text.erase(at, 1 + (draw >> 24) % 5);
      else
        text.insert(at, 1, static_cast<char>(draw >> 32));
      if (text.empty()) text = "=";
    }
    EXPECT_GE(check_arithmetic(text).equations, 0);
  }
}

}  // namespace
}  // namespace cairn::judge
