// spec_reason on scripts: two models of which one drafts and the other grades. The contract that
// every recipe keeps is tests/recipes/catalog_test.cc.

#include <gtest/gtest.h>

#include "cairn/runner.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/transcript.h"

namespace cairn {
namespace {

using testkit::run;

// The first draft is graded 9 or 8 (expected 8.5), the second 1 or 2 (1.5).
const std::vector<ScriptLine> kLarge = {
    {"draft one.\n\n(Check of the last step above alone: is it correct, and does it follow from "
     "what "
     "stands before it? Style does not matter. Grade from 0, wrong, to 9, certainly right: [",
     {"9", "8"}},
    {"certainly right: [", {"1", "2"}},
    {"draft one.\n", {"The answer is 5.\n"}},
    {"<|assistant|>", {"large one.\n"}},
    {"large one.\n", {"The answer is 6.\n"}}};
const std::vector<ScriptLine> kSmall = {{"<|assistant|>", {"draft one.\n"}},
                                        {"one.\n", {"draft two.\n"}}};

struct TwoModelRun {
  Outcome outcome;
  std::string transcript;
  ModelCounters large, small;
};

TwoModelRun play(Settings settings) {
  ScriptedModel large(kLarge), small(kSmall);
  testkit::Transcript log;
  RunOptions options{.settings = std::move(settings)};
  options.draft = &small;
  options.log = &log;
  const Problem problem{.id = "p", .question = "2 + 3?"};
  Outcome outcome = run(run_problem(large, find_recipe("spec_reason"), problem, options));
  return {std::move(outcome), log.text(), large.counters(), small.counters()};
}

// "draft one." is kept, "draft two." refused, and the large model writes "The answer is 5." itself.
TEST(SpecReasonTest, GoodDraftsAreKeptAndBadOnesWrittenAnew) {
  const TwoModelRun got = play({});
  EXPECT_EQ(got.outcome.answer, "5");
  // 11 bytes a draft, 17 for the large model's own step.
  EXPECT_EQ(got.small.generated_tokens, 22);
  EXPECT_EQ(got.large.generated_tokens, 17);
  EXPECT_EQ(got.outcome.usage.generated_tokens, 39);
  EXPECT_EQ(got.outcome.nodes.size(), 3u);
  EXPECT_NEAR(*got.outcome.nodes[0].second.value, 8.5 / 9, 1e-5);
  EXPECT_NEAR(*got.outcome.nodes[1].second.value, 1.5 / 9, 1e-5);
  EXPECT_TRUE(got.outcome.nodes[0].second.chosen);
  EXPECT_FALSE(got.outcome.nodes[1].second.chosen);
}

// Above every grade: the large model writes everything.
TEST(SpecReasonTest, NoDraftIsGoodEnough) {
  const TwoModelRun got = play({{"threshold", "9"}});
  EXPECT_EQ(got.outcome.answer, "6");
}

TEST(SpecReasonTest, TheFirstStepsAreTheLargeModels) {
  const TwoModelRun got = play({{"first", "2"}});
  EXPECT_EQ(got.outcome.answer, "6");
  EXPECT_EQ(got.small.generated_tokens, 0);
}

// What both models read is counted once each: the large one never reads a kept draft twice.
TEST(SpecReasonTest, KeptDraftsAreReadOnce) {
  const TwoModelRun got = play({});
  EXPECT_EQ(got.large.evaluated_tokens, got.large.unique_tokens);
  EXPECT_EQ(got.outcome.usage.evaluated_tokens,
            got.large.evaluated_tokens + got.small.evaluated_tokens);
  EXPECT_GT(got.outcome.usage.judge_tokens, 0);
}

// Two drafts of 11 bytes; what the small model read and wrote is the draft's part, no more.
TEST(SpecReasonTest, DraftTokensAndDraftGeneratedAreTheSmallModels) {
  const TwoModelRun got = play({});
  EXPECT_EQ(got.outcome.usage.draft_generated, 22);
  EXPECT_EQ(got.outcome.usage.draft_generated, got.small.generated_tokens);
  EXPECT_EQ(got.outcome.usage.draft_tokens, got.small.evaluated_tokens);
  EXPECT_GT(got.outcome.usage.draft_tokens, 0);
  EXPECT_LT(got.outcome.usage.draft_tokens, got.outcome.usage.evaluated_tokens);
}

TEST(SpecReasonTest, ASecondModelThatNobodyUsesIsRefused) {
  ScriptedModel large(kLarge), small(kSmall);
  RunOptions options;
  options.draft = &small;
  const Problem problem{.id = "p", .question = "2 + 3?"};
  EXPECT_ANY_THROW(run(run_problem(large, find_recipe("cot"), problem, options)));
}

}  // namespace
}  // namespace cairn
