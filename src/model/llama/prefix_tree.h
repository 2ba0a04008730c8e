#pragma once
// model/llama/prefix_tree.h — every token prefix that something holds, and which sequences of the
// KV cache contain it.
//
//   root ─ 9707 ─ 11 ─┬─ 323    one node a token. A node lives while a handle or a child holds it.
//                     └─ 432    resident: the sequences whose cells include this node.
//
// A sequence is a path from the root to its tip. When a node dies, the sequences that end there
// lose their last cell: they are marked dirty and the scheduler trims them.
//
// Threads: not locked; the owner locks.

#include <bitset>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cairn/step.h"

namespace cairn::llama {

class PrefixTree {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr int kMaxSequences = 256;
  using Sequences = std::bitset<kMaxSequences>;

  PrefixTree();

  // The child of `node` by `token`, made if it is new, with one more reference for the caller.
  // `family`: children of the root are others in another family.
  Node child(Node node, Token token, std::uint32_t family = 0);
  void retain(Node node);
  void release(Node node);  // and whatever it alone kept alive

  int depth(Node node) const { return nodes_[node].depth; }
  Node parent(Node node) const { return nodes_[node].parent; }
  Token token(Node node) const { return nodes_[node].token; }
  Node ancestor(Node node, int depth) const;           // Requires: 0 <= depth <= depth(node)
  std::vector<Token> path(Node node, int from) const;  // tokens of depths from+1 … depth(node)

  // Sequences.
  const Sequences& resident(Node node) const { return nodes_[node].resident; }
  // Has it been in a sequence, and is it in none now?
  bool evicted(Node node) const { return nodes_[node].evicted; }
  Node tip(int sequence) const { return tips_[sequence]; }
  int length(int sequence) const { return nodes_[tips_[sequence]].depth; }
  // Moves a sequence's tip up or down its path: `tip` is an ancestor or a descendant of the old
  // one.
  void move_tip(int sequence, Node tip);
  void swap_sequences(int a, int b);
  // Sequences that lost cells since the last call.
  Sequences take_dirty();
  bool dirty() const { return dirty_.any(); }

  // A node some row is about to evaluate; others wait for it instead of doing it again.
  bool pending(Node node) const { return nodes_[node].pending; }
  void set_pending(Node node, bool pending) { nodes_[node].pending = pending; }

  // Notes that a node was evaluated; true the first time that this prefix was, in all of the run.
  bool note_evaluated(Node node);

  std::size_t live() const { return live_; }               // nodes, without the root
  std::size_t live_resident() const { return resident_; }  // nodes that are in some sequence

 private:
  struct Record {
    Token token = 0;
    Node parent = 0;
    int depth = 0;
    int references = 0;     // handles and children
    std::uint64_t key = 0;  // in children_
    std::uint64_t hash = 0;
    bool pending = false, evicted = false;
    Sequences resident;
  };

  void set_resident(Node node, int sequence, bool value);

  std::vector<Record> nodes_;
  std::vector<Node> free_;
  std::unordered_map<std::uint64_t, Node> children_;
  std::unordered_set<std::uint64_t> evaluated_;
  std::vector<Node> tips_;
  Sequences dirty_;
  std::size_t live_ = 0, resident_ = 0;
};

}  // namespace cairn::llama
