// `cairn gym` as a user runs it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cairn/procedure.h"
#include "testkit/program.h"

namespace cairn::testkit {
namespace {

using Json = nlohmann::json;

std::vector<Json> lines_of(const std::string& out) {
  std::vector<Json> lines;
  std::istringstream in(out);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

TEST(GymCommand, AnExportIsRightByItsOwnCheck) {
  const Finished exported =
      run_program({"gym", "export", "--all", "--count", "2", "--difficulty", "1,4"});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  ASSERT_EQ(lines_of(exported.out).size(), 4 * procedures().size());
  const Finished check = run_program({"gym", "check"}, {}, exported.out);
  EXPECT_EQ(check.exit_code, 0) << check.err;
  for (const Json& line : lines_of(check.out)) EXPECT_TRUE(line["sequence"].get<bool>()) << line;
  EXPECT_NE(check.err.find("prefix accuracy 1.000"), std::string::npos) << check.err;
}

TEST(GymCommand, ABrokenLineIsToldOfAndLeftOut) {
  const std::string input =
      "{\"id\":\"gcd/1/1\",\"text\":\"nonsense\"}\nno json\n{\"id\":\"gdc/1/1\",\"text\":\"\"}\n";
  const Finished check = run_program({"gym", "check"}, {}, input);
  EXPECT_EQ(check.exit_code, 3);
  EXPECT_EQ(lines_of(check.out).size(), 1u);
  EXPECT_NE(check.err.find("line 2"), std::string::npos) << check.err;
  EXPECT_NE(check.err.find("gcd"), std::string::npos) << check.err;
}

TEST(GymCommand, ChainsAreWhatBenchJudgesReads) {
  const TempDir dir;
  const std::string file = (dir / "chains").string();
  const Finished chains =
      run_program({"gym", "chains", "running_sum", "horner", "--count", "40", "--out", file});
  ASSERT_EQ(chains.exit_code, 0) << chains.err;
  int wrong = 0;
  for (const Json& line : lines_of(read_text(file))) wrong += line["label"].get<int>() >= 0 ? 1 : 0;
  const Finished bench =
      run_program({"bench", "judges", file, "--judge", "program_check", "--json"});
  ASSERT_EQ(bench.exit_code, 0) << bench.err;
  Json found;
  const Json report = Json::parse(bench.out);
  for (const Json& row : report["judges"])
    if (row["judge"] == "program_check") found = row["all"];
  EXPECT_EQ(found["faulty"]["all"], wrong);
  EXPECT_EQ(found["clean"]["all"], 80 - wrong);
  EXPECT_EQ(found["clean"]["hits"], found["clean"]["all"]);  // no right sum is called false
  EXPECT_GT(found["faulty"]["hits"], 0);
}

TEST(GymCommand, ASampleIsForReading) {
  const Finished sample = run_program({"gym", "sample", "gcd", "--seed", "17"});
  ASSERT_EQ(sample.exit_code, 0) << sample.err;
  const Exercise made = exercise("gcd", 17, 3);
  EXPECT_EQ(sample.out.find("gcd/3/17\n"), 0u) << sample.out;
  for (const std::string& step : made.steps)
    EXPECT_NE(sample.out.find("\n    " + step + "\n"), std::string::npos) << step;
}

// As ProcBench's models answer; the first repeats the final state.
TEST(GymCommand, IntermediateAndFinalStatesAreRead) {
  const Exercise made = exercise("procbench_sort", 1, 2);
  Json line = {{"id", made.problem.id}, {"intermediate", made.steps}, {"final", made.steps.back()}};
  std::string input = line.dump() + "\n";
  line["intermediate"].erase(line["intermediate"].size() - 1);
  input += line.dump() + "\n";
  const Finished check = run_program({"gym", "check"}, {}, input);
  ASSERT_EQ(lines_of(check.out).size(), 2u) << check.err;
  for (const Json& found : lines_of(check.out)) EXPECT_TRUE(found["sequence"].get<bool>()) << found;
}

TEST(GymCommand, LocalityIsShownInNumbers) {
  const Finished study =
      run_program({"gym", "locality", "--nets", "1", "--strings", "500", "--json"});
  ASSERT_EQ(study.exit_code, 0) << study.err;
  EXPECT_EQ(lines_of(study.out).size(), 3u);
}

TEST(GymCommand, WhatItDoesNotHaveIsRefused) {
  EXPECT_NE(run_program({"gym", "sample", "gdc"}).err.find("gcd"), std::string::npos);
  EXPECT_EQ(run_program({"gym", "sample"}).exit_code, 2);
  EXPECT_EQ(run_program({"gym", "sample", "gcd", "--difficulty", "11"}).exit_code, 2);
  EXPECT_EQ(run_program({"gym", "check", "/no/such/file"}).exit_code, 2);
}

}  // namespace
}  // namespace cairn::testkit
