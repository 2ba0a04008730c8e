#include "cairn/code_step.h"

#include <gtest/gtest.h>

#include "cairn/recipe.h"
#include "cairn/runner.h"
#include "model/scripted.h"
#include "testkit/run.h"

namespace cairn {
namespace {

TEST(CodeAtEndTest, IsWhatStandsInTheBlockThatEndsTheText) {
  EXPECT_EQ(code_at_end("So:\n```python\nprint(1)\n```"), "print(1)\n");
  EXPECT_EQ(code_at_end("```python\nx = 1\nprint(x)\n```\n \n"), "x = 1\nprint(x)\n");
  EXPECT_EQ(code_at_end("```python\na\n```\nand\n```python\nb\n```\n"), "b\n");
  EXPECT_EQ(code_at_end("```python\n```"), "");
}

TEST(CodeAtEndTest, OtherTextsHaveNone) {
  for (const char* text : {"", "```", "print(1)\n```\n", "```python\nprint(1)\n", "```\nx\n```",
                           "```sql\nSELECT 1\n```", "```python\nprint(1)\n```\nso 1",
                           "```python\nx\n```\n```\n", "say ```python\nx\n```"})
    EXPECT_FALSE(code_at_end(text)) << text;
}

// Keeps the programs, and fails at those whose last line divides.
class Calls : public Tool {
 public:
  explicit Calls(std::vector<std::string>& programs) : programs_(programs) {}
  std::string name() const override { return "python"; }
  asio::awaitable<ToolResult> call(std::string program) override {
    programs_.push_back(program);
    ToolResult result{.output = "72"};
    if (program.find("/ 0", program.rfind('\n', program.size() - 2) + 1) != std::string::npos)
      result = {.status = ToolStatus::error, .message = "ZeroDivisionError\n", .exit_status = 1};
    co_return result;
  }

 private:
  std::vector<std::string>& programs_;
};

struct Solved {
  Outcome outcome;
  std::vector<std::string> programs;
};

// The search with one line and one proposal a step.
Solved solve(std::vector<ScriptLine> script) {
  Solved solved;
  ScriptedModel model(std::move(script));
  Toolbox tools;
  tools.put(std::make_unique<Calls>(solved.programs));
  const Problem problem{.id = "toy", .question = "48 and 24?"};
  RunOptions options{.settings = {{"beams", "1"}, {"expansions", "1"}}, .tools = &tools};
  solved.outcome = testkit::run(run_problem(model, find_recipe("alphamath_sbs"), problem, options));
  return solved;
}

// The first text ends with its block; it goes on all the same.
TEST(CodeStepTest, TheModelReadsTheOutput) {
  const Solved solved =
      solve({{"24?<|assistant|>", {"Adds.\n```python\nn = 48 / 0\n```"}},
             {"```output\nZeroDivisionError\n```\n", {"Again.\n```python\nprint(48 + 24)\n```\n"}},
             {"```output\n72\n```\n", {"The answer is \\boxed{72}.\n"}}});
  EXPECT_EQ(solved.outcome.answer, "72");
  ASSERT_EQ(solved.programs.size(), 2u);
  EXPECT_EQ(solved.programs[0], "n = 48 / 0\n");
  EXPECT_NE(solved.programs[1].find("[b'n = 48 / 0\\x0a', ]"), std::string::npos);
  const Trace& trace = solved.outcome.traces.at(0).trace;
  std::vector<std::string> kinds;
  for (const Step* step : trace.steps()) kinds.push_back(step->kind);
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"text", "text", "tool", "text", "text", "tool", "text"}));
  EXPECT_EQ(trace.steps()[2]->text, "\n```output\nZeroDivisionError\n```\n");
  EXPECT_EQ(trace.steps()[5]->text, "```output\n72\n```\n");
  EXPECT_EQ(solved.outcome.usage.tool_calls, 2);
  EXPECT_EQ(solved.outcome.usage.tool_errors, 1);
}

TEST(CodeStepTest, AfterThreeFailuresInARowATraceIsDone) {
  const Solved solved = solve({{"24?<|assistant|>", {"```python\nn = 48 / 0\n```\n"}},
                               {"Error\n```\n", {"```python\nn = 48 / 0\n```\n"}}});
  EXPECT_FALSE(solved.outcome.answer);
  EXPECT_EQ(solved.programs.size(), 3u);
}

}  // namespace
}  // namespace cairn
