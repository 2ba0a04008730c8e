#pragma once
// cairn/adaptive_branching.h — wider or deeper? At every node Thompson sampling decides between a
// new child and one of the children there are.
//
//   new child    Beta(a + sum r, b + sum (1 - r))   over the rewards of children made here
//   go on        the same over all rewards below the children, and then over each child's own
//
// Inoue et al. 2025 (AB-MCTS-A, Beta prior), arXiv:2503.04412, section 3.2. An expansion in flight
// counts as a reward of 0 wherever it passed.

#include <cstdint>
#include <vector>

#include "cairn/search.h"

namespace cairn::search {

struct AdaptiveBranchingOptions {
  int iterations = 32;                        // children made in all
  int depth = 16;                             // longest trace, steps
  float prior_good = 0.5f, prior_bad = 0.5f;  // a and b: Jeffreys' prior
  std::uint64_t seed = 0;
};

class AdaptiveBranching : public Engine {
 public:
  AdaptiveBranching(Tree& tree, AdaptiveBranchingOptions options);  // borrows the tree
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

 private:
  struct Rewards {
    double sum = 0;
    int count = 0;
  };
  struct Extra {
    Rewards made;         // of the children made here
    Rewards below;        // of the node and everything below it
    int in_flight = 0;    // expansions of the node and below it
    int making = 0;       // expansions of the node itself
    int ordinals = 0;     // children asked for
    bool closed = false;  // finished, or as deep as may be
  };

  template <class Random>
  double draw(const Rewards& rewards, int in_flight, Random& random) const;
  void add_in_flight(Tree::Index node, int change);

  Tree& tree_;
  const AdaptiveBranchingOptions options_;
  std::vector<Extra> extra_;  // [nodes]
  int asked_ = 0;
};

}  // namespace cairn::search
