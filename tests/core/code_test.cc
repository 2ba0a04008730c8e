#include "cairn/code.h"

#include <gtest/gtest.h>

#include "cairn/error.h"
#include "cairn/outcome.h"
#include "cairn/tools.h"
#include "cairn/vote.h"
#include "testkit/run.h"

namespace cairn::code {
namespace {

using testkit::run;

class CodeTest : public testing::Test {
 protected:
  Comparison check(const std::string& program) { return run(checked(*tool_, problem_, program)); }
  std::string rule(const std::string& program) {
    const Comparison comparison = check(program);
    return std::string(name_of(comparison.verdict)) + " " + comparison.rule;
  }

  const std::unique_ptr<Tool> tool_ = make_tool("python", {.limits = {.seconds = 1}});
  Problem problem_{.id = "p",
                   .question = "Double a number.",
                   .answer = "def double(x):\n    return x + x\n",
                   .kind = AnswerKind::code,
                   .tests = "assert double(2) == 4\nassert double(-1) == -2\n"};
};

TEST_F(CodeTest, AProgramIsRightWhenItsTestsPass) {
  EXPECT_EQ(rule("def double(x):\n  return 2 * x"), "equal unit tests");
  EXPECT_EQ(rule("def double(x):\n  return x * x"), "different unit tests");
  EXPECT_EQ(rule("def twice(x):\n  return 2 * x"), "different unit tests");
  EXPECT_EQ(rule("def double(x) return"), "different unit tests");
  EXPECT_EQ(rule(" \n"), "no_answer empty");
}

// One that ends before its tests, hides them or says that they passed has passed none.
TEST_F(CodeTest, TestsHaveToBeRunToTheirEnd) {
  const std::string wrong = "def double(x):\n  return x * x\n";
  EXPECT_EQ(rule(wrong + "import sys\nsys.exit(0)"), "different unit tests");
  EXPECT_EQ(rule(wrong + "import os\nos._exit(0)"), "different unit tests");
  EXPECT_EQ(rule(wrong + "print('passed 0123456789abcdef')"), "different unit tests");
  EXPECT_EQ(rule(wrong + "\"\"\""), "different unit tests");
  EXPECT_EQ(rule(wrong + std::string(1, '\0')), "different unit tests");
  EXPECT_EQ(rule(wrong + "print = assert_ = lambda *a: 0"), "different unit tests");
}

TEST_F(CodeTest, ProgramsMayPrintReadAndDefineAMainPart) {
  const std::string right = "def double(x):\n  print(x)\n  return 2 * x\n";
  EXPECT_EQ(rule(right), "equal unit tests");
  EXPECT_EQ(rule(right + "if __name__ == '__main__':\n  raise SystemExit(input())"),
            "equal unit tests");
  EXPECT_EQ(rule("from __future__ import annotations\nfrom dataclasses import dataclass\n"
                 "@dataclass\nclass A:\n  x: int\n" +
                 right),
            "equal unit tests");
}

// The gold program ends in time, so these do not because of what they are.
TEST_F(CodeTest, WhatDoesNotEndByItselfIsWrongAndToldApart) {
  EXPECT_EQ(rule("def double(x):\n  while True: pass"), "different timeout");
  EXPECT_EQ(rule("def double(x):\n  return [0] * (1 << 30)"), "different limit");
  EXPECT_EQ(rule("import ctypes\ndef double(x):\n  ctypes.string_at(0)"), "different crash");
}

// A machine that is too slow for the gold program says nothing about another.
TEST_F(CodeTest, WhereTheGoldProgramDoesNotPassEitherThereIsNoVerdict) {
  problem_.answer = "def double(x):\n  while True: pass";
  EXPECT_THROW(check("def double(x):\n  while True: pass"), Error);
  EXPECT_EQ(rule("def double(x):\n  return 3"), "different unit tests");  // it ended by itself
  problem_.answer.reset();
  EXPECT_EQ(rule("def double(x):\n  while True: pass"), "different timeout");
}

// A body alone goes on with the head, a whole function takes its place.
TEST_F(CodeTest, ThePreludeStandsBeforeTheProgram) {
  problem_.prelude = "BASE = 2\ndef double(x):\n    \"\"\"Doubles.\"\"\"\n";
  EXPECT_EQ(rule("    return BASE * x\n"), "equal unit tests");
  EXPECT_EQ(rule("def double(x):\n  return BASE * x"), "equal unit tests");
  EXPECT_EQ(rule("    return x\n"), "different unit tests");
}

class Refusing : public Tool {
 public:
  std::string name() const override { return "python"; }
  asio::awaitable<ToolResult> call(std::string) override {
    co_return ToolResult{.status = ToolStatus::refused, .message = "no sandbox"};
  }
};

TEST_F(CodeTest, ARefusalIsNoVerdict) {
  Refusing refusing;
  try {
    run(checked(refusing, problem_, "x = 1"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::tool);
  }
}

TEST_F(CodeTest, WithoutTestsThereIsNoVerdict) {
  problem_.tests = "";
  EXPECT_EQ(check("x = 1").verdict, Equality::no_answer);
}

// Two of three are the same program, laid out in another way.
TEST_F(CodeTest, VotesGoOverTextsWhateverTheirWhiteSpace) {
  std::vector<Trace> traces;
  for (const char* program : {"def f(x):\n    if x:\n        return 1\n", "def f(x):\n    return 1",
                              "\ndef f(x):\r\n  if x:  \r\n\r\n    return 1"}) {
    Step step;
    step.text = step.answer.emplace(program);
    traces.push_back(Trace().extended(std::move(step), End::done));
  }
  const Outcome outcome = vote::majority(traces, problem_);
  EXPECT_EQ(outcome.answer, traces[0].answer());
  EXPECT_DOUBLE_EQ(outcome.confidence, 2.0 / 3);
}

}  // namespace
}  // namespace cairn::code
