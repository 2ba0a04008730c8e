#pragma once
// cairn/tree_search.h — Monte Carlo tree search: walk down by value and novelty, expand a leaf,
// back its rewards up.
//
//   uct    Q(a) + c * sqrt(ln N(parent) / N(a))                 an unvisited child first
//   puct   Q(a) + c * P(a) * sqrt(N(parent)) / (1 + N(a))       Q(a) = first_play while N(a) = 0;
//          P(a) = the child's prior over the sum of its siblings' and its own
//
// Kocsis, Szepesvári 2006 (UCT); Silver et al. 2017 (PUCT). Pinned by
// tests/search/tree_search_test.cc. An expansion in flight counts as `virtual_loss` visits of value
// 0 on its path, so that several walk down different ways. A finished trace is not walked to again,
// nor a node below which everything is finished.

#include <cstdint>
#include <vector>

#include "cairn/search.h"

namespace cairn::search {

enum class Rule { uct, puct };

// What a node's value Q is.
//   mean   the mean of the rewards backed up through it
//   max    the highest of them
//   children   with v the node's own reward and V the mean of its children's Q, each weighing
//              max(1, N):  Q = (1 - discount) v + discount V;  Q = v while N = 0. An expansion is
//              one visit of the nodes above it, and `visits` has no say. Xie et al. 2024
//              (MCTS-DPO), arXiv:2405.00451, section 3.1: there an edge's reward is v(child) -
//              v(parent) and Q = reward + discount V; this is that plus v(parent), which siblings
//              share. Decided here: the root's N grows by one, and an unvisited sibling keeps its
//              own v.
enum class Backup { mean, max, children };

// Where the rewards that are backed up come from.
//   children   each new child is a visit of its own, with its reward
//   leaf       the expanded leaf's own reward, once; finished children theirs at once (AlphaMath,
//              arXiv:2405.03553, section 3)
enum class Visits { children, leaf };

struct TreeSearchOptions {
  Rule rule = Rule::puct;
  double exploration = 1.25;  // c
  double first_play = 0.5;    // puct: Q of a child without visits
  int expansions = 4;         // children that an expansion adds
  int iterations = 40;        // expansions in all
  int depth = 16;             // longest trace, steps
  Backup backup = Backup::mean;
  Visits visits = Visits::children;
  double discount = 1;   // a reward counts discount^k, k steps above where it came up
  int virtual_loss = 1;  // visits
  // Progressive widening: a node may have at most widening * N^alpha children, `expansions` of them
  // at its first expansion. 0: its first expansion is its last. Coulom 2007.
  double widening = 0, alpha = 0.5;
};

class TreeSearch : public Engine {
 public:
  TreeSearch(Tree& tree, TreeSearchOptions options);  // borrows the tree
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

  double value(Tree::Index node) const;  // Q, without visits in flight

 private:
  // What the search keeps of a node beside its visits and their sum.
  struct Extra {
    float highest = 0;            // of the rewards backed up
    float priors = 0;             // sum of its children's
    std::uint16_t in_flight = 0;  // expansions below it
    std::uint16_t ordinals = 0;   // children asked for
    bool busy = false;            // an expansion of the node itself is in flight
    bool closed = false;          // nothing below it is left to expand
  };

  Tree::Index select() const;
  bool open(Tree::Index node) const;
  bool may_widen(Tree::Index node) const;
  double score(Tree::Index child, double log_visits, double root_visits) const;
  void back_up(Tree::Index node, double reward);
  void back_up_children(Tree::Index node);
  void close(Tree::Index node);
  void add_in_flight(Tree::Index node, int change);

  Tree& tree_;
  const TreeSearchOptions options_;
  std::vector<Extra> extra_;  // [nodes]
  int asked_ = 0;
};

}  // namespace cairn::search
