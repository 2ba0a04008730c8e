#include "cairn/program.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using program::program_of;

constexpr const char* kWhole = "def solution():\n    return 4\n\nprint(solution())\n";

TEST(ProgramOfTest, WhatTheModelWroteIsMadeWhole) {
  EXPECT_EQ(program_of("\n    return 4\n```"), kWhole);
  EXPECT_EQ(program_of("\n    return 4\n```\nThe answer is 4."), kWhole);
  EXPECT_EQ(program_of("    return 4\n"), kWhole);
  EXPECT_EQ(program_of("def solution():\n    return 4\n"), kWhole);
  EXPECT_EQ(program_of("Sure.\n```python\ndef solution():\n    return 4\n```\n"), kWhole);
  EXPECT_EQ(program_of("import math\n\ndef solution():\n    return math.pi\n"),
            "import math\n\ndef solution():\n    return math.pi\n\nprint(solution())\n");
}

TEST(ComplaintTest, IsTheEndOfTheMessage) {
  EXPECT_EQ(program::complaint({.status = "error", .message = std::string(5000, 'x') + "Error: y"}),
            std::string(592, 'x') + "Error: y");
  EXPECT_EQ(program::complaint({.status = "ok"}), "solution() returned nothing.");
}

}  // namespace
}  // namespace cairn
