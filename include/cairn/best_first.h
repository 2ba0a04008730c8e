#pragma once
// cairn/best_first.h — always expand the most promising prefix that is known, wherever it is.
//
// The open list holds prefixes that were not expanded yet, in order of reward (best first) or of
// depth and then reward (depth first, which is tree of thoughts' search with backtracking). It is
// bounded: when it is full the worst goes.

#include <cstdint>
#include <set>
#include <utility>

#include "cairn/search.h"

namespace cairn::search {

struct BestFirstOptions {
  int expansions = 4;     // children of each expanded prefix
  int max_expanded = 64;  // prefixes expanded in all
  int finished = 1;       // ends after so many traces that state an answer
  int depth = 40;         // longest trace, steps
  int open = 1024;        // prefixes that wait, at most
  float prune = 0;        // children of a lower reward are given up
  bool depth_first = false;
};

class BestFirst : public Engine {
 public:
  BestFirst(Tree& tree, BestFirstOptions options);  // borrows the tree
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

 private:
  struct Entry {
    std::uint32_t depth;  // 0 unless depth first
    float reward;
    Tree::Index node;
    bool operator<(const Entry& other) const;  // better first
  };
  void push(Tree::Index node);

  Tree& tree_;
  const BestFirstOptions options_;
  std::set<Entry> open_;
  int expanded_ = 0, finished_ = 0;
};

}  // namespace cairn::search
