#include "cairn/choose.h"

#include <gtest/gtest.h>

#include "cairn/recipe.h"
#include "cairn/runner.h"
#include "model/scripted.h"
#include "testkit/run.h"

namespace cairn {
namespace {

Outcome best_of_eight(std::vector<std::string> lines) {
  ScriptedModel model({{"<|assistant|>", std::move(lines)}});
  const Problem problem{.id = "toy", .question = "2 + 2?"};
  RunOptions options{.settings = {{"samples", "8"}}};
  return testkit::run(run_problem(model, find_recipe("best_of_n"), problem, options));
}

// How many lines there were is known also where some came to nothing: pass@k counts them.
TEST(ChosenByJudge, LinesWithoutAnAnswerAreKept) {
  const Outcome outcome = best_of_eight({"The answer is 4.\n", "Hm.\n"});
  EXPECT_EQ(outcome.answer, "4");
  ASSERT_EQ(outcome.traces.size(), 8u);
  int answered = 0;
  for (const FinishedTrace& finished : outcome.traces) {
    EXPECT_EQ(finished.reward > 0, finished.trace.answer().has_value());
    answered += finished.trace.answer().has_value();
  }
  EXPECT_GT(answered, 0);
  EXPECT_LT(answered, 8);
}

TEST(ChosenByJudge, WithoutAnAnswerThereIsNone) {
  const Outcome outcome = best_of_eight({"Hm.\n"});
  EXPECT_FALSE(outcome.answer);
  EXPECT_EQ(outcome.traces.size(), 8u);
}

}  // namespace
}  // namespace cairn
