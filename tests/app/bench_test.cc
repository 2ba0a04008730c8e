// bench/skill/run, bench/judges/run and bench/speed/run in their small forms, over the small model.

#include <gtest/gtest.h>

#include "testkit/paths.h"
#include "testkit/program.h"
#include "testkit/temp_dir.h"

namespace cairn::testkit {
namespace {

Finished bench(const char* name, std::vector<std::string> arguments) {
  return Program((source_dir() / "bench" / name).string(), std::move(arguments), {}, "").wait();
}

Finished skill(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--cairn", program_path().string()});
  return bench("skill/run", std::move(arguments));
}

TEST(SkillBench, TheSmallFormMakesATable) {
  const Finished run = skill({"--small", "--threads", "1"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("| 24 | `cot` | "), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("| 24 | `self_consistency:"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find(", p = 1 |"), std::string::npos) << run.out;  // cot against the vote
  // Wilson's bounds, by hand: how many of the two are right differs between processors.
  const auto across = [&](const std::string& right) {
    return run.out.find(" | " + right + " % |") != std::string::npos;
  };
  EXPECT_TRUE(across("0 of 2 | 0–66") || across("1 of 2 | 9–91") || across("2 of 2 | 34–100"))
      << run.out;
}

TEST(SkillBench, ARunThatIsNotInThePlanIsRefused) {
  const Finished run = skill({"--only", "gsm9k"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("gsm9k"), std::string::npos) << run.err;
}

TEST(JudgeBench, TheSmallFormMakesATable) {
  const Finished run =
      bench("judges/run", {"--small", "--threads", "1", "--cairn", program_path().string()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("Chains: 3 of 4, drawn at random"), std::string::npos) << run.out;
  for (const char* judge : {"| (random) | ", "| `program_check` | ", "| `prm:preset=marks` | ",
                            "| `logprob` (fitted) | "})
    EXPECT_NE(run.out.find(judge), std::string::npos) << judge << run.out;
}

TEST(SpeedBench, TheSmallFormRunsEveryPartAndComparesWithTheGoals) {
#ifndef CAIRN_BENCH
  GTEST_SKIP() << "the benches are not built: configure with -DCAIRN_BENCH=ON";
#endif
  TempDir dir;
  const Finished run = bench("speed/run", {"-m", small_model_path().string(), "--small", "--out",
                                           (dir / "speed").string()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  for (const char* goal :
       {"PUCT us a node, of 100,000", "seconds to load 100,000 steps", "program MB",
        "ms beyond a deadline or cancellation", "judge evaluated / unique"})
    EXPECT_NE(run.out.find(goal), std::string::npos) << goal << run.out << run.err;
  EXPECT_NE(run.out.find("goals missed"), std::string::npos) << run.out;
}

TEST(SpeedBench, APartThatThereIsNotIsRefused) {
  const Finished run = bench("speed/run", {"-m", small_model_path().string(), "--parts", "engine"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("there is no part \"engine\""), std::string::npos) << run.err;
}

}  // namespace
}  // namespace cairn::testkit
