#pragma once
// cairn/plan_search.h — Monte Carlo tree search over a world model: walks to the end of a plan and
// back, one after another.
//
//   state ── action ── state ── action ── state      actions and states take turns, or, where a
//                                                    move is its own state, every node is one
//
//   select    Q(a) + c * sqrt(ln N(parent) / max(1, N(a))); Q of an unvisited a is its reward
//   walk on   from the first node that is new: the child of highest reward, down to an end
//   backup    the mean of the rewards of the states from the node down; Q is the best of them
//
// Hao et al. 2023 (RAP), arXiv:2305.14992, section 3.3 and its implementation for GSM8K. Pinned by
// tests/search/plan_search_test.cc. Decided here: the reward of an action (its fast reward) guides
// the walk and is not backed up; a node without visits counts ln N(parent) >= 0 as novelty, as the
// formula says.

#include <cstdint>
#include <vector>

#include "cairn/search.h"

namespace cairn::search {

struct PlanSearchOptions {
  int iterations = 10;       // walks
  int actions = 4;           // tried in each state
  int depth = 5;             // actions of the longest plan
  double exploration = 1;    // c
  bool states_apart = true;  // an action's outcome is a node of its own, below the action
};

class PlanSearch : public Engine {
 public:
  PlanSearch(Tree& tree, PlanSearchOptions options);  // borrows the tree
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

  double value(Tree::Index node) const;  // Q
  // The mean reward of the states on the way to a node.
  float path_reward(Tree::Index node) const;

 private:
  bool is_action(Tree::Index node) const;  // and not a state
  bool is_end(Tree::Index node) const;
  Tree::Index child_by_rule(Tree::Index node) const;
  Tree::Index child_by_reward(Tree::Index node) const;
  void back_up();

  Tree& tree_;
  const PlanSearchOptions options_;
  std::vector<float> best_;     // [nodes]; Q of those with visits
  std::vector<bool> expanded_;  // [nodes]
  Tree::Index here_ = Tree::kRoot;
  bool selecting_ = true;  // not yet at a node that was new
  bool waiting_ = false;   // for the children of here_
  int walks_ = 0;
};

}  // namespace cairn::search
