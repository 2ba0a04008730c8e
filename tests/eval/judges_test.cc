// Labelled chains as they are read, and the figures of a judge worked out by hand.

#include <gtest/gtest.h>

#include <algorithm>

#include "cairn/error.h"
#include "eval/judges/judge_report.h"
#include "eval/judges/labelled.h"

namespace cairn::eval {
namespace {

LabelledChain chain(int first_error, std::string kind = "a") {
  return {.problem = {.id = "x", .question = "?"},
          .steps = {"1", "2", "3"},
          .first_error = first_error,
          .sound = first_error < 0,
          .kind = std::move(kind)};
}

TEST(ReadLabelledTest, ReadsTheThreeShapesAndCountsTheRest) {
  const LabelledFile file = read_labelled("f", R"({"id":"1","question":"q","steps":["a"],"label":-1}
{"id":"2","question":"q","steps":["a","b"],"first_error":1,"meta":{"error_category":"sum"}}

{"question":"q","steps":["a"],"first_error":null,"chain_correct":false,"meta":{"subset":"s"}}
{"question":"q","answer":"no chain"}
)");
  ASSERT_EQ(file.chains.size(), 3u);
  EXPECT_EQ(file.without_label, 1);
  EXPECT_TRUE(file.chains[0].sound);
  EXPECT_EQ(file.chains[1].first_error, 1);
  EXPECT_EQ(file.chains[1].kind, "sum");
  EXPECT_FALSE(file.chains[2].first_error.has_value());
  EXPECT_EQ(file.chains[2].problem.id, "f line 4");
}

TEST(ReadLabelledTest, BrokenLinesAreRefusedWithTheirNumber) {
  for (const char* bad : {"\n{", "\n[1]", "\n{\"question\":\"q\",\"steps\":[1],\"label\":0}",
                          "\n{\"question\":\"q\",\"steps\":[\"a\"],\"label\":1}",
                          "\n{\"question\":\"q\",\"steps\":[\"a\"],\"label\":-2}"}) {
    try {
      read_labelled("f", bad);
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("f line 2"), std::string::npos) << error.what();
    }
  }
}

TEST(DrawnTest, KeepsTheOrderAndDependsOnTheSeedAlone) {
  std::vector<LabelledChain> chains;
  for (int i = 0; i < 50; ++i) {
    chains.push_back(chain(-1));
    chains.back().problem.id = std::to_string(100 + i);
  }
  const auto ids = [&](std::uint64_t seed, std::size_t limit) {
    std::vector<std::string> out;
    for (const LabelledChain& one : drawn(chains, limit, seed)) out.push_back(one.problem.id);
    return out;
  };
  EXPECT_EQ(ids(1, 10), ids(1, 10));
  EXPECT_NE(ids(1, 10), ids(2, 10));
  const auto some = ids(3, 20);
  EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
  EXPECT_EQ(std::adjacent_find(some.begin(), some.end()), some.end());
  EXPECT_EQ(ids(1, 99).size(), 50u);
}

// Faulty: 1 of 2 is found. Clean: 1 of 2 is left alone. F1 = 2 * (1/2) * (1/2) / 1 = 1/2.
TEST(JudgeReportTest, IsWhatTheHandWorksOut) {
  const LabelledChain wrong = chain(1), other = chain(2, "b"), good = chain(-1), fine = chain(-1);
  const std::vector<ScoredChain> all = {
      scored(wrong, {0.9f, 0.25f, 0.1f}, 0.5),  // q = 1: right, confidence 0.1
      scored(other, {0.4f, 0.9f, 0.9f}, 0.5),   // q = 0: early, confidence 0.4
      scored(good, {0.9f, 0.8f, 0.75f}, 0.5),   // q = -1
      scored(fine, {0.9f, 0.9f, 0.3f}, 0.5)};   // q = 2: a false alarm, confidence 0.3
  EXPECT_EQ(all[0].said, 1);
  const JudgeReport report = judge_report(all, 1);
  EXPECT_EQ(report.faulty.hits, 1);
  EXPECT_EQ(report.faulty.all, 2);
  EXPECT_EQ(report.clean.hits, 1);
  EXPECT_EQ(report.precision.hits, 1);
  EXPECT_EQ(report.precision.all, 3);
  EXPECT_DOUBLE_EQ(report.f1, 0.5);
  EXPECT_LE(report.f1_interval.low, 0.5);
  EXPECT_GE(report.f1_interval.high, 0.5);
  EXPECT_DOUBLE_EQ(report.auroc.value(), 3.0 / 4);  // of 4 pairs only (0.3, 0.4) is the wrong way
  const auto kinds = reports_by_kind(all, 1);
  EXPECT_EQ(kinds.at("b").faulty.all, 1);
  EXPECT_EQ(kinds.at("b").faulty.hits, 0);
}

TEST(BaselineTest, ConstantsSayOneThingAndChanceIsUniform) {
  std::vector<LabelledChain> chains;
  for (int i = 0; i < 4000; ++i) {
    chains.push_back(chain(1));
    chains.back().problem.id = std::to_string(i);
  }
  for (const ScoredChain& one : baseline("(all clean)", chains, 1)) EXPECT_EQ(one.said, -1);
  for (const ScoredChain& one : baseline("(first step)", chains, 1)) EXPECT_EQ(one.said, 0);
  int hits = 0;
  for (const ScoredChain& one : baseline("(random)", chains, 1)) hits += one.said == 1;
  EXPECT_NEAR(hits / 4000.0, 0.25, 0.03);  // one of -1, 0, 1, 2; four standard errors
}

// A Natural Program that is labelled as a whole is read as it was written, with its citations.
TEST(ReadLabelledTest, ANaturalProgramKeepsItsCitations) {
  const auto file = eval::read_labelled(
      "npv",
      R"({"id": "n", "question": "q", "steps": ["So 4."], "chain_correct": false, "meta": {"step_refs": [[2, [1]]], "raw": "#1. Three.\n\n#2. (by #1) So 4."}})");
  ASSERT_EQ(file.chains.size(), 1u);
  EXPECT_EQ(file.chains[0].steps, (std::vector<std::string>{"#1. Three.", "#2. (by #1) So 4."}));
}

}  // namespace
}  // namespace cairn::eval
