// The tree that `cairn solve` draws on a terminal, read back from what it wrote.

#include "app/live_tree.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "base/columns.h"
#include "testkit/sample_run.h"

namespace cairn::app {
namespace {

class LiveTreeTest : public testing::Test {
 protected:
  ~LiveTreeTest() override { std::fclose(file_); }

  void step(std::uint64_t id, std::uint64_t parent, const std::string& text) {
    const Step step = testkit::sample_step(text);
    tree_.step(problem_, {.id = id, .parent = parent, .step = &step});
  }
  std::string written() {
    std::string text(static_cast<std::size_t>(std::ftell(file_)), '\0');
    std::rewind(file_);
    EXPECT_EQ(std::fread(text.data(), 1, text.size(), file_), text.size());
    return text;
  }

  boost::asio::io_context io_;
  std::FILE* file_ = std::tmpfile();
  LiveTree tree_{io_, file_, /*terminal=*/true, /*colour=*/false};
  const Problem problem_ = testkit::sample_problem("p");
};

// What is no terminal has 100 columns.
TEST_F(LiveTreeTest, NoLineIsWiderThanTheScreen) {
  tree_.begin(problem_, "beam", 1);
  for (std::uint64_t level = 0; level < 60; ++level)  // two children at each level
    for (const std::uint64_t child : {2 * level + 1, 2 * level + 2})
      step(child, level == 0 ? 0 : 2 * level, std::string(200, 'x') + "\xe6\xbc\xa2\xe6\xbc\xa2");
  Outcome outcome;
  tree_.end(problem_, outcome);
  std::istringstream lines(std::regex_replace(written(), std::regex("\x1b\\[[0-9?]*[A-Za-z]"), ""));
  int shown = 0;
  for (std::string line; std::getline(lines, line); ++shown) {
    line.erase(0, line.find_first_not_of('\r'));
    // Deeper than the screen is wide a line keeps 16 columns of its text and is cut by the
    // terminal.
    EXPECT_LE(base::columns(line), std::max<std::size_t>(100, 2 * 60 + 2 + 16));
  }
  EXPECT_EQ(shown, 1 + 120);
}

TEST_F(LiveTreeTest, WrappingIsOffOnlyWhileItDraws) {
  testkit::log_sample_run(tree_, "p");
  const std::string text = written();
  const auto off = text.rfind("\x1b[?7l"), on = text.rfind("\x1b[?7h");
  ASSERT_NE(off, std::string::npos);
  ASSERT_NE(on, std::string::npos);
  EXPECT_LT(off, on);
  EXPECT_EQ(text.find('\x1b', on + 1), std::string::npos);
  EXPECT_NE(text.find("The answer is 72. = 72"), std::string::npos);
  EXPECT_EQ(text.find("\x1b[31m"), std::string::npos);  // what the model wrote
}

TEST_F(LiveTreeTest, StepsThatEndTogetherAreDrawnOnceAndTheLastOneIsDrawn) {
  tree_.begin(problem_, "cot", 1);
  for (std::uint64_t id = 1; id <= 5; ++id) step(id, id - 1, "step " + std::to_string(id));
  io_.run();  // until the drawing is done
  const std::string text = written();
  EXPECT_EQ(text.find("step 1"), text.rfind("step 1"));
  EXPECT_NE(text.find("step 5"), std::string::npos);
}

}  // namespace
}  // namespace cairn::app
