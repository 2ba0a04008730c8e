// Judges on traces made by hand, and self_eval on a script.

#include "cairn/judges.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cairn/error.h"
#include "cairn/model_policy.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/traces.h"

namespace cairn {
namespace {

using testkit::run;
using testkit::step;

const Problem kProblem{.id = "toy/1", .question = "2 + 2 = ?", .answer = "4"};
const Problem kNumbers{.id = "toy/2", .question = "4 6"};

std::vector<Verdict> scored(std::string_view name, const std::vector<Trace>& traces,
                            std::vector<ScriptLine> script = {}, Limits limits = {}) {
  ScriptedModel model(std::move(script));
  const bool exact = name == "exact";
  Budget budget(limits);
  ModelPolicyOptions options{.prompt = prompt_named("sample/cot"),
                             .segmenter = make_segmenter("line")};
  ModelPolicy policy(model, std::move(options), budget, nullptr, 1);
  const std::unique_ptr<Judge> judge =
      make_judge(name, {.model = &model,
                        .task = exact ? &find_task("game24") : nullptr,
                        .policy = &policy,
                        .seed = 1});
  return run(judge->score(exact ? kNumbers : kProblem, traces, budget));
}

// Steps of 1 and 3 tokens: the outcome is the mean over tokens, not over steps.
TEST(LogprobJudgeTest, IsTheGeometricMeanOfTheTokensProbabilities) {
  const float half = std::log(0.5f), quarter = std::log(0.25f);
  const Trace trace =
      Trace().extended(step("a", {half})).extended(step("b", {quarter, quarter, quarter}));
  const auto verdicts = scored("logprob", {trace, Trace()});
  ASSERT_EQ(verdicts.size(), 2u);
  ASSERT_EQ(verdicts[0].process.size(), 2u);
  EXPECT_NEAR(verdicts[0].process[0], 0.5, 1e-6);
  EXPECT_NEAR(verdicts[0].process[1], 0.25, 1e-6);
  EXPECT_NEAR(verdicts[0].outcome, std::pow(0.5, 0.25) * std::pow(0.25, 0.75), 1e-6);
  EXPECT_EQ(verdicts[1].outcome, 0);  // nothing was said
}

TEST(LogprobJudgeTest, WhatAToolWroteIsLeftOut) {
  Step output = step("72\n", {0, 0, 0});
  output.tool = {.tool = "python"};
  const Trace trace = Trace().extended(step("a", {std::log(0.5f)})).extended(output);
  for (const char* name : {"logprob", "self_certainty"}) {
    const Verdict verdict = scored(name, {trace})[0];
    EXPECT_NEAR(verdict.outcome, 0.5, 1e-6) << name;
    EXPECT_EQ(verdict.process, std::vector<float>(2, verdict.process[0])) << name;
  }
}

// testkit::step gives each token a certainty of 1 nat: 1 / (1 + 1).
TEST(SelfCertaintyJudgeTest, KeepsTheOrderInsideZeroAndOne) {
  const Trace trace = Trace().extended(step("a", {-1, -2}));
  EXPECT_NEAR(scored("self_certainty", {trace})[0].outcome, 0.5, 1e-6);
  Step sure = step("a", {-1});
  sure.certainties = {9};
  const Trace surer = Trace().extended(sure);
  EXPECT_NEAR(scored("self_certainty", {surer})[0].outcome, 0.9, 1e-6);
}

// The script goes on after "(" with A twice as often as with B.
TEST(SelfEvalJudgeTest, IsTheShareOfTheLabelCorrect) {
  const std::vector<ScriptLine> script = {{"(", {"A)", "A)", "B)"}}};
  const auto verdicts = scored("self_eval", testkit::answered({"4", "5"}), script);
  EXPECT_NEAR(verdicts[0].outcome, 2.0 / 3, 1e-6);
  EXPECT_NEAR(verdicts[1].outcome, 2.0 / 3, 1e-6);
}

TEST(SelfEvalJudgeTest, ASpentBudgetLeavesZero) {
  const auto verdicts =
      scored("self_eval", {testkit::answered(std::string("4"))}, {}, {.model_calls = 0});
  EXPECT_EQ(verdicts[0].outcome, 0);
}

// The value of game24: 1 when 24 is reached, 0.5 while it can be, 0 otherwise.
TEST(ExactJudgeTest, IsTheTasksValue) {
  ScriptedModel model({});
  const std::unique_ptr<Judge> judge = make_judge("exact", {.task = &find_task("game24")});
  const Problem problem{.id = "p", .question = "4 6"};
  const std::vector<Trace> traces = {Trace(), Trace().extended(step("4 * 6 = 24 (left: 24)\n")),
                                     Trace().extended(step("4 + 6 = 10 (left: 10)\n"))};
  Budget budget;
  const auto verdicts = run(judge->score(problem, traces, budget));
  EXPECT_EQ(verdicts[0].outcome, 0.5f);
  EXPECT_EQ(verdicts[1].outcome, 1);
  EXPECT_EQ(verdicts[2].outcome, 0);
  EXPECT_THROW(make_judge("exact", {}), Error);
}

// Steps: nothing to compute, true, false.
TEST(ProgramCheckJudgeTest, AFalseEquationTakesTheStepAndTheTraceToZero) {
  const Trace plain = Trace().extended(step("She has some apples.\n"));
  const Trace sound = plain.extended(step("2 * 3 = 6 apples.\n"));
  const Trace wrong = sound.extended(step("6 + 5 = 12 apples.\n"));
  const auto verdicts = scored("program_check", {Trace(), plain, sound, wrong});
  EXPECT_EQ(verdicts[0].outcome, 0.5f);
  EXPECT_EQ(verdicts[1].outcome, 0.5f);
  EXPECT_EQ(verdicts[2].outcome, 1);
  EXPECT_EQ(verdicts[3].process, (std::vector<float>{0.5f, 1, 0}));
  EXPECT_EQ(verdicts[3].outcome, 0);
}

// The contract of every judge: one verdict a trace, in [0, 1], and alone as in a batch.
TEST(JudgeContractTest, ABatchIsItsTracesOneByOne) {
  const std::vector<ScriptLine> script = {
      {"(", {"A)", "B)"}},
      {"<|assistant|>", {"It is \\boxed{0}.", "It is \\boxed{-1}.", "The answer is 4.\n"}}};
  std::vector<Trace> traces = testkit::answered({"4", "", "5"});
  traces.push_back(Trace().extended(step("some text", {-0.3f, -2})));
  for (const JudgeInfo& info : judge_list()) {
    const auto together = scored(info.name, traces, script);
    ASSERT_EQ(together.size(), traces.size()) << info.name;
    EXPECT_TRUE(scored(info.name, std::vector<Trace>(), script).empty());
    for (std::size_t i = 0; i < traces.size(); ++i) {
      const Verdict alone = scored(info.name, {traces[i]}, script)[0];
      EXPECT_EQ(together[i].outcome, alone.outcome) << info.name;
      EXPECT_EQ(together[i].process, alone.process) << info.name;
      EXPECT_GE(alone.outcome, 0) << info.name;
      EXPECT_LE(alone.outcome, 1) << info.name;
    }
  }
}

TEST(MakeJudgeTest, AnUnknownNameIsRefusedWithTheNearest) {
  ScriptedModel model({{"(", {"A"}}, {"", {"B"}}});
  try {
    make_judge("self_evla", {.model = &model});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_NE(std::string(error.what()).find("self_eval"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cairn
