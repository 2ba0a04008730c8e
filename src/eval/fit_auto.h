#pragma once
// eval/fit_auto.h — fits the tree of the recipe `auto` (cairn/route.h) on the attempts of a run.
//
// The run needs an arm of one greedy line with its reward, and one whose lines are independent
// samples, best_of_n for both: the greedy line and the first samples stand for the probe, the next
// ones for sampling on, and every other arm for what may follow the probe. What an action would
// have cost and whether it would have been right is known for every attempt.
//
// The tree maximises right answers less price x tokens. The price is the least for which the
// tokens, estimated by cross-validation, are at most half of those of the best fixed arm.

#include <cstdint>
#include <string>
#include <vector>

#include "cairn/route.h"
#include "eval/attempt.h"
#include "eval/statistics.h"

namespace cairn::eval {

// What an action would have come to on one question and seed.
struct Payoff {
  bool right = false;
  double tokens = 0;  // generated, those of the probe included
};

// One question and seed.
struct Case {
  std::string problem;
  Signs signs;
  std::vector<Payoff> payoffs;  // [actions]
};

struct Cases {
  int probe = 0;                     // lines: a greedy one, then samples
  std::vector<std::string> actions;  // "stop" first
  std::vector<Case> all;
  // What the run's arms came to on the same questions, tokens those of the arm alone.
  struct Fixed {
    Arm arm;
    std::vector<Payoff> payoffs;  // [cases]
  };
  std::vector<Fixed> fixed;
};

// `judge` is the one that the run was told to use, empty where it was told none: then arms that
// another judge than logprob ranks are left out, since `auto` asks one judge for all.
// Errors: Fault::input where an arm is missing: the greedy one, or one of `probe` samples, 2 at
// least.
Cases cases_of(const std::vector<Attempt>& attempts, int probe, const std::string& judge);

// Tree and settings for one price, tokens being counted in right answers.
struct FitOptions {
  double price = 0;
  int depth = 2;    // of the tree
  int leaf = 10;    // cases at least
  double gain = 1;  // in right answers, that a split has to bring
};
RouteTree fit_tree(const std::vector<const Case*>& cases, const std::vector<std::string>& actions,
                   const FitOptions& options);

struct MeanPayoff {
  double accuracy = 0, tokens = 0;  // of a question, on average
};

MeanPayoff mean_of(const std::vector<Payoff>& payoffs);

struct Fit {
  RouteTree tree;
  double price = 0;
  MeanPayoff plan;       // by 5-fold cross-validation over questions
  std::size_t best = 0;  // of Cases::fixed: the most accurate, the cheaper of equals
  MeanPayoff fixed;      // that one's
  Interval difference;   // accuracy of the plan minus the best fixed arm's, 95 %, over questions
};
// Errors: Fault::input for fewer than 50 cases.
Fit fit_auto(const Cases& cases);

std::string tree_json(const RouteTree& tree);  // as cairn/route.h reads it

}  // namespace cairn::eval
