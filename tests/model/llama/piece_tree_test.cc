#include "model/llama/piece_tree.h"

#include <gtest/gtest.h>

namespace cairn::llama {
namespace {

std::vector<Token> below(const PieceTree& tree, Token token) {
  std::vector<Token> children;
  tree.append_children(token, children);
  return children;
}

using Tokens = std::vector<Token>;

//   a ─ ab ─ abc       b       "" alone
//   a ─ ac ─ acdd, acde
TEST(PieceTree, ATokenIsBelowTheLongestThatItBeginsWith) {
  const PieceTree tree({"ab", "b", "acde", "", "a", "abc", "ac", "acdd"});
  EXPECT_EQ(tree.roots(), (Tokens{3, 4, 1}));
  EXPECT_EQ(below(tree, 4), (Tokens{0, 6}));
  EXPECT_EQ(below(tree, 0), Tokens{5});
  EXPECT_EQ(below(tree, 6), (Tokens{7, 2}));
  for (const Token leaf : {1, 2, 3, 5, 7}) EXPECT_EQ(below(tree, leaf), Tokens{}) << leaf;
}

TEST(PieceTree, EqualPiecesAreBelowOneAnother) {
  const PieceTree tree({"a", "a", "", ""});
  EXPECT_EQ(tree.roots(), (Tokens{2, 3, 0}));
  EXPECT_EQ(below(tree, 0), Tokens{1});
  EXPECT_EQ(below(tree, 1), Tokens{});
}

// The first byte of a character that others go on with, as bytes: not by the signed char.
TEST(PieceTree, BytesOfCharactersAreBytes) {
  const PieceTree tree({"\xe2\x82\xac", "z", "\xe2"});
  EXPECT_EQ(tree.roots(), (Tokens{1, 2}));
  EXPECT_EQ(below(tree, 2), Tokens{0});
}

}  // namespace
}  // namespace cairn::llama
