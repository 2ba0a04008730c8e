#include "cairn/plan_search.h"

#include <algorithm>
#include <cmath>

namespace cairn::search {

PlanSearch::PlanSearch(Tree& tree, PlanSearchOptions options)
    : tree_(tree), options_(options), best_(tree.size()), expanded_(tree.size()) {}

bool PlanSearch::is_action(Tree::Index node) const {
  return options_.states_apart && tree_[node].depth % 2 == 1;
}

bool PlanSearch::is_end(Tree::Index node) const {
  const auto depth = static_cast<std::uint32_t>(options_.depth * (options_.states_apart ? 2 : 1));
  const bool barren = expanded_[node] && tree_[node].children == 0;
  return tree_[node].trace.finished() || tree_[node].depth >= depth || barren;
}

// Walks until something has to be expanded; a walk that comes to an end is backed up at once.
std::optional<Expansion> PlanSearch::ask() {
  while (!waiting_ && walks_ < options_.iterations) {
    if (is_end(here_)) {
      back_up();
    } else if (!expanded_[here_]) {
      waiting_ = true;
      return Expansion{here_, is_action(here_) ? 1 : options_.actions, 0};
    } else {
      here_ = selecting_ ? child_by_rule(here_) : child_by_reward(here_);
    }
  }
  return {};
}

void PlanSearch::tell(const Expansion& expansion, std::span<const Tree::Index>) {
  best_.resize(tree_.size());
  expanded_.resize(tree_.size());
  expanded_[expansion.node] = true;
  waiting_ = selecting_ = false;
}

double PlanSearch::value(Tree::Index node) const {
  return tree_[node].visit_count == 0 ? tree_[node].reward : best_[node];
}

Tree::Index PlanSearch::child_by_rule(Tree::Index node) const {
  const double novelty = std::log(std::max(1u, tree_[node].visit_count));
  const auto score = [&](Tree::Index child) {
    return value(child) +
           options_.exploration * std::sqrt(novelty / std::max(1u, tree_[child].visit_count));
  };
  Tree::Index best = tree_[node].first_child;
  for (Tree::Index child = best; child != Tree::kNone; child = tree_[child].next_sibling)
    if (score(child) > score(best)) best = child;
  return best;
}

Tree::Index PlanSearch::child_by_reward(Tree::Index node) const {
  Tree::Index best = tree_[node].first_child;
  for (Tree::Index child = best; child != Tree::kNone; child = tree_[child].next_sibling)
    if (tree_[child].reward > tree_[best].reward) best = child;
  return best;
}

void PlanSearch::back_up() {
  double sum = 0;
  int states = 0;
  for (Tree::Index node = here_; node != Tree::kNone; node = tree_[node].parent) {
    if (node != Tree::kRoot && !is_action(node)) sum += tree_[node].reward, ++states;
    const double mean = states == 0 ? 0 : sum / states;
    best_[node] = tree_[node].visit_count == 0 ? static_cast<float>(mean)
                                               : std::max(best_[node], static_cast<float>(mean));
    tree_.visit(node, mean);
  }
  here_ = Tree::kRoot;
  selecting_ = true;
  ++walks_;
}

float PlanSearch::path_reward(Tree::Index node) const {
  double sum = 0;
  int states = 0;
  for (; node != Tree::kRoot; node = tree_[node].parent)
    if (!is_action(node)) sum += tree_[node].reward, ++states;
  return states == 0 ? 0 : static_cast<float>(sum / states);
}

}  // namespace cairn::search
