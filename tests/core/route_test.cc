#include "cairn/route.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "cairn/error.h"
#include "cairn/runner.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"

namespace cairn {
namespace {

using testkit::run;

// Two of four say the same, rewards 0.9 and 0.7: agreement 2/4, confidence 0.8; over all four the
// rewards go from 0.1 to 0.9.
TEST(Signs, AreReadFromClassesAndRewards) {
  const std::array<int, 4> classes{1, 0, 0, -1};
  const std::array<float, 4> rewards{0.1f, 0.9f, 0.7f, 0.5f};
  const Signs signs = signs_of(classes, rewards);
  EXPECT_DOUBLE_EQ(signs.agreement, 0.5);
  EXPECT_NEAR(signs.confidence, 0.8, 1e-6);
  EXPECT_NEAR(signs.spread, 0.8, 1e-6);
}

TEST(Signs, WithoutAnswersThereIsNoAgreement) {
  const std::array<int, 2> classes{-1, -1};
  const std::array<float, 2> rewards{0.5f, 0.5f};
  EXPECT_EQ(signs_of(classes, rewards).agreement, 0);
  EXPECT_EQ(signs_of(classes, rewards).confidence, 0);
  EXPECT_EQ(signs_of(std::span<const int>(), {}).spread, 0);
}

constexpr const char* kTree = R"({"probe": 3, "tree":
  {"sign": "agreement", "below": 0.6, "then": {"do": "self_consistency:samples=5"},
   "else": {"sign": "spread", "below": 0.2, "then": {"do": "stop"}, "else": {"do": "beam"}}}})";

TEST(RouteTree, LeadsToAnAction) {
  const Routes routes = parse_routes("here", kTree);
  EXPECT_EQ(routes.probe, 3);
  EXPECT_EQ(action_for(routes.tree, {.agreement = 0.5}), "self_consistency:samples=5");
  EXPECT_EQ(action_for(routes.tree, {.agreement = 0.6, .spread = 0.1}), "stop");
  EXPECT_EQ(action_for(routes.tree, {.agreement = 1, .spread = 0.2}), "beam");
}

TEST(RouteTree, WhatIsNoTreeIsRefusedByName) {
  const auto refused = [](const std::string& tree) {
    try {
      parse_routes("here", R"({"probe": 4, "tree": )" + tree + "}");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(refused(R"({"do": "beem"})").find("beam"), std::string::npos);
  EXPECT_NE(refused(R"({"do": "beam:widht=2"})").find("width"), std::string::npos);
  EXPECT_NE(refused(R"({"do": "auto"})").find("trees"), std::string::npos);
  EXPECT_NE(refused(R"({"do": "spec_reason"})").find("second model"), std::string::npos);
  EXPECT_NE(refused(R"({"sign": "agrement", "below": 1})").find("agreement"), std::string::npos);
  EXPECT_NE(refused(R"({"sign": "agreement", "below": "x"})").find("here"), std::string::npos);
  EXPECT_THROW(parse_routes("here", "[1"), Error);
  EXPECT_THROW(parse_routes("here", R"({"probe": 0, "tree": {"do": "stop"}})"), Error);
  EXPECT_THROW(read_routes("/no/such/file"), Error);
  std::string deep = R"({"do": "stop"})";
  for (int i = 0; i < 40; ++i)
    deep = R"({"sign": "spread", "below": 1, "then": )" + deep + R"(, "else": {"do": "stop"}})";
  EXPECT_NE(refused(deep), "");
}

TEST(RouteTree, TheBuiltInOneIsOne) {
  EXPECT_GE(read_routes("").probe, 1);
}

class Auto : public testing::Test {
 protected:
  Outcome solved(std::vector<ScriptLine> script, const std::string& tree) {
    testkit::write_text(dir_ / "routes.json", tree);
    ScriptedModel model(std::move(script));
    RunOptions options{.settings = {{"routes", (dir_ / "routes.json").string()}}, .seed = 1};
    const Problem problem{.id = "p", .question = "2 + 2?"};
    const Recipe& recipe = find_recipe("auto");
    return run(run_problem(model, recipe, problem, options));
  }

  testkit::TempDir dir_;
};

// All three samples agree: nothing more is drawn, and nothing of the beam.
TEST_F(Auto, StopsWhereTheSamplesAgree) {
  const Outcome outcome = solved({{"<|assistant|>", {"The answer is 4.\n"}}},
                                 R"({"probe": 3, "tree": {"sign": "agreement", "below": 0.9,
                 "then": {"do": "beam"}, "else": {"do": "stop"}}})");
  EXPECT_EQ(outcome.answer, "4");
  EXPECT_EQ(outcome.traces.size(), 3u);
  EXPECT_EQ(outcome.confidence, 1);
}

// One way out of many each: they disagree, and five more samples vote together with the three.
TEST_F(Auto, DrawsMoreWhereTheyDisagree) {
  std::vector<std::string> ways;
  for (int i = 0; i < 40; ++i) ways.push_back("The answer is " + std::to_string(i) + ".\n");
  const Outcome outcome = solved({{"<|assistant|>", ways}}, kTree);
  EXPECT_EQ(outcome.traces.size(), 8u);
  std::set<std::string> answers;
  for (const FinishedTrace& finished : outcome.traces) answers.insert(*finished.trace.answer());
  EXPECT_GT(answers.size(), 3u);  // the five are other draws than the three
}

// What rap's prompt ends with has an answer in the script; the samples' prompt has none.
TEST_F(Auto, AnotherRecipeRunsWithItsOwnPrompt) {
  const Outcome outcome = solved({{"<|assistant|>", {"I do not know.\n"}},
                                  {"Question 1:", {" How many are there?\n"}},
                                  {"Answer 1:", {" The answer is 7.\n"}}},
                                 R"({"probe": 1, "tree": {"do": "rap"}})");
  EXPECT_EQ(outcome.answer, "7");
}

}  // namespace
}  // namespace cairn
