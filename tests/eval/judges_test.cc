// Labelled chains as they are read, and the figures of a judge worked out by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cairn/error.h"
#include "eval/judges/judge_report.h"
#include "eval/judges/judge_tables.h"
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

LabelledChain whole(bool sound) {
  LabelledChain one = chain(-1);
  one.first_error.reset();
  one.sound = sound;
  return one;
}

// Faulty: 1 of 2 is found. Clean: 1 of 2 is left alone. F1 = 2 * (1/2) * (1/2) / 1 = 1/2.
// Both faulty ones are flagged: chain F1 = 2 * 1 * (1/2) / (3/2) = 2/3.
TEST(JudgeReportTest, IsWhatTheHandWorksOut) {
  const LabelledChain wrong = chain(1), other = chain(2, "b"), good = chain(-1), fine = chain(-1);
  const std::vector<ScoredChain> all = scored({{&wrong, {0.9f, 0.25f, 0.1f}},  // q = 1: right
                                               {&other, {0.4f, 0.9f, 0.9f}},   // q = 0: early
                                               {&good, {0.9f, 0.8f, 0.75f}},   // q = -1
                                               {&fine, {0.9f, 0.9f, 0.3f}}},   // a false alarm
                                              0.5);
  EXPECT_EQ(all[0].said, 1);
  EXPECT_FLOAT_EQ(all[1].confidence, 0.4f);
  const JudgeReport report = judge_report(all, 1);
  EXPECT_EQ(report.chains, 4);
  EXPECT_EQ(report.faulty.hits, 1);
  EXPECT_EQ(report.faulty.all, 2);
  EXPECT_EQ(report.clean.hits, 1);
  EXPECT_EQ(report.precision.hits, 1);
  EXPECT_EQ(report.precision.all, 3);
  EXPECT_EQ(report.flagged.hits, 2);
  EXPECT_DOUBLE_EQ(report.f1.value().value, 0.5);
  EXPECT_LE(report.f1.value().interval.low, 0.5);
  EXPECT_GE(report.f1.value().interval.high, 0.5);
  EXPECT_DOUBLE_EQ(report.chain_f1.value().value, 2.0 / 3);
  // Of 4 pairs only (0.3, 0.4) is the wrong way.
  EXPECT_DOUBLE_EQ(report.auroc.value().value, 3.0 / 4);
  const auto kinds = reports_by_kind(all, 1);
  EXPECT_EQ(kinds.at("b").faulty.all, 1);
  EXPECT_EQ(kinds.at("b").faulty.hits, 0);
  EXPECT_FALSE(kinds.at("b").f1.has_value());
}

// Labelled as a whole: flagged 1 of 2, left alone 1 of 1, chain F1 = 2 * (1/2) / (3/2) = 2/3.
TEST(JudgeReportTest, ChainsThatAreLabelledAsAWholeAreScoredAsAWhole) {
  const LabelledChain bad = whole(false), good = whole(true);
  const JudgeReport report =
      judge_report(scored({{&bad, {1, 0, 1}}, {&bad, {1, 1, 0.75f}}, {&good, {1, 1, 1}}}, 0.5), 1);
  EXPECT_EQ(report.faulty.all, 0);
  EXPECT_EQ(report.precision.all, 0);
  EXPECT_FALSE(report.f1.has_value());
  EXPECT_EQ(report.flagged.hits, 1);
  EXPECT_EQ(report.flagged.all, 2);
  EXPECT_EQ(report.clean.hits, 1);
  EXPECT_DOUBLE_EQ(report.chain_f1.value().value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(report.auroc.value().value, 1);
}

// 0 and 0.1 are in the first bin, 0.75 in (0.7, 0.8].
TEST(JudgeReportTest, BinsAreClosedAbove) {
  const LabelledChain bad = whole(false), good = whole(true);
  const JudgeReport report = judge_report(
      scored({{&bad, {0}}, {&good, {0.1f - 1e-6f}}, {&good, {0.75f}}, {&bad, {0.75f}}}, 0.5), 1);
  ASSERT_EQ(report.bins.size(), 10u);
  EXPECT_EQ(report.bins[0].chains, 2);
  EXPECT_EQ(report.bins[0].sound, 1);
  EXPECT_NEAR(report.bins[0].confidence, 0.05, 1e-6);
  EXPECT_EQ(report.bins[7].chains, 2);
  EXPECT_DOUBLE_EQ(report.bins[7].confidence, 0.75);
}

// Twenty chains of one question are one draw of the bootstrap: every resample is the sample.
TEST(JudgeReportTest, TheChainsOfAQuestionAreDrawnTogether) {
  const LabelledChain wrong = chain(1), good = chain(-1);
  std::vector<RewardedChain> chains;
  for (int i = 0; i < 10; ++i) {
    chains.push_back({&wrong, {1, i < 5 ? 0.0f : 1.0f, 1}});
    chains.push_back({&good, {1, 1, 1}});
  }
  const JudgeReport report = judge_report(scored(chains, 0.5), 1);
  EXPECT_DOUBLE_EQ(report.f1.value().value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(report.f1.value().interval.low, 2.0 / 3);
  EXPECT_DOUBLE_EQ(report.f1.value().interval.high, 2.0 / 3);
}

// Rewards of 0.2 for wrong steps and 0.3 for good ones: 0.5 flags the first step of all, a
// threshold between the two is right everywhere.
TEST(CrossFittedTest, TakesTheThresholdFromTheOtherHalf) {
  std::vector<LabelledChain> data;
  for (int i = 0; i < 20; ++i) {
    data.push_back(chain(i % 2 == 0 ? 1 : -1));
    data.back().problem.question = std::to_string(i);
  }
  std::vector<RewardedChain> chains;
  for (const LabelledChain& one : data)
    chains.push_back({&one, {0.3f, one.sound ? 0.3f : 0.2f, 0.3f}});
  EXPECT_EQ(judge_report(scored(chains, 0.5), 1).f1.value().value, 0);
  EXPECT_EQ(judge_report(cross_fitted(chains, 1), 1).f1.value().value, 1);
}

TEST(ReadLabelledTest, TheKindAndTheChoicesAreFoundWhereSetsKeepThem) {
  const LabelledFile file = read_labelled(
      "f",
      R"({"question":"q","steps":["a","b"],"first_error":1,"meta":{"step_status":["ok","operands"],"generator":"g"}}
{"question":"q","steps":["a"],"first_error":-1,"meta":{"step_status":["ok"],"generator":"g"}}
{"question":"q","steps":["a"],"chain_correct":true,"meta":{"task":"navigate"},"choices":[["A","yes"],["B"]]}
)");
  ASSERT_EQ(file.chains.size(), 3u);
  EXPECT_EQ(file.chains[0].kind, "operands");
  EXPECT_EQ(file.chains[1].kind, "");
  EXPECT_EQ(file.chains[2].kind, "navigate");
  ASSERT_EQ(file.chains[2].problem.choices.size(), 1u);
  EXPECT_EQ(file.chains[2].problem.choices[0].text, "yes");
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

// A kind with markup and table marks in it stays text.
TEST(JudgeTablesTest, SayTheSameToProgramsAndPeople) {
  const LabelledChain wrong = chain(1, "<b>|x"), good = chain(-1);
  JudgeTable table{.title = "T", .facts = {{"data", "<i>"}}};
  JudgeRow row{.judge = "j", .by_kind = true, .costs = true, .evaluated = 7, .failed = 2};
  row.chains = scored({{&wrong, {1, 0, 1}}, {&good, {1, 1, 1}}}, 0.5);
  table.rows = {row};
  const auto json = nlohmann::json::parse(to_json(table));
  EXPECT_EQ(json["judges"][0]["all"]["f1"]["value"], 1.0);
  EXPECT_EQ(json["judges"][0]["evaluated_tokens"], 7);
  EXPECT_EQ(json["judges"][0]["kinds"].size(), 2u);
  const std::string markdown = to_markdown(table);
  EXPECT_NE(markdown.find("| j, \\<b>\\|x | 1/1"), std::string::npos) << markdown;
  EXPECT_NE(markdown.find("7 + 0, 0.0; 2 chains left out"), std::string::npos) << markdown;
  const std::string html = to_html(table);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_EQ(html.find("<i>"), std::string::npos);
  EXPECT_NE(html.find("<circle"), std::string::npos);
}

}  // namespace
}  // namespace cairn::eval
