#include "eval/statistics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cairn/error.h"
#include "testkit/paths.h"

namespace cairn::eval {
namespace {

// Made by tools/statistics_reference.py with scipy, statsmodels and scikit-learn.
const nlohmann::json& reference() {
  static const nlohmann::json json = nlohmann::json::parse(
      std::ifstream(testkit::source_dir() / "tests/data/statistics_reference.json"));
  return json;
}

void expect_near(const Interval& is, const nlohmann::json& should) {
  EXPECT_NEAR(is.low, should[0].get<double>(), 1e-9);
  EXPECT_NEAR(is.high, should[1].get<double>(), 1e-9);
}

TEST(Statistics, IntervalsAreTheReferences) {
  for (const auto& c : reference()["shares"]) {
    SCOPED_TRACE(c.dump());
    expect_near(wilson(c["successes"], c["trials"], c["level"]), c["wilson"]);
    expect_near(clopper_pearson(c["successes"], c["trials"], c["level"]), c["clopper_pearson"]);
  }
  expect_near(wilson(0, 0), {0, 1});
  expect_near(clopper_pearson(0, 0), {0, 1});
}

// Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
TEST(Statistics, WilsonIsNewcombesTable) {
  const auto near = [](const Interval& is, double low, double high) {
    EXPECT_NEAR(is.low, low, 5e-5);
    EXPECT_NEAR(is.high, high, 5e-5);
  };
  near(wilson(81, 263), 0.2553, 0.3662);
  near(wilson(15, 148), 0.0624, 0.1605);
  near(wilson(0, 20), 0.0000, 0.1611);
  near(wilson(1, 29), 0.0061, 0.1718);
  near(clopper_pearson(81, 263), 0.2527, 0.3676);
  near(clopper_pearson(0, 20), 0.0000, 0.1684);
}

TEST(Statistics, PairedTestAndCorrectionAreTheReferences) {
  for (const auto& c : reference()["pairs"])
    EXPECT_NEAR(mcnemar_exact(c["only_first"], c["only_second"]), c["p"].get<double>(), 1e-9) << c;
  for (const auto& c : reference()["holm"]) {
    const auto adjusted = holm(c["p"].get<std::vector<double>>());
    for (std::size_t i = 0; i < adjusted.size(); ++i)
      EXPECT_NEAR(adjusted[i], c["adjusted"][i].get<double>(), 1e-12) << c;
  }
}

TEST(Statistics, PassAndMajorityAreThoseOfAllSubsets) {
  for (const auto& c : reference()["votes"]) {
    const auto wrong = c["wrong"].get<std::vector<int>>();
    int all = c["right"].get<int>() + c["no_answer"].get<int>();
    for (const int count : wrong) all += count;
    EXPECT_NEAR(pass_at_k(all, c["right"], c["k"]), c["pass"].get<double>(), 1e-9) << c;
    EXPECT_NEAR(maj_at_k(c["right"], wrong, c["no_answer"], c["k"]), c["maj"].get<double>(), 1e-9)
        << c;
  }
  EXPECT_NEAR(maj_at_k(500, {300, 200}, 0, 100), 1.0, 1e-2);  // no overflow
}

TEST(Statistics, CalibrationIsTheReferences) {
  for (const auto& c : reference()["calibration"]) {
    std::vector<Judged> all;
    for (std::size_t i = 0; i < c["right"].size(); ++i)
      all.push_back({c["confidence"][i], c["right"][i] == 1});
    EXPECT_NEAR(expected_calibration_error(all), c["ece"].get<double>(), 1e-9);
    EXPECT_NEAR(brier_score(all), c["brier"].get<double>(), 1e-9);
    ASSERT_TRUE(auroc(all));
    EXPECT_NEAR(*auroc(all), c["auroc"].get<double>(), 1e-9);
  }
  EXPECT_FALSE(auroc({{0.5, true}, {0.7, true}}));
}

TEST(Statistics, BootstrapResamplesClustersWhole) {
  // Two problems, five seeds each, all alike within a problem: the mean of a resample is 0, 1/2 or
  // 1 with chances 1/4, 1/2, 1/4. Were seeds resampled, 0 and 1 would be rare.
  const std::vector<std::vector<double>> clusters{{0, 0, 0, 0, 0}, {1, 1, 1, 1, 1}};
  const Interval interval = bootstrap_mean(clusters, 1, 0.9);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 1);
  EXPECT_EQ(bootstrap_mean({{0.25}, {0.25}}, 1).low, 0.25);
  // 400 tosses of a fair coin: the normal interval is 0.5 -+ 1.96 * 0.025.
  std::vector<std::vector<double>> coins;
  for (int i = 0; i < 400; ++i) coins.push_back({i % 2 ? 1.0 : 0.0});
  EXPECT_NEAR(bootstrap_mean(coins, 7).low, 0.451, 0.004);
  EXPECT_NEAR(bootstrap_mean(coins, 7).high, 0.549, 0.004);
}

TEST(Statistics, CostToReachIsReadOffTheCurve) {
  const std::vector<CurvePoint> curve{{400, 0.6}, {100, 0.2}, {200, 0.4}};
  EXPECT_NEAR(*cost_to_reach(curve, 0.5), 300, 1e-9);
  EXPECT_EQ(*cost_to_reach(curve, 0.1), 100);
  EXPECT_FALSE(cost_to_reach(curve, 0.7));
}

TEST(Statistics, ImpossibleCountsAreRefused) {
  EXPECT_THROW(wilson(3, 2), Error);
  EXPECT_THROW(clopper_pearson(-1, 2), Error);
  EXPECT_THROW(pass_at_k(2, 1, 3), Error);
  EXPECT_THROW(maj_at_k(1, {1}, 0, 0), Error);
  EXPECT_THROW(bootstrap_mean({}, 1), Error);
  EXPECT_THROW(mcnemar_exact(-1, 0), Error);
}

}  // namespace
}  // namespace cairn::eval
