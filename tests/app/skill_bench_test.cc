// bench/skill/run in its small form, over the small model.

#include <gtest/gtest.h>

#include "testkit/paths.h"
#include "testkit/program.h"

namespace cairn::testkit {
namespace {

Finished bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--cairn", program_path().string()});
  const std::string script = (source_dir() / "bench/skill/run").string();
  return Program(script, std::move(arguments), {}, "").wait();
}

TEST(SkillBench, TheSmallFormMakesATable) {
  const Finished run = bench({"--small", "--threads", "1"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("| 24 | `cot` | "), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("| 24 | `self_consistency:"), std::string::npos) << run.out;
}

TEST(SkillBench, ARunThatIsNotInThePlanIsRefused) {
  const Finished run = bench({"--only", "gsm9k"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("gsm9k"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace cairn::testkit
