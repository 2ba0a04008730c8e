#include "eval/statistics.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>

#include "cairn/error.h"
#include "cairn/rng.h"

namespace cairn::eval {
namespace {

void need(bool holds, const char* where, const std::string& what) {
  if (!holds) throw Error(Fault::input, where, what, "Check the counts that are passed");
}

void need_share(const char* where, int successes, int trials, double level) {
  need(trials >= 0 && successes >= 0 && successes <= trials && level > 0 && level < 1, where,
       fmt::format("{} of {} at level {} is no share", successes, trials, level));
}

double choose(int n, int k) {
  if (k < 0 || k > n) return 0;
  double ways = 1;
  for (int i = 1; i <= std::min(k, n - k); ++i) ways = ways * (n - std::min(k, n - k) + i) / i;
  return ways;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// ways[drawn][level]: how many ways there are to draw so many of the wrong answers, none of which
// comes more than `most` times, `level` of which come exactly so often.
using Ways = std::vector<std::vector<double>>;

Ways draw_wrong(const std::vector<int>& wrong, int most, int up_to) {
  const std::size_t levels = static_cast<std::size_t>(up_to / most) + 1;
  Ways ways(static_cast<std::size_t>(up_to) + 1, std::vector<double>(levels, 0));
  ways[0][0] = 1;
  for (const int count : wrong) {
    Ways next(ways.size(), std::vector<double>(levels, 0));
    for (int drawn = 0; drawn <= up_to; ++drawn)
      for (int take = 0; take <= std::min({count, most, up_to - drawn}); ++take)
        for (std::size_t level = 0, up = take == most; level + up < levels; ++level)
          next[drawn + take][level + up] += ways[drawn][level] * choose(count, take);
    ways = std::move(next);
  }
  return ways;
}

}  // namespace

Interval wilson(int successes, int trials, double level) {
  need_share("wilson", successes, trials, level);
  if (trials == 0) return {0, 1};
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + level / 2);
  const double n = trials, p = successes / n;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval clopper_pearson(int successes, int trials, double level) {
  need_share("clopper_pearson", successes, trials, level);
  const double tail = (1 - level) / 2;
  const int failures = trials - successes;
  Interval interval{0, 1};
  if (successes > 0)
    interval.low = boost::math::quantile(
        boost::math::beta_distribution<double>(successes, failures + 1.0), tail);
  if (failures > 0)
    interval.high = boost::math::quantile(
        boost::math::beta_distribution<double>(successes + 1.0, failures), 1 - tail);
  return interval;
}

double mcnemar_exact(int only_first, int only_second) {
  need(only_first >= 0 && only_second >= 0, "mcnemar_exact",
       fmt::format("{} and {} are no counts", only_first, only_second));
  const int differ = only_first + only_second;
  if (differ == 0) return 1;
  const boost::math::binomial fair(differ, 0.5);
  return std::min(1.0, 2 * boost::math::cdf(fair, std::min(only_first, only_second)));
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double least = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double scaled = p_values[order[rank]] * static_cast<double>(order.size() - rank);
    least = std::min(1.0, std::max(least, scaled));
    adjusted[order[rank]] = least;
  }
  return adjusted;
}

Interval bootstrap_mean(const std::vector<std::vector<double>>& clusters, std::uint64_t seed,
                        double level, int resamples) {
  need(!clusters.empty() && resamples > 0 && level > 0 && level < 1, "bootstrap_mean",
       fmt::format("{} clusters, {} resamples, level {}", clusters.size(), resamples, level));
  std::vector<double> sums;
  for (const auto& cluster : clusters) {
    need(!cluster.empty(), "bootstrap_mean", "a cluster is empty");
    sums.push_back(std::accumulate(cluster.begin(), cluster.end(), 0.0));
  }
  std::vector<double> means;
  std::uint64_t position = 0;
  for (int i = 0; i < resamples; ++i) {
    double sum = 0, count = 0;
    for (std::size_t drawn = 0; drawn < clusters.size(); ++drawn) {
      const auto which = static_cast<std::size_t>(uniform(seed, position++) *
                                                  static_cast<double>(clusters.size()));
      sum += sums[which];
      count += static_cast<double>(clusters[which].size());
    }
    means.push_back(sum / count);
  }
  std::sort(means.begin(), means.end());
  return {quantile(means, (1 - level) / 2), quantile(means, (1 + level) / 2)};
}

double pass_at_k(int n, int right, int k) {
  need(k >= 1 && k <= n && right >= 0 && right <= n, "pass_at_k",
       fmt::format("{} right of {}, {} drawn", right, n, k));
  if (n - right < k) return 1;
  double all_wrong = 1;
  for (int i = n - right + 1; i <= n; ++i) all_wrong *= 1 - static_cast<double>(k) / i;
  return 1 - all_wrong;
}

double maj_at_k(int right, const std::vector<int>& wrong, int no_answer, int k) {
  const int all = std::accumulate(wrong.begin(), wrong.end(), right + no_answer);
  need(right >= 0 && no_answer >= 0 && k >= 1 && k <= all && all <= 1000, "maj_at_k",
       fmt::format("{} right of {}, {} drawn", right, all, k));
  double wins = 0;
  for (int votes = 1; votes <= std::min(right, k); ++votes) {
    const Ways ways = draw_wrong(wrong, votes, k - votes);
    for (int drawn = 0; drawn <= k - votes; ++drawn)
      for (std::size_t ties = 0; ties < ways[drawn].size(); ++ties)
        wins += choose(right, votes) * ways[drawn][ties] * choose(no_answer, k - votes - drawn) /
                static_cast<double>(ties + 1);
  }
  return wins / choose(all, k);
}

double expected_calibration_error(const std::vector<Judged>& all, int bins) {
  need(bins > 0, "expected_calibration_error", fmt::format("{} bins", bins));
  std::vector<double> gap(static_cast<std::size_t>(bins), 0);
  for (const Judged& one : all) {
    const int bin = static_cast<int>(std::ceil(one.confidence * bins)) - 1;
    gap[static_cast<std::size_t>(std::clamp(bin, 0, bins - 1))] += one.right - one.confidence;
  }
  double sum = 0;
  for (const double g : gap) sum += std::abs(g);
  return all.empty() ? 0 : sum / static_cast<double>(all.size());
}

double brier_score(const std::vector<Judged>& all) {
  double sum = 0;
  for (const Judged& one : all) sum += (one.right - one.confidence) * (one.right - one.confidence);
  return all.empty() ? 0 : sum / static_cast<double>(all.size());
}

std::optional<double> auroc(const std::vector<Judged>& all) {
  double wins = 0, pairs = 0;
  for (const Judged& good : all)
    for (const Judged& bad : all) {
      if (!good.right || bad.right) continue;
      ++pairs;
      wins += good.confidence > bad.confidence ? 1 : good.confidence == bad.confidence ? 0.5 : 0;
    }
  if (pairs == 0) return {};
  return wins / pairs;
}

std::optional<double> cost_to_reach(std::vector<CurvePoint> curve, double accuracy) {
  std::stable_sort(curve.begin(), curve.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.cost < b.cost; });
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (curve[i].accuracy < accuracy) continue;
    if (i == 0) return curve[0].cost;
    const CurvePoint &from = curve[i - 1], &to = curve[i];
    return from.cost +
           (to.cost - from.cost) * (accuracy - from.accuracy) / (to.accuracy - from.accuracy);
  }
  return {};
}

}  // namespace cairn::eval
