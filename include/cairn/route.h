#pragma once
// cairn/route.h — what a problem is worth: from a few lines of reasoning and how they look to a
// recipe that goes on from there, or none.
//
//   lines ── signs ── tree ── "stop" | "self_consistency:samples=16" | "beam:width=4" | "pal"
//
// The tree is data, fitted on stored attempts (eval/fit_auto.h) or set by hand:
//   {"fitted_on": {…}, "probe": 4,
//    "tree": {"sign": "agreement", "below": 0.6, "then": {"do": "beam"}, "else": {"do": "stop"}}}
//
// Spending by estimated difficulty: Snell et al. 2024, arXiv:2408.03314, section 3.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/judge.h"
#include "cairn/kit.h"

namespace cairn {

// Signs of how hard a problem is, each in [0, 1].
struct Signs {
  double agreement = 0;   // share of the samples that gave the leading answer
  double confidence = 0;  // mean reward of those samples
  double spread = 0;      // the highest reward less the lowest, over all samples
};

// `answers` by class of equal ones: classes[i] is the class of sample i, -1 where it gave no
// answer. rewards: [samples], 0 without an answer. No samples: all 0. Pinned by
// tests/core/route_test.cc.
Signs signs_of(std::span<const int> classes, std::span<const float> rewards);
Signs signs_of(std::span<const Trace> samples, std::span<const Verdict> verdicts,
               const Problem& problem);

// A leaf says what to do: "stop", or a recipe with its settings.
struct RouteTree {
  std::string action;  // empty: it is no leaf
  double Signs::*sign = nullptr;
  double threshold = 0;
  std::unique_ptr<RouteTree> below, above;  // sign < threshold; else
};

struct Routes {
  int probe = 4;  // lines that the signs are read from: a greedy one, then samples
  RouteTree tree;
};

inline constexpr std::string_view kStop = "stop";

// "agreement", …
std::string_view name_of(double Signs::*sign);
std::vector<double Signs::*> all_signs();

// Errors: Fault::input, at `where`, for what is no tree, and for a recipe or a setting that there
// is not or that wants a second model.
Routes parse_routes(std::string_view where, std::string_view json);
// The file, or, for an empty path, prompts/search/auto.json.
Routes read_routes(const std::string& path);

const std::string& action_for(const RouteTree& tree, const Signs& signs);

// Does an action sample and vote, so that its samples may be counted with others?
bool votes(const std::string& action);

// Runs a recipe, NAME:option=value, with another's kit: its own prompt, the kit's judge and budget.
boost::asio::awaitable<Outcome> run_within(Kit& kit, const Problem& problem, std::string recipe);

}  // namespace cairn
