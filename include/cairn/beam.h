#pragma once
// cairn/beam.h — beam search over steps: every round all kept prefixes are expanded, and the best
// are kept.
//
//   round 1   root ── width x expansions children, of which `width` are kept
//   round 2   each kept prefix ── `expansions` children, of which `width` are kept in all
//
// A finished trace leaves the beam at once. Snell et al. 2024, arXiv:2408.03314, section 5.2.

#include <vector>

#include "cairn/search.h"

namespace cairn::search {

struct BeamOptions {
  int width = 4;        // prefixes kept
  int expansions = 4;   // children of each
  int depth = 40;       // rounds
  bool shrink = false;  // each finished trace narrows the beam by one (AlphaMath, arXiv:2405.03553)
};

class Beam : public Engine {
 public:
  // Borrows the tree. Children of the root get ordinals from `first` on.
  Beam(Tree& tree, BeamOptions options, int first = 0);
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

 private:
  void close_round();

  Tree& tree_;
  const BeamOptions options_;
  const int first_;
  int width_, round_ = 0;
  std::vector<Tree::Index> front_ = {Tree::kRoot};  // the kept prefixes
  std::size_t asked_ = 0, told_ = 0;                // of front_
  std::vector<Tree::Index> born_;                   // unfinished children of this round
};

// Diverse verifier tree search: `subtrees` beams of width 1 that never compete with each other and
// do not wait for each other. Beeching, Tunstall, Rush 2024, "Scaling test-time compute with open
// models". One subtree is a beam of width 1.
class DiverseBeams : public Engine {
 public:
  DiverseBeams(Tree& tree, int subtrees, BeamOptions each);
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

 private:
  std::size_t subtree_of(const Expansion& expansion) const;

  Tree& tree_;
  const int per_root_;
  std::vector<Beam> beams_;
  std::vector<std::uint32_t> subtree_;  // [nodes]; which beam a node belongs to
  std::size_t turn_ = 0;
};

}  // namespace cairn::search
