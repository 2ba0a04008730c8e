#include "eval/summary.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "eval/report.h"

namespace cairn::eval {
namespace {

Attempt attempt(const std::string& recipe, int problem, bool right, double confidence = 0.5,
                std::uint64_t seed = 1) {
  Attempt a;
  a.arm.recipe = recipe;
  a.problem = std::to_string(problem);
  a.seed = seed;
  a.answer = right ? "4" : "5";
  a.gold = "4";
  a.right = right;
  a.confidence = confidence;
  a.usage.generated_tokens = recipe == "cot" ? 100 : 400;
  return a;
}

// Questions 0..9. cot is right on 0..3, vote on 2..8: both on 2 and 3.
std::vector<Attempt> ten() {
  std::vector<Attempt> all;
  for (int i = 0; i < 10; ++i) all.push_back(attempt("cot", i, i < 4));
  for (int i = 0; i < 10; ++i) all.push_back(attempt("vote", i, i >= 2 && i < 9));
  return all;
}

TEST(Summary, CountsAreThoseOfTheAttempts) {
  const Summary summary = summarise(ten());
  ASSERT_EQ(summary.rows.size(), 2u);
  const Row& vote = summary.rows[1];
  EXPECT_EQ(vote.right, 7);
  EXPECT_EQ(vote.fixed, 5);   // 4..8
  EXPECT_EQ(vote.broken, 2);  // 0 and 1
  EXPECT_DOUBLE_EQ(vote.generated, 400);
  EXPECT_DOUBLE_EQ(vote.interval.low, wilson(7, 10).low);
  ASSERT_EQ(summary.pairs.size(), 1u);
  EXPECT_NEAR(summary.pairs[0].difference, 0.3, 1e-12);
  EXPECT_NEAR(summary.pairs[0].p, 58.0 / 128, 1e-12);  // 2 (1 + 7 + 21) / 2^7
  EXPECT_EQ(summary.pairs[0].p_holm, summary.pairs[0].p);
}

TEST(Summary, SeedsOfOneQuestionAreOneCluster) {
  std::vector<Attempt> all;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    all.push_back(attempt("cot", 0, false, 0.5, seed));
    all.push_back(attempt("vote", 0, true, 0.5, seed));
  }
  const Summary summary = summarise(all);
  EXPECT_EQ(summary.pairs[0].questions, 1);
  EXPECT_EQ(summary.pairs[0].p, 1);  // one question proves nothing, however often it is asked
}

TEST(Summary, AFailedAttemptIsWrongAndCounted) {
  std::vector<Attempt> all = ten();
  all[0].failure = "model: it broke";
  all[0].answer.reset();
  all[0].right = false;
  const Row row = summarise(all).rows[0];
  EXPECT_EQ(row.failed, 1);
  EXPECT_EQ(row.attempts, 10);
  EXPECT_EQ(row.right, 3);
}

TEST(Summary, SamplesGivePassAndMajority) {
  Attempt a = attempt("vote", 0, true);
  a.independent = true;
  for (const char* answer : {"4", "5", "4", "6"}) {
    Line line;
    line.answer = answer;
    line.right = line.answer == "4";
    a.lines.push_back(line);
  }
  const Row row = summarise({a}).rows[0];
  ASSERT_EQ(row.at_k.size(), 3u);
  EXPECT_NEAR(row.at_k[1].pass, 5.0 / 6, 1e-12);  // of six pairs, only 5 with 6 has no 4
  EXPECT_NEAR(row.at_k[1].maj, 3.0 / 6, 1e-12);   // one pair wins, four tie at a half
  a.independent = false;
  EXPECT_TRUE(summarise({a}).rows[0].at_k.empty());
}

TEST(Summary, RunsArePairedByQuestion) {
  std::vector<Attempt> later = ten();
  later.erase(later.begin());  // question 0 of cot is gone
  later[0].right = false;      // question 1
  const std::vector<Pair> pairs = compare(ten(), later);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].questions, 9);
  EXPECT_NEAR(pairs[0].difference, -1.0 / 9, 1e-12);
  EXPECT_EQ(pairs[1].difference, 0);
}

TEST(Report, HostileTextStaysText) {
  EXPECT_EQ(escape_html("<a href='x'>\"&\x1b"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\xEF\xBF\xBD");
  std::vector<Attempt> all = ten();
  const std::string evil = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>";
  for (Attempt& a : all) {
    a.problem += evil;
    a.arm.recipe += evil;
    a.question = a.gold = evil;
    a.answer = evil;
    a.failure = evil;
    a.lines.push_back({evil, false, 0, {evil, "\xff\xfe"}});
  }
  const Report report{evil, {{evil, evil}}, summarise(all), {}, {evil}};
  const std::string html = to_html(report, all);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<img"), std::string::npos);
  EXPECT_EQ(html.find("\xff"), std::string::npos);
  EXPECT_EQ(to_markdown(report).find("\n<"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["title"], evil);
}

// Two lines part after their first step: it stands once, and each way below it.
TEST(Report, SharedStepsStandOnce) {
  Attempt attempt{.arm = {"beam"}, .problem = "p", .seed = 1, .answer = "1"};
  attempt.lines = {{"1", true, 0, {"first", "left"}}, {"2", false, 0, {"first", "the other"}}};
  const Report report{"tree", {}, summarise({attempt}), {}, {}};
  const std::string html = to_html(report, {attempt});
  const auto times = [&](const std::string& step) {
    int count = 0;
    for (auto at = html.find(">" + step + "<"); at != std::string::npos;
         at = html.find(">" + step + "<", at + 1))
      ++count;
    return count;
  };
  EXPECT_EQ(times("first"), 1);
  EXPECT_EQ(times("left"), 1);
  EXPECT_EQ(times("the other"), 1);
}

// Three attempts of four steps: all right; wrong at the second; nothing written.
TEST(Summary, StepMarksAreAveragedAndTheirFirstErrorsPlaced) {
  std::vector<Attempt> all;
  for (int i = 0; i < 3; ++i)
    all.push_back({.arm = {"cot"}, .problem = "p" + std::to_string(i), .seed = 1, .answer = "1"});
  all[0].steps =
      StepMarks{.written = 4, .valid = 1, .sequence = true, .final = true, .accuracy = 1};
  all[1].steps =
      StepMarks{.written = 4, .first_error = 1, .valid = 0.25, .accuracy = 0.25, .edits = 3};
  all[2].steps = StepMarks{.written = 0, .first_error = 0, .accuracy = 0, .edits = 4};
  all.push_back({.arm = {"cot"}, .problem = "failed", .seed = 1, .failure = "it broke"});
  const StepRow row = summarise(all).rows[0].steps;
  EXPECT_EQ(row.attempts, 3);
  EXPECT_DOUBLE_EQ(row.valid, 1.25 / 3);
  EXPECT_DOUBLE_EQ(row.accuracy, 1.25 / 3);
  EXPECT_DOUBLE_EQ(row.edits, 7.0 / 3);
  EXPECT_EQ(row.sequence, 1);
  EXPECT_EQ(row.final, 1);
  ASSERT_EQ(row.hazard.size(), 4u);
  EXPECT_EQ(row.hazard[0].reached, 3);
  EXPECT_EQ(row.hazard[0].wrong, 1);
  EXPECT_EQ(row.hazard[1].reached, 2);
  EXPECT_EQ(row.hazard[1].wrong, 1);
  EXPECT_EQ(row.hazard[3].reached, 1);
  EXPECT_EQ(row.hazard[3].wrong, 0);
}

TEST(Report, NothingAtAllIsAReportToo) {
  const Report report{"empty", {}, summarise({}), {}, {}};
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["rows"].size(), 0u);
  EXPECT_NE(to_html(report, {}).find("<h1>empty</h1>"), std::string::npos);
}

}  // namespace
}  // namespace cairn::eval
