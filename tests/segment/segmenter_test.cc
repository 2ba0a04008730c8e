#include "cairn/segmenter.h"

#include <gtest/gtest.h>

#include <random>

#include "cairn/error.h"

namespace cairn {
namespace {

using Steps = std::vector<std::string>;

Steps split(std::string_view rule, std::string_view text) {
  return split_steps(*make_segmenter(rule), text);
}

TEST(Segmenter, ALineIsAStepAndBlankLinesGoWithTheNext) {
  EXPECT_EQ(split("line", "one\ntwo\n\n\nthree"), (Steps{"one\n", "two\n", "\n\nthree"}));
}

TEST(Segmenter, ABlankLineEndsAParagraph) {
  EXPECT_EQ(split("blank_line", "a\nb\n\n\nc\nd\n\n  e"), (Steps{"a\nb\n\n\n", "c\nd\n\n", "  e"}));
}

TEST(Segmenter, SentencesSurviveDecimalsAbbreviationsAndLists) {
  EXPECT_EQ(split("sentence", "So 3.5 is left. Then we stop! Why? Because."),
            (Steps{"So 3.5 is left. ", "Then we stop! ", "Why? ", "Because."}));
  EXPECT_EQ(split("sentence", "Mr. Smith met Dr. Who, e.g. on Monday. It rained."),
            (Steps{"Mr. Smith met Dr. Who, e.g. on Monday. ", "It rained."}));
  EXPECT_EQ(split("sentence", "1. First we add.\n2. Then we stop."),
            (Steps{"1. First we add.\n", "2. Then we stop."}));
  EXPECT_EQ(split("sentence", "He said \"Stop.\" Then he left."),
            (Steps{"He said \"Stop.\" ", "Then he left."}));
  EXPECT_EQ(split("sentence", "A title\nAnd a text."), (Steps{"A title\n", "And a text."}));
}

TEST(Segmenter, AFixedNumberOfTokens) {
  const auto rule = make_segmenter("tokens:3");
  const auto cursor = rule->start("");
  EXPECT_EQ(cursor->feed("ab"), std::nullopt);
  EXPECT_EQ(cursor->feed("c"), std::nullopt);
  EXPECT_EQ(cursor->feed("de"), 5u);
}

TEST(Segmenter, AMarkerStartsTheNextStep) {
  EXPECT_EQ(split("marker:Step", "Step 1: a Step 2: b Step 3"),
            (Steps{"Step 1: a ", "Step 2: b ", "Step 3"}));
  EXPECT_EQ(split("regex:Step \\d+:", "Step 1: a\nStep 2: b\nend\n"),
            (Steps{"Step 1: a\n", "Step 2: b\nend\n"}));
}

TEST(Segmenter, AThinkingSpanIsOneStep) {
  EXPECT_EQ(split("think", "<think>a\nb</think>answer"), (Steps{"<think>a\nb</think>", "answer"}));
  EXPECT_EQ(split("think", "so <think>a</think>b"), (Steps{"so ", "<think>a</think>", "b"}));
  const auto inside = make_segmenter("think")->start("<think>begun");
  EXPECT_EQ(inside->feed(" more</think>x"), 13u);
}

TEST(Segmenter, FencedCodeIsNotCut) {
  const std::string code = "```python\na = 1\n\nb = 2. Then\n```\n";
  EXPECT_EQ(split("line", "x\n" + code + "y\n"), (Steps{"x\n", code, "y\n"}));
  EXPECT_EQ(split("blank_line", code + "\ny"), (Steps{code + "\n", "y"}));
  EXPECT_EQ(split("sentence", code + "Done. Yes."), (Steps{code, "Done. ", "Yes."}));
  EXPECT_EQ(split("marker:b", code + "b"), (Steps{code, "b"}));
  EXPECT_EQ(split("line", "~~~~\n```\nx\n~~~~~\ny\n"), (Steps{"~~~~\n```\nx\n~~~~~\n", "y\n"}));
  // A step that starts inside a fence knows it from the text before.
  EXPECT_EQ(make_segmenter("line")->start("```\n")->feed("a\n```\n"), 6u);
}

TEST(Segmenter, UnknownNamesAreRefusedWithTheNearest) {
  try {
    make_segmenter("sentense");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_NE(std::string(error.what()).find("sentence"), std::string::npos);
  }
  for (const char* bad : {"tokens:0", "tokens:x", "tokens", "regex:(", "marker:", "line:3", ""})
    EXPECT_THROW(make_segmenter(bad), Error) << bad;
}

// What every rule owes: steps join to the text, none is empty, and chunks do not matter.
class SegmenterContract : public testing::TestWithParam<const char*> {};

std::string random_text(std::mt19937& rng) {
  static const char* kPieces[] = {"a",        "B c",  ". ",    "\n",      "\n\n",     "```\n",
                                  "~~~\n",    "3.5",  "Step ", "<think>", "</think>", "Dr. ",
                                  "\xc3\xa9", "\xff", "? ",    "1. ",     "\"",       "..."};
  std::string text;
  for (int i = static_cast<int>(rng() % 40); i > 0; --i)
    text += kPieces[rng() % std::size(kPieces)];
  return text;
}

TEST_P(SegmenterContract, StepsJoinToTheTextInAnyChunks) {
  std::mt19937 rng(5);
  const auto rule = make_segmenter(GetParam());
  for (int round = 0; round < 400; ++round) {
    const std::string text = random_text(rng);
    std::string joined;
    for (const std::string& step : split_steps(*rule, text)) {
      EXPECT_FALSE(step.empty());
      joined += step;
    }
    EXPECT_EQ(joined, text);
    const auto at_once = rule->start("")->feed(text);
    const auto bytewise = rule->start("");
    std::optional<std::size_t> boundary;
    for (std::size_t i = 0; i < text.size() && !boundary; ++i)
      boundary = bytewise->feed(text.substr(i, 1));
    EXPECT_EQ(at_once, boundary) << text;
    if (at_once) {
      EXPECT_GT(*at_once, 0u);
      EXPECT_LE(*at_once, text.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, SegmenterContract,
                         testing::Values("line", "blank_line", "sentence", "marker:Step",
                                         "regex:B|Step", "think", "none"));

}  // namespace
}  // namespace cairn
