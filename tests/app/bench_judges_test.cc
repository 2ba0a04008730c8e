// `cairn bench judges` as a user runs it.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "testkit/program.h"
#include "testkit/tiny_gguf.h"

namespace cairn::testkit {
namespace {

using Json = nlohmann::json;

class BenchJudges : public testing::Test {
 protected:
  // Found; missed (no arithmetic is wrong); left alone.
  BenchJudges() {
    write_text(dir_ / "data",
               R"({"id":"1","question":"q","steps":["2 + 2 = 4","4 * 2 = 9"],"label":1}
{"id":"2","question":"q","steps":["2 + 2 = 4","So 5."],"label":1}
{"id":"3","question":"q","steps":["2 + 2 = 4"],"label":-1}
)");
    write_text(dir_ / "script", R"line({"after": "(", "then": ["A)", "A)", "B)"]})line"
                                "\n");
  }

  Finished bench(std::vector<std::string> more) const {
    std::vector<std::string> all{"bench", "judges", (dir_ / "data").string()};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }

  static Json row(const std::string& out, const std::string& judge) {
    const Json report = Json::parse(out, nullptr, false);
    for (const Json& row : report["judges"])
      if (row["judge"] == judge) return row;
    return {};
  }

  std::vector<std::string> scripted(const std::string& judges) const {
    return {"--judge",
            judges,
            "-m",
            "scripted:" + (dir_ / "script").string(),
            "--json",
            "--out",
            (dir_ / "out").string()};
  }

  TempDir dir_;
};

TEST_F(BenchJudges, AClassificationHeadRatesEveryPrefix) {
  const std::string model = write_tiny_gguf(dir_ / "models", {.arch = TinyArch::qwen3});
  const std::string out = (dir_ / "out").string();
  const Finished run =
      bench({"--judge", "prm:preset=qwen3_reranker", "-m", model, "--json", "--out", out});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  std::istringstream lines(read_text(dir_ / "out" / "scores.jsonl"));
  std::set<double> rewards;
  for (std::string line; std::getline(lines, line);) {
    const Json score = Json::parse(line);
    for (const Json& reward : score["rewards"]) rewards.insert(reward.get<double>());
  }
  ASSERT_EQ(rewards.size(), 3u);  // "2 + 2 = 4" stands in all three chains
  EXPECT_GE(*rewards.begin(), 0);
  EXPECT_LE(*rewards.rbegin(), 1);
}

TEST_F(BenchJudges, ReportsAJudgeBesideTheBaselinesWithoutAModel) {
  const Finished run = bench({"--judge", "program_check", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json all = row(run.out, "program_check")["all"];
  EXPECT_EQ(all["faulty"]["hits"], 1);
  EXPECT_EQ(all["faulty"]["all"], 2);
  EXPECT_EQ(all["clean"]["hits"], 1);
  EXPECT_EQ(all["precision"]["all"], 1);
  EXPECT_NEAR(all["f1"]["value"].get<double>(), 2.0 / 3, 1e-12);
  EXPECT_EQ(row(run.out, "(all clean)")["all"]["clean"]["hits"], 1);
  EXPECT_EQ(row(run.out, "(all clean)")["all"]["faulty"]["hits"], 0);
}

TEST_F(BenchJudges, AModelsJudgmentsAreKeptAndNotMadeAgain) {
  const std::vector<std::string> options = scripted("self_eval");
  const Finished first = bench(options);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto scores = dir_ / "out" / "scores.jsonl";
  const std::string kept = read_text(scores);
  EXPECT_EQ(std::count(kept.begin(), kept.end(), '\n'), 3);
  EXPECT_EQ(bench(options).exit_code, 2);               // the folder holds a run
  write_text(scores, kept.substr(0, kept.size() - 9));  // killed while it wrote
  std::vector<std::string> again = scripted("self_eval,self_eval:of=step");
  again.push_back("--resume");
  const Finished second = bench(again);
  ASSERT_EQ(second.exit_code, 0) << second.err;
  const std::string mended = read_text(scores);
  EXPECT_EQ(std::count(mended.begin(), mended.end(), '\n'), 6);
  const std::size_t two = kept.rfind('\n', kept.size() - 2) + 1;
  EXPECT_EQ(mended.substr(0, two), kept.substr(0, two));
  EXPECT_EQ(row(first.out, "self_eval")["all"], row(second.out, "self_eval")["all"]);
  for (const char* name : {"report.json", "report.md", "report.html"})
    EXPECT_NE(read_text(dir_ / "out" / name), "") << name;
}

// The model reads each chain as if it had written it; the three judges share the reading.
TEST_F(BenchJudges, JudgesOfWhatWasNotedHaveItNoted) {
  write_text(dir_ / "script",
             R"line({"after": "assistant|>", "then": ["2 + 2 = 4\n\n", "No."]})line"
             "\n");
  const Finished run = bench(scripted("logprob,entropy,self_certainty,rollout_value:samples=1"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json logprob = row(run.out, "logprob"), entropy = row(run.out, "entropy");
  EXPECT_GT(logprob["evaluated_tokens"], 0);
  EXPECT_EQ(logprob["evaluated_tokens"], entropy["evaluated_tokens"]);
  EXPECT_EQ(logprob["generated_tokens"], 0);
  EXPECT_EQ(row(run.out, "rollout_value:samples=1")["all"]["chains"], 3);
}

TEST_F(BenchJudges, RefusesWhatCannotBeMeasured) {
  EXPECT_EQ(bench({"--judge", "exact"}).exit_code, 2);
  EXPECT_EQ(bench({"--judge", "program_chekc"}).exit_code, 2);
  EXPECT_EQ(bench({"--judge", "program_check", "--resume"}).exit_code, 2);
  write_text(dir_ / "data", "{\"question\":\"q\",\"steps\":[\"a\"],\"label\":7}\n");
  const Finished run = bench({"--judge", "program_check"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("line 1"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace cairn::testkit
