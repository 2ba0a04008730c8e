// dynamic_program on scripts: which programs it shows, and in which order. The contract that every
// recipe keeps is tests/recipes/catalog_test.cc.

#include <gtest/gtest.h>

#include "cairn/error.h"
#include "cairn/runner.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/scripted_python.h"
#include "testkit/temp_dir.h"

namespace cairn {
namespace {

const char* const kPool =
    "## user\nHow many cats?\n## assistant\n```python\ndef solution():\n    return 1\n```\n"
    "## user\nHow many dogs?\n## assistant\n```python\ndef solution():\n    return 2\n```\n"
    "## user\nHow far is it?\n## assistant\n```python\ndef solution():\n    return 3\n```\n"
    "## user\n{question}\n## assistant\n```python\ndef solution():";

Outcome play(const Settings& more, const std::string& last_shown) {
  const testkit::TempDir folder;
  testkit::write_text(folder / "pool.md", kPool);
  Settings settings = more;
  settings.insert({"pool", (folder / "pool.md").string()});  // unless it names one
  ScriptedModel model({{last_shown + "\n```<|user|>Many dogs and a cat?<|assistant|>```python\n"
                                     "def solution():",
                        {"\n    return 2 + 70\n```"}}});
  testkit::ScriptedTools tools;
  RunOptions options{.settings = settings};
  options.tools = &tools;
  const Problem problem{.id = "p", .question = "Many dogs and a cat?"};
  return testkit::run(run_problem(model, find_recipe("dynamic_program"), problem, options));
}

// Like the question: dogs and many, then many, then nothing.
TEST(DynamicProgramTest, TheMostSimilarIsShownFirst) {
  EXPECT_EQ(play({{"shots", "1"}}, "return 2").answer, "72");
  EXPECT_EQ(play({{"shots", "2"}}, "return 1").answer, "72");
  EXPECT_EQ(play({}, "return 3").answer, "72");
  EXPECT_EQ(play({{"show", "least"}, {"shots", "1"}}, "return 3").answer, "72");
  EXPECT_EQ(play({{"show", "least"}}, "return 2").answer, "72");
  EXPECT_EQ(play({{"shots", "1"}}, "return 1").answer, std::nullopt);
}

TEST(DynamicProgramTest, APoolThatCannotBeReadIsRefused) {
  EXPECT_THROW(play({{"pool", "tool/pall"}, {"shots", "1"}}, ""), Error);
}

}  // namespace
}  // namespace cairn
