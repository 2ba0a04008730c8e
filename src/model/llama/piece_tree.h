#pragma once
// model/llama/piece_tree.h — tokens by their bytes: below each one those that begin with it.
//
// What refuses the bytes of a token refuses all tokens below it, so that few have to be looked at.
// Threads: immutable.

#include <string>
#include <vector>

#include "cairn/step.h"

namespace cairn::llama {

class PieceTree {
 public:
  // One piece a token. An empty one stands apart: a root, and nothing is below it.
  explicit PieceTree(const std::vector<std::string>& pieces);

  std::vector<Token> roots() const;
  // Those that begin with the token's bytes and with those of no other token in between. Of
  // tokens with the same bytes one is below the other.
  void append_children(Token token, std::vector<Token>& out) const;

 private:
  void append(int place, int end, std::vector<Token>& out) const;

  std::vector<Token> order_;  // by bytes: behind a token all that are below it
  std::vector<int> places_;   // of each token in order_
  std::vector<int> ends_;     // of each place: the first behind it that is not below it
};

}  // namespace cairn::llama
