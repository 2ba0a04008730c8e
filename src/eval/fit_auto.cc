#include "eval/fit_auto.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "cairn/error.h"
#include "cairn/recipe.h"
#include "cairn/rng.h"
#include "cairn/written.h"

namespace cairn::eval {
namespace {

using Json = nlohmann::ordered_json;
using Key = std::pair<std::string, std::uint64_t>;  // question, seed
using ByKey = std::map<Key, const Attempt*>;

constexpr int kFolds = 5;
constexpr std::size_t kFewest = 50;
bool is_auto(const Arm& arm) {
  return read_written("--fit-auto", arm.recipe).name == "auto";
}

std::map<Arm, ByKey> keyed_arms(const std::vector<Attempt>& attempts) {
  std::map<Arm, ByKey> arms;
  for (const Attempt& attempt : attempts)
    if (!is_auto(attempt.arm)) arms[attempt.arm][{attempt.problem, attempt.seed}] = &attempt;
  return arms;
}

// How many lines all attempts of an arm have; 0 where they are no independent samples.
int samples_of(const ByKey& arm) {
  std::size_t fewest = arm.empty() ? 0 : arm.begin()->second->lines.size();
  for (const auto& [key, attempt] : arm)
    fewest = attempt->independent ? std::min(fewest, attempt->lines.size()) : 0;
  return static_cast<int>(fewest);
}

// One line at temperature 0 that a judge rated.
bool is_greedy(const Arm& arm, const ByKey& attempts) {
  const Settings settings = read_written("--fit-auto", arm.recipe).settings;
  const auto temperature = settings.find("temperature");
  return temperature != settings.end() && temperature->second == "0" && samples_of(attempts) == 1;
}

const ByKey& greedy_arm(const std::map<Arm, ByKey>& arms) {
  for (const auto& [arm, attempts] : arms)
    if (is_greedy(arm, attempts)) return attempts;
  throw Error(Fault::input, "--fit-auto", "no arm of the run is one greedy line with its reward",
              "Add best_of_n:samples=1,temperature=0 to its recipes");
}

// The arm with the most samples; of equals one whose lines were rated.
const std::pair<const Arm, ByKey>& sampling_arm(const std::map<Arm, ByKey>& arms, int probe) {
  const auto rated = [](const ByKey& arm) {
    return std::any_of(arm.begin(), arm.end(), [](const auto& one) {
      return std::any_of(one.second->lines.begin(), one.second->lines.end(),
                         [](const Line& line) { return line.reward > 0; });
    });
  };
  const auto best = std::max_element(arms.begin(), arms.end(), [&](const auto& a, const auto& b) {
    return std::pair(samples_of(a.second), rated(a.second)) <
           std::pair(samples_of(b.second), rated(b.second));
  });
  const int fewest = std::max(probe, 2);
  if (best == arms.end() || samples_of(best->second) < fewest)
    throw Error(Fault::input, "--fit-auto",
                fmt::format("no arm of the run has {} independent samples or more", fewest),
                "Run `cairn eval --recipe best_of_n:samples=16,...` without a budget");
  return *best;
}

// What `auto` would draw for a question: a greedy line, then samples.
struct Drawn {
  Drawn(const Attempt& greedy, const Attempt& samples) : lines{greedy.lines[0]} {
    lines.insert(lines.end(), samples.lines.begin(), samples.lines.end());
    first = static_cast<double>(greedy.usage.generated_tokens);
    next = static_cast<double>(samples.usage.generated_tokens) /
           static_cast<double>(samples.lines.size());
  }

  std::vector<Line> lines;
  double first = 0, next = 0;  // tokens of the greedy line, and of a sample on average
};

// Classes of the answers of the first n lines: right ones are one, others by their text.
std::vector<int> classes_of(const Drawn& drawn, int n) {
  std::vector<int> classes;
  std::map<std::string, int> wrong;
  for (int i = 0; i < n; ++i) {
    const Line& line = drawn.lines[static_cast<std::size_t>(i)];
    const int next = static_cast<int>(wrong.size()) + 1;
    classes.push_back(!line.answer ? -1
                      : line.right ? 0
                                   : wrong.try_emplace(*line.answer, next).first->second);
  }
  return classes;
}

// The vote of the first n lines, and what they cost.
Payoff vote_of(const Drawn& drawn, int n) {
  std::map<int, int> counts;
  std::optional<int> leader;
  const std::vector<int> classes = classes_of(drawn, n);
  for (const int one : classes)
    if (one >= 0) ++counts[one];
  for (const int one : classes)  // a tie goes to the class that appeared first
    if (one >= 0 && (!leader || counts[one] > counts[*leader])) leader = one;
  return {leader == 0, drawn.first + (n - 1) * drawn.next};
}

Signs signs_of_first(const Drawn& drawn, int n) {
  std::vector<float> rewards;
  for (int i = 0; i < n; ++i) rewards.push_back(drawn.lines[static_cast<std::size_t>(i)].reward);
  return signs_of(classes_of(drawn, n), rewards);
}

// Could `auto` run it, with this judge?
bool possible(const Arm& arm, const std::string& judge) {
  const Recipe& recipe = find_recipe(read_written("--fit-auto", arm.recipe).name);
  if (recipe.draft == Draft::must) return false;
  return recipe.judge.empty() || !judge.empty() || recipe.judge == "logprob";
}

double worth(const Payoff& payoff, double price) {
  return (payoff.right ? 1 : 0) - price * payoff.tokens;
}

struct Leaf {
  std::size_t action = 0;
  double worth = 0;  // of all cases together
};

Leaf best_leaf(const std::vector<const Case*>& cases, std::size_t actions, double price) {
  Leaf best;
  for (std::size_t action = 0; action < actions; ++action) {
    double sum = 0;
    for (const Case* one : cases) sum += worth(one->payoffs[action], price);
    if (action == 0 || sum > best.worth) best = {action, sum};
  }
  return best;
}

struct Split {
  double Signs::*sign = nullptr;
  double threshold = 0, worth = 0;
};

std::pair<std::vector<const Case*>, std::vector<const Case*>> parted(
    const std::vector<const Case*>& cases, double Signs::*sign, double threshold) {
  std::pair<std::vector<const Case*>, std::vector<const Case*>> sides;
  for (const Case* one : cases)
    (one->signs.*sign < threshold ? sides.first : sides.second).push_back(one);
  return sides;
}

// Half way between neighbouring values; of many values some, evenly.
std::vector<double> thresholds(const std::vector<const Case*>& cases, double Signs::*sign) {
  constexpr std::size_t kMost = 16;
  std::set<double> values;
  for (const Case* one : cases) values.insert(one->signs.*sign);
  const std::vector<double> sorted(values.begin(), values.end());
  std::vector<double> all, some;
  for (std::size_t i = 1; i < sorted.size(); ++i) all.push_back((sorted[i - 1] + sorted[i]) / 2);
  const std::size_t n = std::min(kMost, all.size());
  for (std::size_t i = 0; i < n; ++i) some.push_back(all[i * all.size() / n]);
  return some;
}

Split best_split(const std::vector<const Case*>& cases, std::size_t actions,
                 const FitOptions& options) {
  Split best;
  for (double Signs::*sign : all_signs())
    for (const double threshold : thresholds(cases, sign)) {
      const auto [below, above] = parted(cases, sign, threshold);
      if (std::min(below.size(), above.size()) < static_cast<std::size_t>(options.leaf)) continue;
      const double both = best_leaf(below, actions, options.price).worth +
                          best_leaf(above, actions, options.price).worth;
      if (!best.sign || both > best.worth) best = {sign, threshold, both};
    }
  return best;
}

std::size_t place_of(const std::vector<std::string>& actions, const std::string& action) {
  return static_cast<std::size_t>(std::find(actions.begin(), actions.end(), action) -
                                  actions.begin());
}

// What the plan does in each case, the tree being fitted on the other folds.
std::vector<Payoff> cross_validated(const Cases& cases, const FitOptions& options) {
  std::vector<Payoff> payoffs(cases.all.size());
  const auto fold = [](const Case& one) { return static_cast<int>(mix(1, one.problem) % kFolds); };
  for (int held = 0; held < kFolds; ++held) {
    std::vector<const Case*> others;
    for (const Case& one : cases.all)
      if (fold(one) != held) others.push_back(&one);
    const RouteTree tree = fit_tree(others, cases.actions, options);
    for (std::size_t i = 0; i < cases.all.size(); ++i) {
      const Case& one = cases.all[i];
      if (fold(one) == held)
        payoffs[i] = one.payoffs[place_of(cases.actions, action_for(tree, one.signs))];
    }
  }
  return payoffs;
}

std::size_t best_fixed(const Cases& cases) {
  const auto better = [](const Cases::Fixed& a, const Cases::Fixed& b) {
    const MeanPayoff x = mean_of(a.payoffs), y = mean_of(b.payoffs);
    return std::pair(x.accuracy, -x.tokens) < std::pair(y.accuracy, -y.tokens);
  };
  return static_cast<std::size_t>(std::max_element(cases.fixed.begin(), cases.fixed.end(), better) -
                                  cases.fixed.begin());
}

// Of the accuracies, clustered by question.
Interval difference_of(const Cases& cases, const std::vector<Payoff>& plan,
                       const std::vector<Payoff>& fixed) {
  std::map<std::string, std::vector<double>> by_problem;
  for (std::size_t i = 0; i < plan.size(); ++i)
    by_problem[cases.all[i].problem].push_back(static_cast<double>(plan[i].right) -
                                               static_cast<double>(fixed[i].right));
  std::vector<std::vector<double>> clusters;
  for (auto& [problem, differences] : by_problem) clusters.push_back(std::move(differences));
  return bootstrap_mean(clusters, kBootstrapSeed);
}

Json json_of(const RouteTree& tree) {
  if (!tree.action.empty()) return {{"do", tree.action}};
  return {{"sign", name_of(tree.sign)},
          {"below", tree.threshold},
          {"then", json_of(*tree.below)},
          {"else", json_of(*tree.above)}};
}

bool everywhere(const std::map<Arm, ByKey>& arms, const Key& key) {
  return std::all_of(arms.begin(), arms.end(), [&](const auto& arm) {
    const auto found = arm.second.find(key);
    return found != arm.second.end() && found->second->failure.empty();
  });
}

// What may follow a probe: more samples, so many, or another arm.
struct Followers {
  std::vector<int> samples;
  std::vector<const ByKey*> arms;
};

Payoff payoff_of(const Attempt& attempt, double spent) {
  return {attempt.right, spent + static_cast<double>(attempt.usage.generated_tokens)};
}

Case case_of(const Key& key, const Drawn& drawn, int probe, const Followers& followers) {
  Case one{key.first, signs_of_first(drawn, probe), {vote_of(drawn, probe)}};
  const double spent = one.payoffs[0].tokens;
  for (const int n : followers.samples) one.payoffs.push_back(vote_of(drawn, probe + n));
  for (const ByKey* arm : followers.arms) one.payoffs.push_back(payoff_of(*arm->at(key), spent));
  return one;
}

}  // namespace

Cases cases_of(const std::vector<Attempt>& attempts, int probe, const std::string& judge) {
  const std::map<Arm, ByKey> arms = keyed_arms(attempts);
  const auto& [sampling, samples] = sampling_arm(arms, probe);
  const ByKey& greedy = greedy_arm(arms);
  Cases cases{probe, {std::string(kStop)}, {}, {}};
  Followers followers;
  for (int n = probe; probe + n <= 1 + samples_of(samples); n *= 2) {
    followers.samples.push_back(n);
    cases.actions.push_back(fmt::format("self_consistency:samples={}", n));
  }
  for (const auto& [arm, by_key] : arms) {
    cases.fixed.push_back({arm, {}});
    const bool known = place_of(cases.actions, arm.recipe) < cases.actions.size();
    if (arm == sampling || &by_key == &greedy || known || arm.budget || !possible(arm, judge))
      continue;
    followers.arms.push_back(&by_key);
    cases.actions.push_back(arm.recipe);
  }
  for (const auto& [key, attempt] : samples) {
    if (!everywhere(arms, key)) continue;
    const Drawn drawn(*greedy.at(key), *attempt);
    cases.all.push_back(case_of(key, drawn, probe, followers));
    std::size_t arm = 0;
    for (const auto& [name, by_key] : arms)
      cases.fixed[arm++].payoffs.push_back(payoff_of(*by_key.at(key), 0));
  }
  return cases;
}

MeanPayoff mean_of(const std::vector<Payoff>& payoffs) {
  MeanPayoff mean;
  for (const Payoff& payoff : payoffs) {
    mean.accuracy += payoff.right ? 1 : 0;
    mean.tokens += payoff.tokens;
  }
  const double count = std::max<double>(1, static_cast<double>(payoffs.size()));
  mean.accuracy /= count;
  mean.tokens /= count;
  return mean;
}

RouteTree fit_tree(const std::vector<const Case*>& cases, const std::vector<std::string>& actions,
                   const FitOptions& options) {
  RouteTree tree;
  const Leaf leaf = best_leaf(cases, actions.size(), options.price);
  tree.action = actions[leaf.action];
  if (options.depth == 0) return tree;
  const Split split = best_split(cases, actions.size(), options);
  if (!split.sign || split.worth - leaf.worth < options.gain) return tree;
  const auto [below, above] = parted(cases, split.sign, split.threshold);
  FitOptions deeper = options;
  --deeper.depth;
  tree.action.clear();
  tree.sign = split.sign;
  tree.threshold = split.threshold;
  tree.below = std::make_unique<RouteTree>(fit_tree(below, actions, deeper));
  tree.above = std::make_unique<RouteTree>(fit_tree(above, actions, deeper));
  return tree;
}

Fit fit_auto(const Cases& cases) {
  if (cases.all.size() < kFewest)
    throw Error(Fault::input, "--fit-auto",
                fmt::format("{} attempts are fewer than {}", cases.all.size(), kFewest),
                "Run more questions");
  Fit fit;
  fit.best = best_fixed(cases);
  const std::vector<Payoff>& fixed = cases.fixed[fit.best].payoffs;
  fit.fixed = mean_of(fixed);
  FitOptions options;
  std::vector<Payoff> plan;
  for (double price = 0;; price = price == 0 ? 1e-5 : price * 1.5) {
    options.price = price;
    plan = cross_validated(cases, options);
    fit.plan = mean_of(plan);
    if (fit.plan.tokens <= fit.fixed.tokens / 2 || price > 1) break;
  }
  fit.price = options.price;
  fit.difference = difference_of(cases, plan, fixed);
  std::vector<const Case*> all;
  for (const Case& one : cases.all) all.push_back(&one);
  fit.tree = fit_tree(all, cases.actions, options);
  return fit;
}

std::string tree_json(const RouteTree& tree) {
  return json_of(tree).dump();
}

}  // namespace cairn::eval
