#include <gtest/gtest.h>

#include "cairn/tools.h"
#include "testkit/run.h"

namespace cairn {
namespace {

ToolResult result(std::string expression) {
  return testkit::run(make_tool("calculator")->call(std::move(expression)));
}

TEST(CalculatorTest, ValuesByHand) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"48 + 48/2", "72\n"},    {"\\frac{1}{4}", "0.25\n"}, {"2^10 - 1,000", "24\n"},
      {"-3^2", "-9\n"},         {"(1 + 2) * 3!", "18\n"},   {"sqrt(2)", "1.4142135623731\n"},
      {"2\n\n3 + 4\n", "7\n"},  {"10^{20}", "1e+20\n"},     {"\\log_2 8 - 3 + 1", "1\n"},
      {"|2 - 5| / 2", "1.5\n"}, {"0 * -1", "0\n"}};
  for (const auto& [expression, value] : cases) {
    const ToolResult got = result(expression);
    EXPECT_EQ(got.status, ToolStatus::ok) << expression << ": " << got.message;
    EXPECT_EQ(got.output.substr(0, 15), value.substr(0, 15)) << expression;
  }
}

TEST(CalculatorTest, WhatHasNoValueIsAnObservation) {
  for (const char* expression :
       {"", "1/0", "x + 1", "sqrt(-1)", "(1, 2)", "import os", "1 +", "2 2 )"}) {
    const ToolResult got = result(expression);
    EXPECT_EQ(got.status, ToolStatus::error) << expression << ": " << got.output;
    EXPECT_FALSE(got.message.empty());
    EXPECT_EQ(got.exit_status, 1);
  }
}

}  // namespace
}  // namespace cairn
