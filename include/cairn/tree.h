#pragma once
// cairn/tree.h — the steps of one problem as a tree, with what a search keeps at each of them.
//
//   node 0: the root, no step      A flat arena: nodes are named by index, never move in meaning,
//   ├── node 1 ── node 3           and are never removed. Children are kept in the order they were
//   └── node 2                     added.
//
// A node takes at most 96 bytes beside the step itself, which it shares with every trace through it
// (pinned by tests/core/tree_test.cc).
// Threads: belongs to one thread at a time.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cairn/trace.h"

namespace cairn {

// What a search knows of a step, beside what its judges said.
struct NodeStats {
  std::uint32_t visit_count = 0;    // N: completed backups through the step
  std::optional<float> value = {};  // V: mean of the backed-up values, in [0, 1]; none while N = 0
  std::optional<float> prior = {};  // P: probability before search, in [0, 1]
  bool chosen = false;              // on the path to the answer that was given
  bool operator==(const NodeStats&) const = default;
};

class Tree {
 public:
  using Index = std::uint32_t;
  static constexpr Index kRoot = 0;
  static constexpr Index kNone = std::numeric_limits<Index>::max();

  struct Node {
    Trace trace;           // from the root to this node's step
    double value_sum = 0;  // W: sum of backed-up values
    Index parent = kNone;
    Index first_child = kNone, last_child = kNone, next_sibling = kNone;
    std::uint32_t children = 0;
    std::uint32_t depth = 0;        // 0 at the root
    std::uint32_t visit_count = 0;  // N
    float prior = -1;               // P; negative: not known
    float reward = 0;               // what the judge said of the step, in [0, 1]
    bool chosen = false;
  };

  Tree();  // the root alone

  std::size_t size() const { return nodes_.size(); }  // the root included
  const Node& operator[](Index node) const { return nodes_[node]; }

  // A new last child of `parent`. Requires: `trace` extends the parent's by one step.
  Index add(Index parent, Trace trace, std::optional<float> prior = {});

  // Adds `value` (in [0, 1]) and one visit to a node alone.
  void visit(Index node, double value);
  // The same to a node and everything above it.
  void backup(Index node, double value);

  // V of a visited node, in place of the mean of what was added to it.
  void set_value(Index node, double value);

  void set_reward(Index node, float reward);

  // Drops the policy state of a node's trace, and with it its KV cells. Other nodes keep theirs.
  void release(Index node);

  // Marks a node and everything above it as chosen.
  void choose(Index node);

  // N, V, P and chosen of a node, as a trace log keeps them.
  NodeStats stats(Index node) const;
  void set_stats(Index node, const NodeStats& stats);

  // In the order they were added.
  std::vector<Index> children(Index node) const;
  // From the root's child down to the node; empty for the root.
  std::vector<Index> path(Index node) const;
  // Nodes without children, in the order they were added; the root alone is none.
  std::vector<Index> leaves() const;

 private:
  std::vector<Node> nodes_;
};

}  // namespace cairn
