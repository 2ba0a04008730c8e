// rap on scripts: rewards worked out by hand, and a plan that only search finds. The contract that
// every recipe keeps is tests/recipes/catalog_test.cc.

#include <gtest/gtest.h>

#include <cmath>

#include "cairn/model_policy.h"
#include "cairn/runner.h"
#include "cairn/search.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/transcript.h"

namespace cairn {
namespace {

using testkit::run;

Outcome play(const std::vector<ScriptLine>& script, RunOptions options, const Problem& problem) {
  ScriptedModel model(script);
  return run(run_problem(model, find_recipe("rap"), problem, std::move(options)));
}

// One useful question (P(A) = 3/4) with an answer that 1 of 1 samples gives, and the closing one.
//   question  sqrt(0.75 * 0.8)    answer  sqrt(0.75 * 1) = 0.866
//   closing   sqrt(0.75 * 0.8)    answer  0.866; the path's mean is 0.866
TEST(RapTest, RewardsByHand) {
  const std::vector<ScriptLine> script = {{"Verdict: [", {"A", "A", "A", "B"}},
                                          {"Question 1:", {" How many first?\n"}},
                                          {"Answer 1:", {" 24 it is.\n"}},
                                          {"In the end,", {" in all?\n"}},
                                          {"Answer 2:", {" The answer is 72.\n"}}};
  const Problem problem{.id = "p", .question = "48 and its half?"};
  const Outcome got = play(script, {.settings = {{"depth", "2"}, {"choose", "best"}}}, problem);
  EXPECT_EQ(got.answer, "72");
  EXPECT_NEAR(got.confidence, std::sqrt(0.75), 1e-5);
  ASSERT_EQ(got.traces.size(), 1u);
  EXPECT_EQ(got.traces[0].trace.text(),
            "Question 1: How many first?\nAnswer 1: 24 it is.\n"
            "Question 2: In the end, in all?\nAnswer 2: The answer is 72.\n");
}

// Of eight samples of an answer most say 24: it becomes the state, with its share.
TEST(RapTest, AStateIsWhatMostSamplesSay) {
  const std::vector<ScriptLine> script = {
      {"Answer 1:", {" It is 24.\n", " 24.\n", " 48 / 2 = 24.\n", " 96?\n"}}};
  ScriptedModel model(script);
  Budget budget;
  ModelPolicy policy(model,
                     {.prompt = parse_prompt("t", "## user\n{question}"),
                      .segmenter = make_segmenter("line"),
                      .sampling = {.temperature = 1}},
                     budget, nullptr, 3);
  const Problem problem{.id = "p", .question = "q"};
  int most = 0, rounds = 0;
  for (std::uint64_t ordinal = 0; ordinal < 40; ++ordinal) {
    struct NoJudge : Judge {
      std::string name() const override { return "none"; }
      asio::awaitable<std::vector<Verdict>> score(const Problem&, std::span<const Trace> traces,
                                                  Budget&) override {
        co_return std::vector<Verdict>(traces.size());
      }
    } judge;
    Toolbox tools;
    Kit kit{policy, policy, judge, tools, budget, 1};
    Step step;
    step.seed = ordinal;
    const Trace from = Trace().extended(step);
    const search::Voted voted =
        run(search::voted_step(kit, problem, from, {.begin = "Answer 1:"}, 8, 2));
    EXPECT_GE(voted.share, 0.25f);
    EXPECT_EQ(voted.trace.depth(), 2u);
    most += voted.trace.last().text.find("24") != std::string::npos;
    ++rounds;
  }
  EXPECT_GT(most, rounds * 3 / 4);  // a single sample would say 24 three times in four
}

// Blocksworld with a model that knows only first moves and where each leads: a plan of two moves.
TEST(RapTest, MovesReachAGoal) {
  const Problem problem{.id = "b",
                        .question =
                            "Blocks: a, b. Initial state: clear a, clear b, handempty, ontable a, "
                            "ontable b. Goal: on a b. Actions: pick-up x, put-down x, stack x y, "
                            "unstack x y. Give a plan."};
  const std::vector<ScriptLine> script = {
      {"<|assistant|>", {"(pick-up b)\n", "(pick-up a)\n", "(stack a b)\n"}},
      {"(pick-up b)\n", {"(put-down b)\n", "(stack b a)\n"}},
      {"(pick-up a)\n", {"(stack a b)\n", "(put-down a)\n"}},
      {"Verdict: [", {"A", "B"}}};
  RunOptions options{.settings = {{"world", "moves"}, {"depth", "2"}, {"actions", "8"}}};
  options.task = &find_task("blocksworld");
  const Outcome got = play(script, options, problem);
  EXPECT_EQ(got.answer, "(pick-up a) (stack a b)");
}

}  // namespace
}  // namespace cairn
