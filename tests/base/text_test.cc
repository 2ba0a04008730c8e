#include "base/text.h"

#include <gtest/gtest.h>

namespace cairn::base {
namespace {

TEST(Text, PrintableLeavesNothingThatATerminalObeys) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\xef\xbf\xbd[2Jb");
  EXPECT_EQ(printable("\xc3\xa9\n\t\xe2\x82\xac"), "\xc3\xa9\n\t\xe2\x82\xac");
  EXPECT_EQ(one_line(" a\n\tb\x1b\n"), "a  b\xef\xbf\xbd");
  EXPECT_EQ(printable("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\xef\xbf\xbd"
            "31m");  // C1 control
  EXPECT_EQ(printable("\xe2\x80\xae"
                      "abc"),
            "\xef\xbf\xbd"
            "abc");  // right-to-left override
}

TEST(Text, Utf8LengthRefusesWhatIsMalformed) {
  EXPECT_EQ(utf8_length("a"), 1u);
  EXPECT_EQ(utf8_length("\xf0\x9f\x98\x80"), 4u);
  EXPECT_EQ(utf8_length("\xc0\x80"), 0u);      // overlong
  EXPECT_EQ(utf8_length("\xed\xa0\x80"), 0u);  // surrogate
  EXPECT_EQ(utf8_length("\xe2\x82"), 0u);      // torn
}

TEST(Text, TrimAndLower) {
  EXPECT_EQ(trim(" \n a b\t"), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_EQ(lower("AbC\xc3\x89"), "abc\xc3\x89");
}

}  // namespace
}  // namespace cairn::base
