#include "cairn/tree_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cairn::search {

TreeSearch::TreeSearch(Tree& tree, TreeSearchOptions options)
    : tree_(tree), options_(options), extra_(tree.size()) {}

std::optional<Expansion> TreeSearch::ask() {
  if (asked_ >= options_.iterations) return {};
  const Tree::Index node = select();
  if (node == Tree::kNone) return {};
  ++asked_;
  Extra& extra = extra_[node];
  const int wanted = extra.ordinals == 0 ? options_.expansions : 1;
  const Expansion expansion{node, wanted, extra.ordinals};
  extra.ordinals = static_cast<std::uint16_t>(extra.ordinals + wanted);
  extra.busy = true;
  add_in_flight(node, 1);
  return expansion;
}

// Can something below the node, or the node itself, be expanded now?
bool TreeSearch::open(Tree::Index node) const {
  const Extra& extra = extra_[node];
  return !extra.closed && !(extra.busy && tree_[node].children == 0);
}

bool TreeSearch::may_widen(Tree::Index node) const {
  const Extra& extra = extra_[node];
  if (extra.ordinals == 0) return true;
  if (options_.widening <= 0) return false;
  return extra.ordinals < options_.widening * std::pow(tree_[node].visit_count, options_.alpha);
}

// The node to expand, or none when everything is closed or in flight.
Tree::Index TreeSearch::select() const {
  if (!open(Tree::kRoot)) return Tree::kNone;
  Tree::Index node = Tree::kRoot;
  while (true) {
    if (!extra_[node].busy && may_widen(node)) return node;
    const double visits = tree_[node].visit_count + extra_[node].in_flight * options_.virtual_loss;
    const double log_visits = std::log(std::max(1.0, visits)), root_visits = std::sqrt(visits);
    Tree::Index best = Tree::kNone;
    double best_score = -std::numeric_limits<double>::infinity();
    for (Tree::Index child = tree_[node].first_child; child != Tree::kNone;
         child = tree_[child].next_sibling) {
      if (!open(child)) continue;
      const double s = score(child, log_visits, root_visits);
      if (s > best_score) best = child, best_score = s;
    }
    if (best == Tree::kNone) return Tree::kNone;
    node = best;
  }
}

double TreeSearch::value(Tree::Index node) const {
  const Tree::Node& n = tree_[node];
  if (n.visit_count == 0)
    return options_.backup == Backup::children ? n.reward : options_.first_play;
  return options_.backup == Backup::max ? extra_[node].highest : n.value_sum / n.visit_count;
}

double TreeSearch::score(Tree::Index child, double log_visits, double root_visits) const {
  const double lost = extra_[child].in_flight * options_.virtual_loss;
  const double visits = tree_[child].visit_count + lost;
  if (options_.rule == Rule::uct && visits == 0) return std::numeric_limits<double>::max();
  const double q =
      tree_[child].visit_count == 0 ? value(child) : value(child) * (visits - lost) / visits;
  if (options_.rule == Rule::uct) return q + options_.exploration * std::sqrt(log_visits / visits);
  const float priors = extra_[tree_[child].parent].priors;
  const double share = priors > 0 ? std::max(0.0f, tree_[child].prior) / priors : 0;
  return q + options_.exploration * share * root_visits / (1 + visits);
}

void TreeSearch::tell(const Expansion& expansion, std::span<const Tree::Index> children) {
  extra_.resize(tree_.size());
  extra_[expansion.node].busy = false;
  add_in_flight(expansion.node, -1);
  const bool by_children = options_.backup == Backup::children;
  const bool per_child = !by_children && options_.visits == Visits::children;
  if (by_children)
    back_up_children(expansion.node);
  else if (!per_child && expansion.node != Tree::kRoot)
    back_up(expansion.node, tree_[expansion.node].reward);
  for (const Tree::Index child : children) {
    const bool finished = tree_[child].trace.finished();
    if (per_child || (finished && !by_children)) back_up(child, tree_[child].reward);
    extra_[expansion.node].priors += std::max(0.0f, tree_[child].prior);
    extra_[child].closed =
        finished || tree_[child].depth >= static_cast<std::uint32_t>(options_.depth);
  }
  close(expansion.node);
}

void TreeSearch::back_up(Tree::Index node, double reward) {
  for (double value = reward; node != Tree::kNone;
       node = tree_[node].parent, value *= options_.discount) {
    tree_.visit(node, value);
    extra_[node].highest = std::max(extra_[node].highest, static_cast<float>(value));
  }
}

void TreeSearch::back_up_children(Tree::Index node) {
  for (; node != Tree::kNone; node = tree_[node].parent) {
    double sum = 0, weights = 0;
    for (Tree::Index child = tree_[node].first_child; child != Tree::kNone;
         child = tree_[child].next_sibling) {
      const double weight = std::max(1u, tree_[child].visit_count);
      sum += weight * value(child), weights += weight;
    }
    const double own = tree_[node].reward, mean = weights > 0 ? sum / weights : own;
    tree_.visit(node, 0);
    tree_.set_value(node, node == Tree::kRoot
                              ? mean
                              : (1 - options_.discount) * own + options_.discount * mean);
  }
}

// Closes a node below which nothing is left, and those above it of which the same is true then.
void TreeSearch::close(Tree::Index node) {
  for (; node != Tree::kNone; node = tree_[node].parent) {
    if (extra_[node].busy || options_.widening > 0) return;
    for (Tree::Index child = tree_[node].first_child; child != Tree::kNone;
         child = tree_[child].next_sibling)
      if (!extra_[child].closed) return;
    extra_[node].closed = true;
    tree_.release(node);
  }
}

void TreeSearch::add_in_flight(Tree::Index node, int change) {
  for (; node != Tree::kNone; node = tree_[node].parent)
    extra_[node].in_flight = static_cast<std::uint16_t>(extra_[node].in_flight + change);
}

}  // namespace cairn::search
