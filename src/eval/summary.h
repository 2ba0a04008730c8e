#pragma once
// eval/summary.h — what a run's attempts say: a row for each arm, a pair for each two, curves.
//
// Questions are the unit: several seeds of one question are one cluster. Everything is computed
// from the attempts alone, so a report can be made again at any time.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eval/attempt.h"
#include "eval/statistics.h"

namespace cairn::eval {

struct AtK {
  int k = 0;
  double pass = 0, maj = 0;  // pass@k, maj@k, see statistics.h
};

// How often the first error comes at a place, of the attempts that are right up to it.
struct Hazard {
  int reached = 0, wrong = 0;
};

// Step marks over the attempts that have them; a failed attempt has none.
struct StepRow {
  int attempts = 0;
  double valid = 0;             // mean share of the written steps before the first error
  int sequence = 0, final = 0;  // attempts with all steps right; with the last one right
  std::vector<Hazard> hazard;   // by place; errors that do not depend on each other: flat
  // Means, where there is one true sequence: prefix accuracy, hits, similarity, edits.
  int matched = 0;  // attempts
  double accuracy = 0, ratio = 0, similarity = 0, edits = 0;
};

struct Row {
  Arm arm;
  int questions = 0, attempts = 0;
  int right = 0, unanswered = 0, failed = 0;  // attempts; failed ones are unanswered too
  double accuracy = 0;
  // 95 %. With one seed Wilson's; with several the bootstrap over questions, or Wilson's over them
  // where all questions are alike.
  Interval interval;
  Usage total;
  double generated = 0, evaluated = 0, judge = 0, seconds = 0;  // a question, on average
  double ece = 0, brier = 0;
  std::optional<double> auroc;
  StepRow steps;
  std::vector<AtK> at_k;  // where lines are independent samples
  // Against the run's first recipe at the same budget, over attempts that both have.
  int fixed = 0;   // wrong there, right here
  int broken = 0;  // right there, wrong here
};

// Two arms on the questions and seeds that both have.
struct Pair {
  Arm first, second;
  int questions = 0;
  double difference = 0;  // accuracy of the second minus that of the first
  Interval interval;      // 95 %, bootstrap over questions
  // Questions that the one answers rightly with more seeds than the other.
  int first_better = 0, second_better = 0;
  double p = 1;       // exact McNemar over these; with several seeds a sign test
  double p_holm = 1;  // adjusted for all pairs of the list
};

enum class Cost { generated, evaluated, seconds };
inline constexpr Cost kCosts[] = {Cost::generated, Cost::evaluated, Cost::seconds};
const char* name_of(Cost cost);  // "generated tokens", ...

// A recipe's accuracy at its budgets.
struct Curve {
  std::string recipe;
  Cost cost = Cost::generated;
  std::vector<CurvePoint> points;  // by rising cost
  // The least cost, a question, to be as accurate as the run's first recipe at its best.
  std::optional<double> to_reach;
};

struct Summary {
  std::vector<Row> rows;  // in the order in which the arms first came
  std::vector<Pair> pairs;
  std::vector<Curve> curves;
  double goal = 0;  // the accuracy that Curve::to_reach is about
};

// Pairs are those of one budget.
Summary summarise(const std::vector<Attempt>& attempts);

// Arms that both runs have, the same arm in each: `first` and `second` of a pair are equal.
std::vector<Pair> compare(const std::vector<Attempt>& before, const std::vector<Attempt>& after);

}  // namespace cairn::eval
