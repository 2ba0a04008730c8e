#include "cairn/beam.h"

#include <algorithm>

namespace cairn::search {

Beam::Beam(Tree& tree, BeamOptions options, int first)
    : tree_(tree), options_(options), first_(first), width_(options.width) {}

std::optional<Expansion> Beam::ask() {
  if (asked_ == front_.size()) return {};
  const Tree::Index node = front_[asked_++];
  if (node == Tree::kRoot) return Expansion{node, width_ * options_.expansions, first_};
  return Expansion{node, options_.expansions, 0};
}

void Beam::tell(const Expansion&, std::span<const Tree::Index> children) {
  for (const Tree::Index child : children) {
    if (!tree_[child].trace.finished())
      born_.push_back(child);
    else if (options_.shrink)
      --width_;
  }
  if (++told_ == front_.size()) close_round();
}

void Beam::close_round() {
  for (const Tree::Index node : front_) tree_.release(node);
  std::stable_sort(born_.begin(), born_.end(), [this](Tree::Index a, Tree::Index b) {
    return tree_[a].reward != tree_[b].reward ? tree_[a].reward > tree_[b].reward : a < b;
  });
  const bool last = ++round_ >= options_.depth;
  const auto kept = std::min(born_.size(), static_cast<std::size_t>(std::max(0, width_)));
  for (std::size_t i = kept; i < born_.size(); ++i) tree_.release(born_[i]);
  born_.resize(kept);
  front_ = std::move(born_);
  born_.clear();
  asked_ = last ? front_.size() : 0;  // what is open after the last round stays as it is
  told_ = 0;
}

DiverseBeams::DiverseBeams(Tree& tree, int subtrees, BeamOptions each)
    : tree_(tree), per_root_(each.width * each.expansions) {
  for (int i = 0; i < subtrees; ++i) beams_.emplace_back(tree, each, i * per_root_);
}

std::optional<Expansion> DiverseBeams::ask() {
  for (std::size_t i = 0; i < beams_.size(); ++i) {
    const auto expansion = beams_[(turn_ + i) % beams_.size()].ask();
    if (!expansion) continue;
    turn_ = (turn_ + i + 1) % beams_.size();
    return expansion;
  }
  return {};
}

std::size_t DiverseBeams::subtree_of(const Expansion& expansion) const {
  if (expansion.node == Tree::kRoot) return static_cast<std::size_t>(expansion.first / per_root_);
  return subtree_[expansion.node];
}

void DiverseBeams::tell(const Expansion& expansion, std::span<const Tree::Index> children) {
  const std::size_t subtree = subtree_of(expansion);
  subtree_.resize(tree_.size());
  for (const Tree::Index child : children) subtree_[child] = static_cast<std::uint32_t>(subtree);
  beams_[subtree].tell(expansion, children);
}

}  // namespace cairn::search
