#include "eval/summary.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace cairn::eval {
namespace {

using Attempts = std::vector<const Attempt*>;
using BySeed = std::map<std::uint64_t, const Attempt*>;
using ByProblem = std::map<std::string, BySeed>;

struct ArmAttempts {
  Arm arm;
  Attempts all;
};

std::vector<ArmAttempts> by_arm(const std::vector<Attempt>& attempts) {
  std::vector<ArmAttempts> arms;
  for (const Attempt& attempt : attempts) {
    auto found = std::find_if(arms.begin(), arms.end(),
                              [&](const ArmAttempts& a) { return a.arm == attempt.arm; });
    if (found == arms.end()) found = arms.insert(arms.end(), {attempt.arm, {}});
    found->all.push_back(&attempt);
  }
  return arms;
}

ByProblem by_problem(const Attempts& attempts) {
  ByProblem problems;
  for (const Attempt* attempt : attempts) problems[attempt->problem][attempt->seed] = attempt;
  return problems;
}

double share(const Attempt& attempt) {
  return attempt.right ? 1 : 0;
}

// The differences in rightness, a cluster for each question that both have.
std::vector<std::vector<double>> differences(const Attempts& first, const Attempts& second) {
  std::vector<std::vector<double>> clusters;
  const ByProblem there = by_problem(second);
  for (const auto& [id, seeds] : by_problem(first)) {
    const auto found = there.find(id);
    if (found == there.end()) continue;
    std::vector<double> cluster;
    for (const auto& [seed, attempt] : seeds)
      if (const auto other = found->second.find(seed); other != found->second.end())
        cluster.push_back(share(*other->second) - share(*attempt));
    if (!cluster.empty()) clusters.push_back(std::move(cluster));
  }
  return clusters;
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

Pair pair_of(const ArmAttempts& first, const ArmAttempts& second) {
  Pair pair;
  pair.first = first.arm;
  pair.second = second.arm;
  const auto clusters = differences(first.all, second.all);
  pair.questions = static_cast<int>(clusters.size());
  if (clusters.empty()) return pair;
  double sum = 0, count = 0;
  for (const auto& cluster : clusters) {
    const double lead = sum_of(cluster);
    sum += lead;
    count += static_cast<double>(cluster.size());
    pair.first_better += lead < 0;
    pair.second_better += lead > 0;
  }
  pair.difference = sum / count;
  pair.interval = bootstrap_mean(clusters, kBootstrapSeed);
  pair.p = mcnemar_exact(pair.first_better, pair.second_better);
  return pair;
}

void adjust(std::vector<Pair>& pairs) {
  std::vector<double> p_values;
  for (const Pair& pair : pairs) p_values.push_back(pair.p);
  const std::vector<double> adjusted = holm(p_values);
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].p_holm = adjusted[i];
}

Interval interval_of(const Row& row, const ByProblem& problems) {
  if (row.attempts == row.questions) return wilson(row.right, row.attempts);
  std::vector<std::vector<double>> clusters;
  for (const auto& [id, seeds] : problems) {
    clusters.emplace_back();
    for (const auto& [seed, attempt] : seeds) clusters.back().push_back(attempt->right);
  }
  const Interval interval = bootstrap_mean(clusters, kBootstrapSeed);
  // Where no question differs from another the bootstrap knows no doubt.
  return interval.low < interval.high
             ? interval
             : wilson(static_cast<int>(std::lround(row.accuracy * row.questions)), row.questions);
}

void calibrate(Row& row, const Attempts& attempts) {
  std::vector<Judged> judged;
  for (const Attempt* attempt : attempts)
    if (attempt->answer) judged.push_back({attempt->confidence, attempt->right});
  row.ece = expected_calibration_error(judged);
  row.brier = brier_score(judged);
  row.auroc = auroc(judged);
}

// How often one attempt's lines gave each answer, the right ones together.
struct Votes {
  int right = 0, none = 0, all = 0;
  std::vector<int> wrong;
};

Votes votes_of(const Attempt& attempt) {
  Votes votes;
  std::map<std::string, int> wrong;
  for (const Line& line : attempt.lines) {
    ++votes.all;
    if (!line.answer)
      ++votes.none;
    else if (line.right)
      ++votes.right;
    else
      ++wrong[*line.answer];
  }
  for (const auto& [answer, count] : wrong) votes.wrong.push_back(count);
  return votes;
}

// Over the attempts whose lines are independent samples, for k = 1, 2, 4, ... that all of them
// have.
std::vector<AtK> at_k(const Attempts& attempts) {
  std::vector<Votes> all;
  int fewest = 1000;
  for (const Attempt* attempt : attempts) {
    if (!attempt->independent || attempt->lines.empty()) continue;
    all.push_back(votes_of(*attempt));
    fewest = std::min(fewest, all.back().all);
  }
  std::vector<AtK> result;
  for (int k = 1; !all.empty() && k <= fewest; k *= 2) {
    AtK at{k, 0, 0};
    for (const Votes& v : all) {
      at.pass += pass_at_k(v.all, v.right, k) / static_cast<double>(all.size());
      at.maj += maj_at_k(v.right, v.wrong, v.none, k) / static_cast<double>(all.size());
    }
    result.push_back(at);
  }
  return result;
}

// One more attempt that was right up to its first error, or to its end.
void count_hazard(std::vector<Hazard>& hazard, const StepMarks& marks) {
  const bool wrong = marks.first_error >= 0;
  const int reached = wrong ? marks.first_error + 1 : marks.written;
  if (static_cast<int>(hazard.size()) < reached) hazard.resize(static_cast<std::size_t>(reached));
  for (int i = 0; i < reached; ++i) ++hazard[static_cast<std::size_t>(i)].reached;
  if (wrong) ++hazard[static_cast<std::size_t>(marks.first_error)].wrong;
}

StepRow step_row(const Attempts& attempts) {
  StepRow row;
  for (const Attempt* attempt : attempts) {
    if (!attempt->steps) continue;
    const StepMarks& marks = *attempt->steps;
    ++row.attempts;
    row.valid += marks.valid;
    row.sequence += marks.sequence;
    row.final += marks.final;
    row.matched += marks.accuracy.has_value();
    row.accuracy += marks.accuracy.value_or(0);
    row.ratio += marks.ratio.value_or(0);
    row.similarity += marks.similarity.value_or(0);
    row.edits += marks.edits.value_or(0);
    count_hazard(row.hazard, marks);
  }
  row.valid /= std::max(row.attempts, 1);
  for (double* sum : {&row.accuracy, &row.ratio, &row.similarity, &row.edits})
    *sum /= std::max(row.matched, 1);
  return row;
}

Row row_of(const ArmAttempts& arm) {
  Row row;
  row.arm = arm.arm;
  const ByProblem problems = by_problem(arm.all);
  row.questions = static_cast<int>(problems.size());
  row.attempts = static_cast<int>(arm.all.size());
  for (const Attempt* attempt : arm.all) {
    row.right += attempt->right;
    row.unanswered += !attempt->answer;
    row.failed += !attempt->failure.empty();
    row.total += attempt->usage;
  }
  const double count = row.attempts;
  row.accuracy = row.right / count;
  row.interval = interval_of(row, problems);
  row.generated = static_cast<double>(row.total.generated_tokens) / count;
  row.evaluated = static_cast<double>(row.total.evaluated_tokens) / count;
  row.judge = static_cast<double>(row.total.judge_tokens) / count;
  row.seconds = row.total.seconds / count;
  calibrate(row, arm.all);
  row.steps = step_row(arm.all);
  row.at_k = at_k(arm.all);
  return row;
}

void count_flips(Row& row, const ArmAttempts& base, const ArmAttempts& arm) {
  for (const auto& cluster : differences(base.all, arm.all))
    for (const double difference : cluster) {
      row.fixed += difference > 0;
      row.broken += difference < 0;
    }
}

double cost_of(const Row& row, Cost cost) {
  return cost == Cost::generated   ? row.generated
         : cost == Cost::evaluated ? row.evaluated
                                   : row.seconds;
}

std::vector<Curve> curves_of(const std::vector<Row>& rows, double goal) {
  std::vector<Curve> curves;
  for (const Cost cost : kCosts)
    for (const Row& row : rows) {
      auto found = std::find_if(curves.begin(), curves.end(), [&](const Curve& c) {
        return c.recipe == row.arm.recipe && c.cost == cost;
      });
      if (found == curves.end())
        found = curves.insert(curves.end(), {row.arm.recipe, cost, {}, {}});
      found->points.push_back({cost_of(row, cost), row.accuracy});
    }
  for (Curve& curve : curves) {
    std::stable_sort(curve.points.begin(), curve.points.end(),
                     [](const CurvePoint& a, const CurvePoint& b) { return a.cost < b.cost; });
    curve.to_reach = cost_to_reach(curve.points, goal);
  }
  return curves;
}

}  // namespace

const char* name_of(Cost cost) {
  return cost == Cost::generated   ? "generated tokens"
         : cost == Cost::evaluated ? "evaluated tokens"
                                   : "seconds";
}

Summary summarise(const std::vector<Attempt>& attempts) {
  Summary summary;
  const std::vector<ArmAttempts> arms = by_arm(attempts);
  for (const ArmAttempts& arm : arms) {
    summary.rows.push_back(row_of(arm));
    for (const ArmAttempts& base : arms)
      if (base.arm.recipe == arms.front().arm.recipe && base.arm.budget == arm.arm.budget)
        count_flips(summary.rows.back(), base, arm);
  }
  for (std::size_t i = 0; i < arms.size(); ++i)
    for (std::size_t j = i + 1; j < arms.size(); ++j)
      if (arms[i].arm.budget == arms[j].arm.budget)
        summary.pairs.push_back(pair_of(arms[i], arms[j]));
  adjust(summary.pairs);
  for (const Row& row : summary.rows)
    if (row.arm.recipe == summary.rows.front().arm.recipe)
      summary.goal = std::max(summary.goal, row.accuracy);
  summary.curves = curves_of(summary.rows, summary.goal);
  return summary;
}

std::vector<Pair> compare(const std::vector<Attempt>& before, const std::vector<Attempt>& after) {
  std::vector<Pair> pairs;
  const std::vector<ArmAttempts> later = by_arm(after);
  for (const ArmAttempts& arm : by_arm(before))
    for (const ArmAttempts& same : later)
      if (same.arm == arm.arm) pairs.push_back(pair_of(arm, same));
  adjust(pairs);
  return pairs;
}

}  // namespace cairn::eval
