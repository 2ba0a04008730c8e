#include "model/hub/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "cairn/error.h"
#include "testkit/environment.h"
#include "testkit/temp_dir.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(TryInChild, WorkThatEndsWellHasNoReason) {
  EXPECT_FALSE(try_in_child([] {}));
}

TEST(TryInChild, TellsWhatWasThrown) {
  const auto reason = try_in_child([] { throw std::runtime_error("no such tensor"); });
  EXPECT_EQ(reason, "no such tensor");
}

TEST(TryInChild, TellsTheAssertionThatEndedIt) {
  const auto reason = try_in_child([] {
    constexpr char text[] = "loading\n/src/x.cpp:7: GGML_ASSERT(n > 0) failed\nnote: bye\n";
    if (::write(STDERR_FILENO, text, sizeof text - 1) > 0) std::abort();
  });
  ASSERT_TRUE(reason);
  EXPECT_THAT(*reason, HasSubstr("it crashed (Aborted): GGML_ASSERT(n > 0) failed"));
}

TEST(TryInChild, ManyLinesOfOutputAreNoTrouble) {
  const auto reason = try_in_child([] {
    const std::string line(99, 'x');
    for (int i = 0; i < 20000; ++i)
      if (::write(STDERR_FILENO, (line + "\n").data(), 100) < 0) return;
    throw std::runtime_error("at the end");
  });
  EXPECT_EQ(reason, "at the end");
}

TEST(TryInChild, AHangEnds) {
  const auto reason = try_in_child([] { ::sleep(60); }, std::chrono::seconds(1));
  ASSERT_TRUE(reason);
  EXPECT_THAT(*reason, HasSubstr("longer than 1 s"));
}

TEST(TryInChild, AnInterruptIsNoFaultOfTheFile) {
  EXPECT_THROW((void)try_in_child([] { ::raise(SIGINT); }), Error);
}

// With a cache folder of its own.
class Notes : public testing::Test {
 protected:
  const testkit::TempDir folder_;

 private:
  const testkit::Variable cache_{"CAIRN_CACHE", folder_ / "cache"};
};

TEST_F(Notes, HoldAsLongAsTheFileIsTheSame) {
  const fs::path file = folder_ / "m.gguf";
  EXPECT_FALSE(is_noted(file, "engine 1"));  // not there
  std::ofstream(file) << "abc";
  EXPECT_FALSE(is_noted(file, "engine 1"));
  note(file, "engine 1");
  EXPECT_TRUE(is_noted(file, "engine 1"));
  EXPECT_FALSE(is_noted(file, "engine 2"));
  std::ofstream(file) << "abcd";
  EXPECT_FALSE(is_noted(file, "engine 1"));
}

TEST_F(Notes, AQuestionIsAskedOnceWhateverTheAnswer) {
  const fs::path file = folder_ / "m.gguf";
  std::ofstream(file) << "abc";
  int asked = 0;
  for (const bool answer : {true, false})
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(found_once(file, answer ? "good?" : "bad?", [&] { return ++asked, answer; }),
                answer);
  EXPECT_EQ(asked, 2);
  std::ofstream(file) << "abcd";
  EXPECT_TRUE(found_once(file, "bad?", [] { return true; }));
}

}  // namespace
}  // namespace cairn::hub
