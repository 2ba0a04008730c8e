#include "cairn/tree.h"

#include <algorithm>
#include <utility>

#include "cairn/error.h"

namespace cairn {

Tree::Tree() : nodes_(1) {}

Tree::Index Tree::add(Index parent, Trace trace, std::optional<float> prior) {
  if (nodes_.size() >= kNone)
    throw Error(Fault::input, "tree", "4294967295 nodes are in the tree", "Search with a budget");
  const auto index = static_cast<Index>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.trace = std::move(trace);
  node.parent = parent;
  node.depth = nodes_[parent].depth + 1;
  if (prior) node.prior = *prior;
  Node& above = nodes_[parent];
  if (above.last_child == kNone)
    above.first_child = index;
  else
    nodes_[above.last_child].next_sibling = index;
  above.last_child = index;
  ++above.children;
  return index;
}

void Tree::visit(Index node, double value) {
  ++nodes_[node].visit_count;
  nodes_[node].value_sum += value;
}

void Tree::backup(Index node, double value) {
  for (; node != kNone; node = nodes_[node].parent) visit(node, value);
}

void Tree::set_value(Index node, double value) {
  nodes_[node].value_sum = value * nodes_[node].visit_count;
}

void Tree::set_reward(Index node, float reward) {
  nodes_[node].reward = reward;
}

void Tree::release(Index node) {
  nodes_[node].trace = nodes_[node].trace.without_state();
}

void Tree::choose(Index node) {
  for (; node != kNone; node = nodes_[node].parent) nodes_[node].chosen = true;
}

NodeStats Tree::stats(Index index) const {
  const Node& node = nodes_[index];
  NodeStats stats{.visit_count = node.visit_count, .chosen = node.chosen};
  if (node.visit_count > 0) stats.value = static_cast<float>(node.value_sum / node.visit_count);
  if (node.prior >= 0) stats.prior = node.prior;
  return stats;
}

void Tree::set_stats(Index index, const NodeStats& stats) {
  Node& node = nodes_[index];
  node.visit_count = stats.visit_count;
  node.value_sum = static_cast<double>(stats.value.value_or(0)) * stats.visit_count;
  node.prior = stats.prior.value_or(-1);
  node.chosen = stats.chosen;
}

std::vector<Tree::Index> Tree::children(Index node) const {
  std::vector<Index> all;
  all.reserve(nodes_[node].children);
  for (Index child = nodes_[node].first_child; child != kNone; child = nodes_[child].next_sibling)
    all.push_back(child);
  return all;
}

std::vector<Tree::Index> Tree::path(Index node) const {
  std::vector<Index> nodes;
  for (; node != kRoot; node = nodes_[node].parent) nodes.push_back(node);
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

std::vector<Tree::Index> Tree::leaves() const {
  std::vector<Index> all;
  for (Index node = 1; node < nodes_.size(); ++node)
    if (nodes_[node].children == 0) all.push_back(node);
  return all;
}

}  // namespace cairn
