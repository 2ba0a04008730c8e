#include "cairn/match.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

const std::vector<std::string> kTruth = {"1", "2", "3", "4"};

// Three of four right, then one wrong. The texts are "1\n2\n3\n5\n" and "1\n2\n3\n4\n": one edit
// of 8.
TEST(MatchTest, AWrongEnd) {
  const Match found = match({"1", "2", "3", "5"}, kTruth);
  EXPECT_EQ(found.length, 4);
  EXPECT_EQ(found.right, 3);
  EXPECT_EQ(found.first_error, 3);
  EXPECT_EQ(found.edits, 1);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.75);
  EXPECT_DOUBLE_EQ(found.valid, 0.75);
  EXPECT_DOUBLE_EQ(found.similarity, 7.0 / 8);
  EXPECT_FALSE(found.sequence || found.final);
}

// Right again after an error: the places count as hits, not as right.
TEST(MatchTest, AWrongStepInTheMiddle) {
  const Match found = match({"1", "x", "3", "4"}, kTruth);
  EXPECT_EQ(found.right, 1);
  EXPECT_EQ(found.hits, 3);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.25);
  EXPECT_DOUBLE_EQ(found.ratio, 0.75);
  EXPECT_TRUE(found.final);
  EXPECT_FALSE(found.sequence);
}

// "3" is missing, so that "4" stands in its place: no hit there, but one edit mends it.
TEST(MatchTest, AMissingStep) {
  const Match found = match({"1", "2", "4"}, kTruth);
  EXPECT_EQ(found.first_error, 2);
  EXPECT_EQ(found.hits, 2);
  EXPECT_EQ(found.edits, 1);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(found.valid, 2.0 / 3);
  EXPECT_TRUE(found.final);
  EXPECT_FALSE(found.sequence);
}

TEST(MatchTest, OneStepTooMany) {
  const Match found = match({"1", "2", "3", "4", "4"}, kTruth);
  EXPECT_EQ(found.first_error, 4);
  EXPECT_EQ(found.length, 5);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.8);
  EXPECT_FALSE(found.sequence);
  EXPECT_TRUE(found.final);
}

TEST(MatchTest, NothingAndEverything) {
  const Match nothing = match({}, kTruth);
  EXPECT_EQ(nothing.first_error, 0);
  EXPECT_EQ(nothing.edits, 4);
  EXPECT_EQ(nothing.valid, 0);
  EXPECT_EQ(nothing.similarity, 0);
  const Match all = match({"Step 1: **1**.", "- 2", "  3 ", "'4'"}, kTruth);
  EXPECT_TRUE(all.sequence && all.final);
  EXPECT_EQ(all.first_error, -1);
  EXPECT_EQ(all.similarity, 1);
}

// kitten, sitting: the textbook's three edits, letter by letter.
TEST(MatchTest, EditsAreTheFewest) {
  const Match found = match({"k", "i", "t", "t", "e", "n"}, {"s", "i", "t", "t", "i", "n", "g"});
  EXPECT_EQ(found.edits, 3);
  EXPECT_DOUBLE_EQ(found.similarity, 1 - 4.0 / 14);  // the seventh line is two characters
}

TEST(MatchTest, LongTextsDoNotTakeLong) {
  const Match found = match({std::string(100000, 'a')}, {std::string(100000, 'b')});
  EXPECT_EQ(found.similarity, 0);
}

TEST(StepsInTest, LinesWithSomethingOnThem) {
  EXPECT_EQ(steps_in(" a b \n\n\t\nc\r\n"), (std::vector<std::string>{"a b", "c"}));
  EXPECT_TRUE(steps_in("").empty());
}

// Of four solutions of three steps: one is right, two fail at the second, one at the third.
TEST(HazardTest, FirstErrorsOfThoseThatGotThere) {
  const std::vector<std::string> truth = {"1", "2", "3"};
  const std::vector<Match> matches = {match({"1", "2", "3"}, truth), match({"1", "x", "3"}, truth),
                                      match({"1"}, truth), match({"1", "2", "x"}, truth)};
  const std::vector<Hazard> places = hazard(matches);
  ASSERT_EQ(places.size(), 3u);
  EXPECT_EQ(places[0].reached, 4);
  EXPECT_EQ(places[0].wrong, 0);
  EXPECT_EQ(places[1].reached, 4);
  EXPECT_EQ(places[1].wrong, 2);
  EXPECT_EQ(places[2].reached, 2);
  EXPECT_EQ(places[2].wrong, 1);
}

}  // namespace
}  // namespace cairn
