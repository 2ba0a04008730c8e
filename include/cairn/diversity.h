#pragma once
// cairn/diversity.h — how much the steps that were proposed at one place differ.
//
//   distance(a, b) = 1 - |A ∩ B| / |A ∪ B|     A, B: the words of a and b, in lower case
//
// 0: the same words; 1: none in common. Jaccard's distance. Pinned by tests/core/diversity_test.cc.

#include <optional>
#include <string_view>

#include "cairn/tree.h"

namespace cairn {

// Two texts without words are the same.
double word_distance(std::string_view a, std::string_view b);

// The mean distance of two children of a node; nothing where it has fewer than two.
std::optional<double> sibling_diversity(const Tree& tree, Tree::Index node);

// The mean of that over the nodes that have it; nothing where none has.
std::optional<double> sibling_diversity(const Tree& tree);

}  // namespace cairn
