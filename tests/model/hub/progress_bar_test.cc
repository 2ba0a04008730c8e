#include "model/hub/progress_bar.h"

#include <gtest/gtest.h>

namespace cairn::hub {
namespace {

TEST(SizeText, ChoosesTheUnit) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(999), "999 bytes");
  EXPECT_EQ(size_text(1000), "1 kB");
  EXPECT_EQ(size_text(1500000), "1.5 MB");
  EXPECT_EQ(size_text(491400064), "491 MB");
  EXPECT_EQ(size_text(7200000000), "7.2 GB");
}

// 100 of 400 MB at 20 MB/s: a quarter of 24 columns, and 300 / 20 = 15 s to go.
TEST(ProgressLine, TellsHowFarHowFastHowLong) {
  EXPECT_EQ(progress_line("m", 100000000, 400000000, 20000000),
            "m  [======>                 ]  100 MB of 400 MB  20 MB/s  15 s left");
  EXPECT_EQ(progress_line("m", 0, 400000000, 1000000),
            "m  [>                       ]  0 bytes of 400 MB  1.0 MB/s  6 min 40 s left");
  EXPECT_EQ(progress_line("m", 0, 7200000000, 1000000),
            "m  [>                       ]  0 bytes of 7.2 GB  1.0 MB/s  2 h 00 min left");
}

TEST(ProgressLine, LeavesOutASpeedThatIsNotKnown) {
  EXPECT_EQ(progress_line("m", 0, 400000000, 0),
            "m  [>                       ]  0 bytes of 400 MB");
}

TEST(ProgressLine, IsFullAtTheEndAndNeverFuller) {
  EXPECT_EQ(progress_line("m", 400000000, 400000000, 0),
            "m  [========================]  400 MB of 400 MB");
  EXPECT_EQ(progress_line("m", 500000000, 400000000, 0),
            "m  [========================]  500 MB of 400 MB");
}

}  // namespace
}  // namespace cairn::hub
