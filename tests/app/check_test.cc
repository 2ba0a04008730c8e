// cairn check, as a user runs it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testkit/program.h"

namespace cairn {
namespace {

using testkit::run_program;

class Check : public testing::Test {
 protected:
  void SetUp() override {
    testkit::write_text(dir_ / "script",
                        R"({"after": "The response is (", "then": ["A", "A", "B"]})"
                        "\n");
  }
  testkit::Finished check(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "check");
    const std::string script = "scripted:" + (dir_ / "script").string();
    arguments.insert(arguments.end(), {"--xverify", "-m", script});
    return run_program(arguments);
  }
  testkit::TempDir dir_;
};

TEST_F(Check, TheModelIsAskedWhereTheRulesLeaveItOpen) {
  const testkit::Finished asked = check({"one half", "1/2", "--question", "What?", "--json"});
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  const auto json = nlohmann::json::parse(asked.out);
  EXPECT_EQ(json["verdict"], "equal");
  EXPECT_EQ(json["rule"], "xverify");
  EXPECT_NEAR(json["probability"].get<double>(), 2.0 / 3, 1e-6);
  EXPECT_GT(json["judge_tokens"].get<int>(), 100);
  EXPECT_EQ(check({"one half", "1/2"}).out, "equal (xverify 0.67)\n");
  EXPECT_EQ(check({"0.5", "1/2"}).out, "equal (number)\n");
  EXPECT_EQ(check({"0.6", "1/2"}).out, "different (number)\n");
}

TEST_F(Check, AFileHoldsAPairALine) {
  testkit::write_text(dir_ / "pairs",
                      "{\"answer\": \"7\", \"gold\": \"7.0\"}\n{\"answer\": 7}\n"
                      "{\"answer\": \"red\", \"gold\": \"crimson\", \"question\": \"Colour?\"}\n");
  const testkit::Finished got = check({"--file", (dir_ / "pairs").string()});
  EXPECT_EQ(got.exit_code, 3);
  EXPECT_TRUE(
      got.out.starts_with("{\"verdict\":\"equal\",\"rule\":\"number\"}\n"
                          "{\"verdict\":\"equal\",\"rule\":\"xverify\",\"probability\":0.66"))
      << got.out;
  EXPECT_NE(got.err.find("line 2"), std::string::npos) << got.err;
}

TEST_F(Check, ListsAndSets) {
  const auto said = [](const char* type) {
    return run_program({"check", "b and a", "[\"a\", \"b\"]", "--type", type}).out;
  };
  EXPECT_EQ(said("set"), "equal (set)\n");
  EXPECT_EQ(said("list"), "different (list)\n");
}

TEST_F(Check, AQuestionThatNobodyReadsIsRefused) {
  EXPECT_EQ(run_program({"check", "1", "1", "--question", "What?"}).exit_code, 2);
}

}  // namespace
}  // namespace cairn
