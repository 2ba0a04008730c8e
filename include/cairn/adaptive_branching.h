#pragma once
// cairn/adaptive_branching.h — wider or deeper? At every node Thompson sampling decides between a
// new child and one of the children there are.
//
//   beta, gaussian   AB-MCTS-A, "aggregated": a new child draws its mean reward from the posterior
//                    over the rewards of children made here, going on from that over all rewards
//                    below the children, and then each child from that over its own.
//     beta           Beta(a + sum r, b + sum (1 - r))
//     gaussian       normal with unknown mean and variance, prior m = 0, kappa = 1, nu = 1,
//                    tau^2 = 0.1 (normal, scaled inverse chi-squared)
//   mixed            AB-MCTS-M, a mixed model: rewards below child j are normal around a_j with
//                    deviation s_y, the a_j normal around mu with deviation s_a. A new child draws
//                    its a from the posterior of mu and s_a, each child its a_j; the highest wins.
//
// Inoue et al. 2025, arXiv:2503.04412, sections 3.2 and 3.3. Decided here for `mixed`: mu has the
// prior N(0.5, 0.2^2); s_a and s_y lie on a grid of four values each, a factor of two or so apart,
// weighed by half-normal priors of scale 0.2 and 0.3, and are drawn from their exact posterior on
// it (the paper runs MCMC over the same priors). Means are compared, without s_y.
//
// Several models (section 3.5): each is an actor, and a new child by each is an arm of its own,
// with the rewards of the children that it made here.
//
// An expansion in flight counts as a reward of 0 wherever it passed. Pinned by
// tests/search/adaptive_branching_test.cc.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/search.h"

namespace cairn::search {

enum class Posterior { beta, gaussian, mixed };
// Errors: Fault::input with the nearest name.
Posterior posterior_named(std::string_view name);
std::vector<std::string> posterior_names();

// Rewards, summed up.
struct Rewards {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double reward) { sum += reward, squares += reward * reward, ++count; }
  void add(const Rewards& more) { sum += more.sum, squares += more.squares, count += more.count; }
};

using ThompsonRandom = std::minstd_rand;

// The mixed model of groups of rewards, each group not empty.
class MixedModel {
 public:
  explicit MixedModel(const std::vector<Rewards>& groups);
  // Draws mu, s_a and s_y from their posterior; what follows is given these.
  void draw(ThompsonRandom& random);
  double new_group(ThompsonRandom& random) const;
  double group(const Rewards& rewards, ThompsonRandom& random) const;

  // The posterior mean of mu, over the grid.
  double expected_mean() const;

 private:
  struct Cell {
    double spread, noise;            // s_a, s_y
    double mean, precision, weight;  // of mu's posterior; of the cell, summing to 1
  };
  std::vector<Cell> cells_;
  const Cell* drawn_ = nullptr;
  double mu_ = 0;
};

struct AdaptiveBranchingOptions {
  int iterations = 32;  // children made in all
  int depth = 16;       // longest trace, steps
  Posterior posterior = Posterior::beta;
  float prior_good = 0.5f, prior_bad = 0.5f;  // beta: a and b, Jeffreys' prior
  int actors = 1;                             // models that make children
  std::uint64_t seed = 0;
};

class AdaptiveBranching : public Engine {
 public:
  AdaptiveBranching(Tree& tree, AdaptiveBranchingOptions options);  // borrows the tree
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

 private:
  struct Made {
    Rewards rewards;    // of the children that an actor made here
    int in_flight = 0;  // expansions of it here
  };
  struct Extra {
    std::vector<Made> made;  // [actors], once one was asked
    Rewards below;           // of the node and everything below it
    int in_flight = 0;       // expansions of the node and below it
    int ordinals = 0;        // children asked for
    int actor = 0;           // which made the node
    bool closed = false;     // finished, or as deep as may be
  };
  // What to do at a node: go on to a child, or none and let an actor make one.
  struct Arm {
    Tree::Index child = Tree::kNone;
    int actor = 0;
  };

  Arm aggregated(Tree::Index node, ThompsonRandom& random) const;
  Arm mixed(Tree::Index node, ThompsonRandom& random) const;
  Made made(Tree::Index node, int actor) const;
  double draw(const Rewards& rewards, int in_flight, ThompsonRandom& random) const;
  std::vector<Tree::Index> open_children(Tree::Index node) const;
  void add_in_flight(Tree::Index node, int change);

  Tree& tree_;
  const AdaptiveBranchingOptions options_;
  std::vector<Extra> extra_;  // [nodes]
  int asked_ = 0;
};

}  // namespace cairn::search
