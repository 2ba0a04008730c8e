#include "base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn::base {
namespace {

const std::vector<std::string> kNames = {"temperature", "top_k", "top_p", "samples", "Line"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("temprature", kNames), "temperature");    // one letter missing
  EXPECT_EQ(nearest("temperatture", kNames), "temperature");  // one too many
  EXPECT_EQ(nearest("smaples", kNames), "samples");           // two swapped
  EXPECT_EQ(nearest("line", kNames), "Line");                 // another case
  EXPECT_EQ(nearest("samples", kNames), "samples");
}

TEST(Nearest, TheFirstOfEqualsWins) {
  EXPECT_EQ(nearest("top_x", kNames), "top_k");
}

TEST(Nearest, ABeginningWillDo) {
  EXPECT_EQ(nearest("temp", kNames), "temperature");
  EXPECT_EQ(nearest("te", kNames), "");
}

TEST(Nearest, NothingIsNearSomethingElse) {
  EXPECT_EQ(nearest("zebra", kNames), "");
  EXPECT_EQ(nearest("", {}), "");
  EXPECT_EQ(nearest(std::string(100000, 'x'), kNames), "");
}

// A third of the longer name may differ: 3 of the 11 letters of "temperature", not 4.
TEST(Nearest, AThirdMayDiffer) {
  EXPECT_EQ(nearest("temperaXXX", kNames), "");
  EXPECT_EQ(nearest("temperatXXX", kNames), "temperature");
  EXPECT_EQ(nearest("temperXXXXX", kNames), "");
}

}  // namespace
}  // namespace cairn::base
