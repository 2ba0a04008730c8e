#include "cairn/adaptive_branching.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/nearest.h"
#include "cairn/error.h"
#include "cairn/rng.h"

namespace cairn::search {
namespace {

const std::vector<std::string> kPosteriors = {"beta", "gaussian", "mixed"};

// The mixed model's priors: of mu, and the scales of s_a and s_y with the grids they lie on.
constexpr double kMean = 0.5, kMeanSpread = 0.2;
constexpr double kSpreadScale = 0.2, kNoiseScale = 0.3;
constexpr std::array kSpreads = {0.05, 0.1, 0.2, 0.4};
constexpr std::array kNoises = {0.05, 0.1, 0.2, 0.4};

// A half-normal density on a grid of equal steps of the logarithm.
double log_half_normal(double x, double scale) {
  return std::log(x) - x * x / (2 * scale * scale);
}

double normal(double mean, double variance, ThompsonRandom& random) {
  return std::normal_distribution<double>(mean, std::sqrt(variance))(random);
}

Rewards with_zeros(Rewards rewards, int zeros) {
  rewards.count += zeros;
  return rewards;
}

// A draw of the mean, its prior and the variance's conjugate.
double gaussian_mean(const Rewards& rewards, ThompsonRandom& random) {
  constexpr double kPriorMean = 0, kKappa = 1, kNu = 1, kTau2 = 0.1;
  const double n = rewards.count, mean = n > 0 ? rewards.sum / n : 0;
  const double scatter = std::max(0.0, rewards.squares - n * mean * mean);
  const double away = mean - kPriorMean;
  const double kappa = kKappa + n, nu = kNu + n;
  const double scale = kNu * kTau2 + scatter + kKappa * n / kappa * away * away;
  const double variance = scale / std::chi_squared_distribution<double>(nu)(random);
  return normal((kKappa * kPriorMean + rewards.sum) / kappa, variance / kappa, random);
}

}  // namespace

std::vector<std::string> posterior_names() {
  return kPosteriors;
}

Posterior posterior_named(std::string_view name) {
  const auto found = std::find(kPosteriors.begin(), kPosteriors.end(), name);
  if (found != kPosteriors.end()) return static_cast<Posterior>(found - kPosteriors.begin());
  throw Error(Fault::input, "posterior", "\"" + std::string(name) + "\" is none",
              base::did_you_mean(name, kPosteriors));
}

// Given s_a and s_y, a group's mean is normal around mu with variance s_a^2 + s_y^2 / n; mu is
// integrated out, so a cell's weight is exact.
MixedModel::MixedModel(const std::vector<Rewards>& groups) {
  double highest = -INFINITY;
  for (const double spread : kSpreads)
    for (const double noise : kNoises) {
      double precision = 1 / (kMeanSpread * kMeanSpread), pull = kMean * precision;
      double squares = kMean * kMean * precision;
      double log = log_half_normal(spread, kSpreadScale) + log_half_normal(noise, kNoiseScale);
      for (const Rewards& group : groups) {
        const double n = group.count, mean = group.sum / n;
        const double scatter = std::max(0.0, group.squares - n * mean * mean);
        const double variance = spread * spread + noise * noise / n;
        log -= (n - 1) * std::log(noise) + scatter / (2 * noise * noise) + std::log(variance) / 2;
        precision += 1 / variance;
        pull += mean / variance;
        squares += mean * mean / variance;
      }
      log -= (std::log(precision) + squares - pull * pull / precision) / 2;
      cells_.push_back({spread, noise, pull / precision, precision, log});
      highest = std::max(highest, log);
    }
  double total = 0;
  for (Cell& cell : cells_) total += cell.weight = std::exp(cell.weight - highest);
  for (Cell& cell : cells_) cell.weight /= total;
}

void MixedModel::draw(ThompsonRandom& random) {
  double left = std::uniform_real_distribution<double>()(random);
  drawn_ = &cells_.back();
  for (const Cell& cell : cells_) {
    left -= cell.weight;
    if (left >= 0) continue;
    drawn_ = &cell;
    break;
  }
  mu_ = normal(drawn_->mean, 1 / drawn_->precision, random);
}

double MixedModel::new_group(ThompsonRandom& random) const {
  return normal(mu_, drawn_->spread * drawn_->spread, random);
}

double MixedModel::group(const Rewards& rewards, ThompsonRandom& random) const {
  const double between = 1 / (drawn_->spread * drawn_->spread);
  const double within = 1 / (drawn_->noise * drawn_->noise);
  const double precision = between + rewards.count * within;
  return normal((mu_ * between + rewards.sum * within) / precision, 1 / precision, random);
}

double MixedModel::expected_mean() const {
  double mean = 0;
  for (const Cell& cell : cells_) mean += cell.weight * cell.mean;
  return mean;
}

AdaptiveBranching::AdaptiveBranching(Tree& tree, AdaptiveBranchingOptions options)
    : tree_(tree), options_(options), extra_(tree.size()) {}

// A draw from the posterior of the mean reward.
double AdaptiveBranching::draw(const Rewards& rewards, int in_flight,
                               ThompsonRandom& random) const {
  if (options_.posterior == Posterior::gaussian)
    return gaussian_mean(with_zeros(rewards, in_flight), random);
  const double good = options_.prior_good + rewards.sum;
  const double bad = options_.prior_bad + rewards.count - rewards.sum + in_flight;
  const double x = std::gamma_distribution<double>(good)(random);
  const double y = std::gamma_distribution<double>(bad)(random);
  return x + y > 0 ? x / (x + y) : 0;
}

AdaptiveBranching::Made AdaptiveBranching::made(Tree::Index node, int actor) const {
  const std::vector<Made>& all = extra_[node].made;
  return all.empty() ? Made() : all[static_cast<std::size_t>(actor)];
}

std::vector<Tree::Index> AdaptiveBranching::open_children(Tree::Index node) const {
  std::vector<Tree::Index> open;
  for (Tree::Index child = tree_[node].first_child; child != Tree::kNone;
       child = tree_[child].next_sibling)
    if (!extra_[child].closed) open.push_back(child);
  return open;
}

AdaptiveBranching::Arm AdaptiveBranching::aggregated(Tree::Index node,
                                                     ThompsonRandom& random) const {
  const std::vector<Tree::Index> open = open_children(node);
  Rewards below;
  int in_flight = 0;
  for (const Tree::Index child : open) {
    below.add(extra_[child].below);
    in_flight += extra_[child].in_flight;
  }
  Arm arm;
  double make = -INFINITY;
  for (int actor = 0; actor < options_.actors; ++actor) {
    const Made here = made(node, actor);
    const double drawn = draw(here.rewards, here.in_flight, random);
    if (drawn > make) make = drawn, arm.actor = actor;
  }
  if (open.empty() || make >= draw(below, in_flight, random)) return arm;
  double best = -INFINITY;
  for (const Tree::Index child : open) {
    const double drawn = draw(extra_[child].below, extra_[child].in_flight, random);
    if (drawn > best) best = drawn, arm.child = child;
  }
  return arm;
}

// Every child says what children are like, closed ones too; one that is being made counts as a
// child of reward 0.
AdaptiveBranching::Arm AdaptiveBranching::mixed(Tree::Index node, ThompsonRandom& random) const {
  std::vector<Rewards> all;
  std::vector<std::vector<Rewards>> by_actor(static_cast<std::size_t>(options_.actors));
  for (Tree::Index child = tree_[node].first_child; child != Tree::kNone;
       child = tree_[child].next_sibling) {
    all.push_back(with_zeros(extra_[child].below, extra_[child].in_flight));
    by_actor[static_cast<std::size_t>(extra_[child].actor)].push_back(all.back());
  }
  Arm arm;
  double best = -INFINITY;
  for (int actor = 0; actor < options_.actors; ++actor) {
    std::vector<Rewards>& groups = by_actor[static_cast<std::size_t>(actor)];
    for (int i = made(node, actor).in_flight; i > 0; --i) groups.push_back(with_zeros({}, 1));
    MixedModel model(groups);
    model.draw(random);
    const double drawn = model.new_group(random);
    if (drawn > best) best = drawn, arm.actor = actor;
  }
  const std::vector<Tree::Index> open = open_children(node);
  if (open.empty()) return arm;
  MixedModel model(all);
  model.draw(random);
  for (const Tree::Index child : open) {
    const Rewards rewards = with_zeros(extra_[child].below, extra_[child].in_flight);
    const double drawn = model.group(rewards, random);
    if (drawn > best) best = drawn, arm.child = child;
  }
  return arm;
}

std::optional<Expansion> AdaptiveBranching::ask() {
  if (asked_ >= options_.iterations) return {};
  ThompsonRandom random(static_cast<std::uint32_t>(
      mix(options_.seed, static_cast<std::uint64_t>(asked_)) % 2147483646 + 1));
  Tree::Index node = Tree::kRoot;
  const bool is_mixed = options_.posterior == Posterior::mixed;
  Arm arm;
  while (true) {
    arm = is_mixed ? mixed(node, random) : aggregated(node, random);
    if (arm.child == Tree::kNone) break;
    node = arm.child;
  }
  ++asked_;
  Extra& extra = extra_[node];
  extra.made.resize(static_cast<std::size_t>(options_.actors));
  ++extra.made[static_cast<std::size_t>(arm.actor)].in_flight;
  add_in_flight(node, 1);
  return Expansion{node, 1, extra.ordinals++, arm.actor};
}

void AdaptiveBranching::tell(const Expansion& expansion, std::span<const Tree::Index> children) {
  extra_.resize(tree_.size());
  Made& here = extra_[expansion.node].made[static_cast<std::size_t>(expansion.actor)];
  --here.in_flight;
  add_in_flight(expansion.node, -1);
  for (const Tree::Index child : children) {
    const double reward = tree_[child].reward;
    here.rewards.add(reward);
    tree_.backup(child, reward);
    for (Tree::Index node = child; node != Tree::kNone; node = tree_[node].parent)
      extra_[node].below.add(reward);
    extra_[child].actor = expansion.actor;
    extra_[child].closed = tree_[child].trace.finished() ||
                           tree_[child].depth >= static_cast<std::uint32_t>(options_.depth);
    if (extra_[child].closed) tree_.release(child);
  }
}

void AdaptiveBranching::add_in_flight(Tree::Index node, int change) {
  for (; node != Tree::kNone; node = tree_[node].parent) extra_[node].in_flight += change;
}

}  // namespace cairn::search
