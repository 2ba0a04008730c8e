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

TEST(GymCommand, ASampleIsRightByItsOwnCheck) {
  const Finished sample =
      run_program({"gym", "sample", "--all", "--count", "2", "--difficulty", "4"});
  ASSERT_EQ(sample.exit_code, 0) << sample.err;
  ASSERT_EQ(lines_of(sample.out).size(), 2 * procedures().size());
  const Finished check = run_program({"gym", "check"}, {}, sample.out);
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
  for (const Json& line : lines_of(bench.out))
    if (line["judge"] == "program_check") found = line["all"];
  EXPECT_EQ(found["faulty"]["all"], wrong);
  EXPECT_EQ(found["clean"]["all"], 80 - wrong);
  EXPECT_EQ(found["clean"]["hits"], found["clean"]["all"]);  // no right sum is called false
  EXPECT_GT(found["faulty"]["hits"], 0);
}

TEST(GymCommand, WhatItDoesNotHaveIsRefused) {
  EXPECT_NE(run_program({"gym", "sample", "gdc"}).err.find("gcd"), std::string::npos);
  EXPECT_EQ(run_program({"gym", "sample"}).exit_code, 2);
  EXPECT_EQ(run_program({"gym", "sample", "gcd", "--difficulty", "11"}).exit_code, 2);
  EXPECT_EQ(run_program({"gym", "check", "/no/such/file"}).exit_code, 2);
}

}  // namespace
}  // namespace cairn::testkit
