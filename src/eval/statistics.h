#pragma once
// eval/statistics.h — what can be concluded from so many questions: intervals, tests, estimators.
//
// Levels and probabilities are in [0, 1]. Everything is a function of its arguments: the bootstrap
// draws with the seed that it is given. Threads: no state.
// Errors: Fault::input where an argument is out of its range.

#include <cstdint>
#include <optional>
#include <vector>

namespace cairn::eval {

struct Interval {
  double low = 0, high = 0;
};

// Of a share: `successes` of `trials`. No trials: [0, 1].
// Wilson 1927, without continuity correction.
Interval wilson(int successes, int trials, double level = 0.95);
// Clopper and Pearson 1934: never covers less than `level`.
Interval clopper_pearson(int successes, int trials, double level = 0.95);

// The two-sided exact test of McNemar 1947 on pairs that differ: `only_first` were right in the
// first alone, `only_second` in the second alone. 1 where none differ.
double mcnemar_exact(int only_first, int only_second);

// p values adjusted for that many tests (Holm 1979), in the order they came.
std::vector<double> holm(const std::vector<double>& p_values);

inline constexpr std::uint64_t kBootstrapSeed = 1;  // of the intervals in reports

// Percentile bootstrap of the mean. `clusters` are resampled whole, with replacement: one problem's
// values over all seeds, for example, or differences of pairs. Empty clusters are not allowed.
Interval bootstrap_mean(const std::vector<std::vector<double>>& clusters, std::uint64_t seed,
                        double level = 0.95, int resamples = 2000);

// The chance that of k samples, drawn without replacement from n of which `right` are right, one is
// right at least (Chen et al. 2021, arXiv:2107.03374). Requires: 1 <= k <= n.
double pass_at_k(int n, int right, int k);

// The chance that the right answer wins the vote of k samples, drawn without replacement. `right`
// samples gave the right answer, `wrong` says how often each other answer was given, and
// `no_answer` gave none and do not vote. Ties are drawn. Exact: subsets are counted, not sampled.
// Requires: 1 <= k <= all <= 1000.
double maj_at_k(int right, const std::vector<int>& wrong, int no_answer, int k);

// A confidence in [0, 1] and whether the answer was right.
struct Judged {
  double confidence = 0;
  bool right = false;
};

// Mean |accuracy - confidence| over bins of equal width, weighted by their sizes (Naeini et al.
// 2015). Bins are closed above; 0 belongs to the first.
double expected_calibration_error(const std::vector<Judged>& all, int bins = 10);
double brier_score(const std::vector<Judged>& all);  // Brier 1950
// The chance that a right one has more confidence than a wrong one, ties half (Mann and Whitney
// 1947). Nothing where all are right or all are wrong.
std::optional<double> auroc(const std::vector<Judged>& all);

struct CurvePoint {
  double cost = 0;
  double accuracy = 0;
};
// The least cost at which `accuracy` is reached, in a straight line between neighbouring points.
// Nothing where no point reaches it.
std::optional<double> cost_to_reach(std::vector<CurvePoint> curve, double accuracy);

}  // namespace cairn::eval
