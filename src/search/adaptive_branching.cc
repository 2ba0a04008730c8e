#include "cairn/adaptive_branching.h"

#include <random>

#include "cairn/rng.h"

namespace cairn::search {

AdaptiveBranching::AdaptiveBranching(Tree& tree, AdaptiveBranchingOptions options)
    : tree_(tree), options_(options), extra_(tree.size()) {}

// A draw from the posterior of the mean reward.
template <class Random>
double AdaptiveBranching::draw(const Rewards& rewards, int in_flight, Random& random) const {
  const double good = options_.prior_good + rewards.sum;
  const double bad = options_.prior_bad + rewards.count - rewards.sum + in_flight;
  const double x = std::gamma_distribution<double>(good)(random);
  const double y = std::gamma_distribution<double>(bad)(random);
  return x + y > 0 ? x / (x + y) : 0;
}

std::optional<Expansion> AdaptiveBranching::ask() {
  if (asked_ >= options_.iterations) return {};
  std::minstd_rand random(static_cast<std::uint32_t>(
      mix(options_.seed, static_cast<std::uint64_t>(asked_)) % 2147483646 + 1));
  Tree::Index node = Tree::kRoot;
  while (true) {
    const Extra& here = extra_[node];
    Rewards below;
    int in_flight = 0, open = 0;
    for (Tree::Index child = tree_[node].first_child; child != Tree::kNone;
         child = tree_[child].next_sibling) {
      if (extra_[child].closed) continue;
      ++open;
      below.sum += extra_[child].below.sum;
      below.count += extra_[child].below.count;
      in_flight += extra_[child].in_flight;
    }
    const double make = draw(here.made, here.making, random);
    if (open == 0 || make >= draw(below, in_flight, random)) break;
    double best = -1;
    Tree::Index next = Tree::kNone;
    for (Tree::Index child = tree_[node].first_child; child != Tree::kNone;
         child = tree_[child].next_sibling) {
      if (extra_[child].closed) continue;
      const double drawn = draw(extra_[child].below, extra_[child].in_flight, random);
      if (drawn > best) best = drawn, next = child;
    }
    node = next;
  }
  ++asked_;
  ++extra_[node].making;
  add_in_flight(node, 1);
  return Expansion{node, 1, extra_[node].ordinals++};
}

void AdaptiveBranching::tell(const Expansion& expansion, std::span<const Tree::Index> children) {
  extra_.resize(tree_.size());
  --extra_[expansion.node].making;
  add_in_flight(expansion.node, -1);
  for (const Tree::Index child : children) {
    const double reward = tree_[child].reward;
    extra_[expansion.node].made.sum += reward;
    ++extra_[expansion.node].made.count;
    tree_.backup(child, reward);
    for (Tree::Index node = child; node != Tree::kNone; node = tree_[node].parent) {
      extra_[node].below.sum += reward;
      ++extra_[node].below.count;
    }
    extra_[child].closed = tree_[child].trace.finished() ||
                           tree_[child].depth >= static_cast<std::uint32_t>(options_.depth);
    if (extra_[child].closed) tree_.release(child);
  }
}

void AdaptiveBranching::add_in_flight(Tree::Index node, int change) {
  for (; node != Tree::kNone; node = tree_[node].parent) extra_[node].in_flight += change;
}

}  // namespace cairn::search
