#include "base/columns.h"

#include <gtest/gtest.h>

namespace cairn::base {
namespace {

const std::string kHan = "\xe6\xbc\xa2";       // two columns
const std::string kAcute = "e\xcc\x81";        // e and a mark over it: one
const std::string kFace = "\xf0\x9f\x98\x80";  // two
const std::string kMark = "\xe2\x80\xa6";      // "…"

TEST(Columns, AreTwoForWideCharactersAndNoneForMarks) {
  EXPECT_EQ(columns(""), 0u);
  EXPECT_EQ(columns("a" + kHan + kAcute + kFace), 6u);
}

TEST(Columns, ClippedCutsNoCharacterInTwo) {
  EXPECT_EQ(clipped("abcd", 4), "abcd");
  EXPECT_EQ(clipped("abcde", 4), "abc" + kMark);
  EXPECT_EQ(clipped(kHan + kHan, 4), kHan + kHan);
  EXPECT_EQ(clipped(kHan + kHan, 3), kHan + kMark);
  EXPECT_EQ(clipped(kHan + kHan, 2), kMark);
  EXPECT_EQ(clipped(kAcute + kFace, 3), kAcute + kFace);
  EXPECT_EQ(clipped(kAcute + kFace, 2), kAcute + kMark);
}

}  // namespace
}  // namespace cairn::base
