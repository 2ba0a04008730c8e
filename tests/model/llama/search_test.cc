// Searches on the embedded engine, several expansions in flight: told in the order in which they
// were asked for, they grow the same tree every time, and a recorded run replays to it.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "cairn/runner.h"
#include "model/llama/llama_model.h"
#include "model/recorded.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"
#include "testkit/tiny_gguf.h"

namespace cairn::llama {
namespace {

// What a search knows of every line in its tree, by the line's tokens.
class TreeLog : public TraceLog {
 public:
  using Line = std::vector<Token>;
  std::map<Line, NodeStats> tree;
  std::size_t steps = 0;

  void begin(const Problem&, const std::string&, std::uint64_t) override {}
  void step(const Problem&, const StepRecord& record) override {
    Line& line = lines_[record.id] = lines_[record.parent];
    line.insert(line.end(), record.step->tokens.begin(), record.step->tokens.end());
    ++steps;
  }
  void reward(const Problem&, std::uint64_t, const std::string&, float, const Usage&) override {}
  void node(const Problem&, std::uint64_t step, const NodeStats& stats) override {
    tree[lines_.at(step)] = stats;
  }
  void end(const Problem&, const Outcome&) override {}

 private:
  std::map<std::uint64_t, Line> lines_;
};

TreeLog grown(LanguageModel& model, const std::string& recipe, Settings settings) {
  TreeLog log;
  settings["in_order"] = "true";
  RunOptions options{.settings = std::move(settings), .segmenter = "tokens:5"};
  options.max_trace_tokens = 15;
  options.log = &log;
  const Problem problem{.id = "tiny", .question = "How many?"};
  testkit::run(run_problem(model, find_recipe(recipe), problem, options));
  return log;
}

// The text of every line, and how many tokens their steps have.
class TextLog : public TraceLog {
 public:
  std::map<std::uint64_t, std::string> texts;
  std::int64_t tokens = 0;

  void begin(const Problem&, const std::string&, std::uint64_t) override {}
  void step(const Problem&, const StepRecord& record) override {
    texts[record.id] = texts[record.parent] + record.step->text;
    tokens += static_cast<std::int64_t>(record.step->tokens.size());
  }
  void reward(const Problem&, std::uint64_t, const std::string&, float, const Usage&) override {}
  void end(const Problem&, const Outcome&) override {}
};

// Of random weights comes anything; the steps are legal all the same, and most of their tokens are
// given.
TEST(EngineSearch, WithLegalMovesOnlyEveryStepIsOne) {
  const testkit::TempDir dir;
  const auto model = make_llama_model({.path = testkit::write_tiny_gguf(dir / "", {}),
                                       .context_tokens = 4096,
                                       .rows = 8,
                                       .threads = 1});
  const std::pair<std::string, std::string> tasks[] = {
      {"game24:moves=legal", "4 6 8 8"},
      {"blocksworld:moves=legal",
       "Blocks: a, b, c. Initial state: clear a, clear c, handempty, on a b, ontable b, ontable c. "
       "Goal: on c a."}};
  for (const auto& [name, question] : tasks) {
    TextLog log;
    RunOptions options{.settings = {{"samples", "4"}}, .task = &find_task(name)};
    options.log = &log;
    options.max_trace_tokens = 200;
    const Problem problem{.id = "tiny", .question = question};
    const Outcome outcome =
        testkit::run(run_problem(*model, find_recipe("best_of_n"), problem, options));
    EXPECT_GT(log.texts.size(), 8u);
    for (const auto& [id, text] : log.texts) {
      const TaskState state = options.task->read(problem, text);
      EXPECT_EQ(state.broken, "") << text;
      EXPECT_EQ(state.moves, std::count(text.begin(), text.end(), '\n')) << text;
    }
    EXPECT_LT(outcome.usage.generated_tokens, log.tokens / 2) << name;
  }
}

TEST(EngineSearch, InOrderItIsTheSameEveryTimeAndReplays) {
  const testkit::TempDir dir;
  const LlamaOptions options{.path = testkit::write_tiny_gguf(dir / "", {}),
                             .context_tokens = 256,
                             .rows = 16,
                             .threads = 1};
  const std::pair<std::string, Settings> searches[] = {
      {"best_first", {{"expansions", "3"}, {"max_expanded", "8"}}},
      {"mcts", {{"iterations", "6"}}}};
  for (const auto& [recipe, settings] : searches) {
    const auto model = make_llama_model(options);
    ASSERT_TRUE(model->info().reproducible) << model->info().notes;
    const TreeLog first = grown(*model, recipe, settings);
    EXPECT_GT(first.tree.size(), 8u) << recipe;
    const std::filesystem::path file = dir / (recipe + ".jsonl");
    TreeLog recorded;
    {
      RecordingModel recording(*model, file);
      recorded = grown(recording, recipe, settings);
    }
    EXPECT_EQ(recorded.tree, first.tree) << recipe;
    ReplayModel replay(file);
    const TreeLog replayed = grown(replay, recipe, settings);
    EXPECT_EQ(replayed.tree, first.tree) << recipe;
    EXPECT_EQ(replayed.steps, first.steps) << recipe;
  }
}

}  // namespace
}  // namespace cairn::llama
