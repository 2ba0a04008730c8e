// Control groups: where one is made, on a tree of plain files; and that its limits hold, where this
// machine lets us make one.

#include "tool/control_group.h"

#include <gtest/gtest.h>

#include "testkit/program.h"
#include "testkit/temp_dir.h"

namespace cairn::tool {
namespace {

namespace fs = std::filesystem;

class ControlGroupTest : public testing::Test {
 protected:
  void add(const std::string& group, const std::string& hands_on) {
    fs::create_directories(root_ / group);
    testkit::write_text(root_ / group / "cgroup.subtree_control", hands_on);
    testkit::write_text(root_ / group / "cgroup.procs", "");
  }
  // The folder of a group made for a process in /a/b, from the root; empty: none was made.
  std::string made() {
    const auto group = ControlGroup::make_below(root_ / "", "/a/b", 1000, 7);
    if (!group) return "";
    const fs::path folder = group->door().parent_path();
    EXPECT_EQ(testkit::read_text(folder / "memory.max"), "1000");
    EXPECT_EQ(testkit::read_text(folder / "memory.swap.max"), "0");
    EXPECT_EQ(testkit::read_text(folder / "pids.max"), "7");
    return fs::relative(folder.parent_path(), root_ / "").string();
  }
  testkit::TempDir root_;
};

TEST_F(ControlGroupTest, IsMadeBelowTheNearestGroupThatHandsLimitsOn) {
  add(".", "cpu io memory pids");
  add("a", "cpu");
  add("a/b", "");
  EXPECT_EQ(made(), ".");
  add("a", "memory pids");
  EXPECT_EQ(made(), "a");
  add("a/b", "pids memory");
  EXPECT_EQ(made(), "a/b");
}

TEST_F(ControlGroupTest, IsNotMadeWhereNoneHandsThemOn) {
  add(".", "cpu io memory");
  add("a", "pids");
  add("a/b", "");
  EXPECT_EQ(made(), "");
}

TEST_F(ControlGroupTest, ALimitOfMemoryIsInForceHere) {
  const auto group = ControlGroup::make(32u << 20, 16);
  if (!group) GTEST_SKIP() << "no cgroup v2 can be written here";
  const std::string script = "echo 0 >" + group->door().string() + "; exec python3 -c '" +
                             "print(len(bytearray(16 << 20)), flush=True); " +
                             "print(len(bytearray(64 << 20)))'";
  const testkit::Finished got = testkit::Program("/bin/sh", {"-c", script}, {}, "").wait();
  EXPECT_EQ(got.out, "16777216\n");
  EXPECT_NE(got.exit_code, 0);
}

TEST_F(ControlGroupTest, ALimitOfProcessesIsInForceAndNothingIsLeft) {
  fs::path folder;
  {
    const auto group = ControlGroup::make(64u << 20, 4);
    if (!group) GTEST_SKIP() << "no cgroup v2 can be written here";
    folder = group->door().parent_path();
    const std::string script = "echo 0 >" + group->door().string() +
                               "; for i in 1 2 3 4 5 6; do sleep 100 & echo $i; done; true";
    const testkit::Finished got = testkit::Program("/bin/sh", {"-c", script}, {}, "").wait();
    EXPECT_EQ(got.out.find('6'), std::string::npos) << got.out;
    EXPECT_NE(got.out.find('3'), std::string::npos) << got.out;
  }
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace cairn::tool
