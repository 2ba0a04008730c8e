#include "cairn/best_first.h"

#include <algorithm>

namespace cairn::search {

bool BestFirst::Entry::operator<(const Entry& other) const {
  if (depth != other.depth) return depth > other.depth;
  if (reward != other.reward) return reward > other.reward;
  return node < other.node;
}

BestFirst::BestFirst(Tree& tree, BestFirstOptions options) : tree_(tree), options_(options) {
  open_.insert({0, 1, Tree::kRoot});
}

std::optional<Expansion> BestFirst::ask() {
  if (open_.empty() || expanded_ >= options_.max_expanded || finished_ >= options_.finished)
    return {};
  const Tree::Index node = open_.begin()->node;
  open_.erase(open_.begin());
  ++expanded_;
  return Expansion{node, options_.expansions, 0};
}

void BestFirst::tell(const Expansion& expansion, std::span<const Tree::Index> children) {
  tree_.release(expansion.node);
  for (const Tree::Index child : children) {
    const Trace& trace = tree_[child].trace;
    if (trace.finished())
      finished_ += trace.answer().has_value();
    else if (tree_[child].reward < options_.prune ||
             tree_[child].depth >= static_cast<std::uint32_t>(options_.depth))
      tree_.release(child);
    else
      push(child);
  }
}

void BestFirst::push(Tree::Index node) {
  open_.insert({options_.depth_first ? tree_[node].depth : 0, tree_[node].reward, node});
  if (open_.size() <= static_cast<std::size_t>(options_.open)) return;
  const auto worst = std::prev(open_.end());
  tree_.release(worst->node);
  open_.erase(worst);
}

}  // namespace cairn::search
