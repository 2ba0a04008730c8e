// Steps that are one of some given texts.

#include "cairn/choice.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

const std::vector<std::string> kMoves = {"4 + 6 = 10\n", "4 + 8 = 12\n", "6 - 4 = 2\n"};

std::optional<std::size_t> boundary(const std::string& text) {
  const auto cursor = choice_segmenter(kMoves)->start("");
  for (std::size_t i = 0; i < text.size(); ++i)
    if (const auto end = cursor->feed(text.substr(i, 1))) return end;
  return {};
}

TEST(Choice, AStepEndsWhereOnlyOneTextIsLeft) {
  EXPECT_EQ(boundary("4 + "), std::nullopt);
  EXPECT_EQ(boundary("4 + 6 = 10\n"), 5u);
  EXPECT_EQ(boundary("6 - 4 = 2\n"), 1u);
  EXPECT_EQ(choice_segmenter({"only"})->start("")->feed("on"), 2u);
  EXPECT_NE(choice_segmenter({"a", "b"})->name(), choice_segmenter({"a", "c"})->name());
}

TEST(Choice, TheRestIsGivenWhereOneTextBeginsSo) {
  EXPECT_EQ(rest_of_choice(kMoves, "4 + 8"), " = 12\n");
  EXPECT_EQ(rest_of_choice(kMoves, "4"), "");
  EXPECT_EQ(rest_of_choice(kMoves, "5"), "");
}

TEST(Choice, TheGrammarSpellsTheTexts) {
  EXPECT_EQ(choice_grammar({"a\n", "say \"b\\\""}), R"(root ::= "a\n" | "say \"b\\\"")");
  EXPECT_EQ(choice_grammar({}), "");
}

}  // namespace
}  // namespace cairn
