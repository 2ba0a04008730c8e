// `cairn solve --draft`: a second model, as a user gives it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testkit/paths.h"
#include "testkit/program.h"

namespace cairn::testkit {
namespace {

class Drafted : public testing::Test {
 protected:
  Drafted() {
    // Every draft is graded 9; the large model would say 6 itself.
    write_text(dir_ / "large", R"({"after": "certainly right: [", "then": ["9"]})"
                               "\n"
                               R"({"after": "<|assistant|>", "then": ["The answer is 6.\n"]})"
                               "\n");
    write_text(dir_ / "small", R"({"after": "<|assistant|>", "then": ["The answer is 4.\n"]})"
                               "\n");
  }
  std::string script(const std::string& name) const { return "scripted:" + (dir_ / name).string(); }
  TempDir dir_;
};

TEST_F(Drafted, ASmallModelsStepIsTheAnswer) {
  const Finished run = run_program({"solve", "2 + 2?", "-m", script("large"), "--draft",
                                    script("small"), "--recipe", "spec_reason", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_EQ(json["answer"], "4");
  EXPECT_EQ(json["usage"]["generated_tokens"], 17);  // the draft's bytes and nothing else
  EXPECT_EQ(json["usage"]["draft_generated"], 17);
}

TEST_F(Drafted, WhatCannotBeIsSaidAtOnce) {
  const Finished without =
      run_program({"solve", "2 + 2?", "-m", script("large"), "--recipe", "spec_reason"});
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_NE(without.err.find("--draft MODEL"), std::string::npos) << without.err;
  const Finished idle = run_program(
      {"solve", "2 + 2?", "-m", script("large"), "--draft", script("small"), "--recipe", "cot"});
  EXPECT_EQ(idle.exit_code, 2);
  EXPECT_NE(idle.err.find("it uses one model"), std::string::npos) << idle.err;
}

}  // namespace
}  // namespace cairn::testkit
