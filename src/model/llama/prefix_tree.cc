#include "model/llama/prefix_tree.h"

#include <algorithm>
#include <cassert>

#include "cairn/rng.h"

namespace cairn::llama {

PrefixTree::PrefixTree() : nodes_(1), tips_(kMaxSequences, kRoot) {
  nodes_[kRoot].references = 1;
  nodes_[kRoot].hash = 0x6361697261ull;
}

PrefixTree::Node PrefixTree::child(Node node, Token token, std::uint32_t family) {
  assert(family == 0 || node == kRoot);
  // Nodes have numbers below 2^31, families those from there on.
  const std::uint64_t above = family == 0 ? node : (std::uint64_t{1} << 31) + family;
  const std::uint64_t key = above << 32 | static_cast<std::uint32_t>(token);
  const auto [entry, is_new] = children_.try_emplace(key, 0);
  if (is_new) {
    Node fresh;
    if (free_.empty()) {
      fresh = static_cast<Node>(nodes_.size());
      nodes_.emplace_back();
    } else {
      fresh = free_.back();
      free_.pop_back();
      nodes_[fresh] = {};
    }
    Record& record = nodes_[fresh];
    record.token = token;
    record.parent = node;
    record.depth = nodes_[node].depth + 1;
    record.key = key;
    record.hash = mix(nodes_[node].hash + family, static_cast<std::uint32_t>(token));
    ++nodes_[node].references;
    ++live_;
    entry->second = fresh;
  }
  ++nodes_[entry->second].references;
  return entry->second;
}

void PrefixTree::retain(Node node) {
  ++nodes_[node].references;
}

void PrefixTree::release(Node node) {
  while (node != kRoot && --nodes_[node].references == 0) {
    const Node parent = nodes_[node].parent;
    for (int s = 0; nodes_[node].resident.any() && s < kMaxSequences; ++s) {
      if (!nodes_[node].resident[s]) continue;
      assert(tips_[s] == node);
      set_resident(node, s, false);
      tips_[s] = parent;
      dirty_.set(s);
    }
    children_.erase(nodes_[node].key);
    free_.push_back(node);
    --live_;
    node = parent;
  }
}

PrefixTree::Node PrefixTree::ancestor(Node node, int depth) const {
  while (nodes_[node].depth > depth) node = nodes_[node].parent;
  return node;
}

std::vector<Token> PrefixTree::path(Node node, int from) const {
  std::vector<Token> tokens;
  for (; nodes_[node].depth > from; node = nodes_[node].parent)
    tokens.push_back(nodes_[node].token);
  std::reverse(tokens.begin(), tokens.end());
  return tokens;
}

void PrefixTree::move_tip(int sequence, Node tip) {
  const Node old = tips_[sequence];
  for (Node n = old; nodes_[n].depth > nodes_[tip].depth; n = nodes_[n].parent)
    set_resident(n, sequence, false);
  for (Node n = tip; nodes_[n].depth > nodes_[old].depth; n = nodes_[n].parent)
    set_resident(n, sequence, true);
  tips_[sequence] = tip;
}

void PrefixTree::swap_sequences(int a, int b) {
  const Node tip_a = tips_[a], tip_b = tips_[b];
  move_tip(a, kRoot);
  move_tip(b, kRoot);
  move_tip(a, tip_b);
  move_tip(b, tip_a);
  const bool dirty_a = dirty_[a];
  dirty_[a] = dirty_[b];
  dirty_[b] = dirty_a;
}

PrefixTree::Sequences PrefixTree::take_dirty() {
  const Sequences dirty = dirty_;
  dirty_.reset();
  return dirty;
}

bool PrefixTree::note_evaluated(Node node) {
  return evaluated_.insert(nodes_[node].hash).second;
}

void PrefixTree::set_resident(Node node, int sequence, bool value) {
  Sequences& resident = nodes_[node].resident;
  const bool was = resident.any();
  resident.set(sequence, value);
  const bool is = resident.any();
  if (was == is) return;
  is ? ++resident_ : --resident_;
  nodes_[node].evicted = was;
}

}  // namespace cairn::llama
