// The judges that ask a model, on scripts: what they show it, and what they make of its replies.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "cairn/error.h"
#include "cairn/judges.h"
#include "cairn/model_policy.h"
#include "cairn/prompt.h"
#include "judge/preset.h"
#include "judge/statements.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"
#include "testkit/traces.h"

namespace cairn {
namespace {

using testkit::run;
using testkit::step;
using Floats = std::vector<float>;

const Problem kSum{.id = "toy/1", .question = "2 + 2 + 1 = ?"};

Trace chain(const std::vector<std::string>& steps) {
  Trace trace;
  for (const std::string& text : steps) trace = trace.extended(step(text));
  return trace;
}

// A judge over a script, with the budget it spends from.
struct Asked {
  explicit Asked(std::string_view written, std::vector<ScriptLine> script, Limits limits = {})
      : model(std::move(script)),
        budget(limits),
        judge(make_judge(written, {.model = &model, .seed = 1})) {}
  Verdict score(const Trace& trace) {
    const std::vector<Trace> traces = {trace};
    return run(judge->score(kSum, traces, budget))[0];
  }
  ScriptedModel model;
  Budget budget;
  std::unique_ptr<Judge> judge;
};

// ---- prm: the text that a process reward model reads is the preset's, byte for byte

TEST(PrmJudgeTest, TagsAreReadBehindEachStep) {
  const std::string first = "2 + 2 + 1 = ? 2 + 2 = 4 ки";
  Asked asked("prm:preset=math_shepherd",
              {{first, {"+", "+", "+", "-"}}, {first + "\n4 + 1 = 6 ки", {"+", "-", "-", "-"}}});
  const Verdict verdict = asked.score(chain({"2 + 2 = 4\n", "4 + 1 = 6\n"}));
  EXPECT_EQ(verdict.process, (Floats{0.75f, 0.25f}));
  EXPECT_EQ(verdict.outcome, 0.25f);
}

TEST(PrmJudgeTest, TurnsHoldOneStepEach) {
  const std::string first = "<|user|>2 + 2 + 1 = ? 2 + 2 = 4<|assistant|>";
  Asked asked("prm:preset=rlhflow",
              {{first, {"+", "+", "+", "-"}},
               {first + "+<|user|>4 + 1 = 6<|assistant|>", {"+", "-", "-", "-"}}});
  const Verdict verdict = asked.score(chain({"2 + 2 = 4\n", "4 + 1 = 6\n"}));
  EXPECT_EQ(verdict.process, (Floats{0.75f, 0.25f}));
  EXPECT_EQ(verdict.outcome, 0.5f);  // the preset's mean
}

// 0.75 and 0.25: min 0.25, product 0.1875, mean 0.5, last 0.25, weighted (0.75 + 2 * 0.25) / 3.
TEST(PrmJudgeTest, AggregatesAreChosenByName) {
  const std::string first = "2 + 2 + 1 = ? a ки";
  const std::vector<ScriptLine> script = {{first, {"+", "+", "+", "-"}},
                                          {first + "\nb ки", {"+", "-", "-", "-"}}};
  const std::map<std::string, float> expected = {{"min", 0.25f},
                                                 {"product", 0.1875f},
                                                 {"mean", 0.5f},
                                                 {"last", 0.25f},
                                                 {"weighted", 1.25f / 3}};
  for (const auto& [name, value] : expected)
    EXPECT_FLOAT_EQ(Asked("prm:preset=math_shepherd,aggregate=" + name, script)
                        .score(chain({"a\n", "b\n"}))
                        .outcome,
                    value)
        << name;
}

// Three steps are three calls; a fourth is one more, and none is made for what was read before.
TEST(PrmJudgeTest, AStepIsReadOnceAsLongAsItsTraceIsHeld) {
  Asked asked("prm:preset=math_shepherd", {{"ки", {"+", "-"}}});
  const Trace three = chain({"a\n", "b\n", "c\n"});
  asked.score(three);
  EXPECT_EQ(asked.budget.spent().model_calls, 3);
  asked.score(three);
  EXPECT_EQ(asked.budget.spent().model_calls, 3);
  asked.score(three.extended(step("d\n")));
  EXPECT_EQ(asked.budget.spent().model_calls, 4);
  asked.score(chain({"a\n"}));  // the same text in a trace of its own: held by nobody else
  EXPECT_EQ(asked.budget.spent().model_calls, 5);
}

TEST(PrmJudgeTest, ASpentBudgetLeavesNoRewards) {
  Asked asked("prm:preset=math_shepherd", {{"ки", {"+"}}}, {.model_calls = 1});
  const Verdict verdict = asked.score(chain({"a\n", "b\n"}));
  EXPECT_EQ(verdict.outcome, 0);
  EXPECT_TRUE(verdict.process.empty());
}

TEST(SelfEvalJudgeTest, OfAStepItAsksAboutEachOne) {
  Asked asked("self_eval:of=step", {{"is (", {"A", "A", "A", "B"}}});
  EXPECT_EQ(asked.score(chain({"a\n", "b\n"})).process, (Floats{0.75f, 0.75f}));
}

// ---- presets are data

TEST(PresetTest, AFileOfTheUsersIsRead) {
  const testkit::TempDir folder;
  const auto path = folder / "mine.json";
  std::ofstream(path) << R"({"form": "tags", "begin": "Q: {question}", "step": "\n{step} <ok?>",
                             "good": ["y"], "bad": ["n"], "aggregate": "last"})";
  Asked asked("prm:preset=" + path.string(), {{"Q: 2 + 2 + 1 = ?\nfour <ok?>", {"y", "n"}}});
  EXPECT_EQ(asked.score(chain({"four\n"})).outcome, 0.5f);
}

std::string complaint_about(std::string_view json) {
  try {
    judge::parse_preset("mine.json", json);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(PresetTest, WhatIsWrongIsSaid) {
  const std::string good =
      R"("begin": "{question}", "step": "{step}", "good": ["+"], "bad": ["-"])";
  EXPECT_EQ(complaint_about("{\"form\": \"tags\", " + good + "}"), "none");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[1, 2]", "no JSON object"},
      {"{", "no JSON object"},
      {"{}", "\"form\" is missing"},
      {R"({"form": "tag", )" + good + "}", "tags"},
      {R"({"form": 3})", "form is no text"},
      {R"({"form": "tags", "begin": "x", "step": "{step}", "good": ["+"], "bad": ["-"]})",
       "{question} stands nowhere"},
      {R"({"form": "tags", "stop": "x", )" + good + "}", "nothing reads \"stop\""},
      {R"({"form": "tags", "begin": "{question}", "step": "{step}", "good": [], "bad": ["-"]})",
       "good is empty"},
      {R"({"form": "tags", "begin": "{question}", "step": "{step}", "good": [""], "bad": ["-"]})",
       "no label"},
      {R"({"form": "tags", "aggregate": "maen", )" + good + "}", "mean"},
      {R"({"form": "question", "turns": [{"role": "user", "content": "{question}"}], "good": ["A"],
           "bad": ["B"]})",
       "{solution} stands nowhere"},
      {R"({"form": "question", "turns": [{"role": "usr", "content": "{question} {solution}"}],
           "good": ["A"], "bad": ["B"]})",
       "user"},
      {R"({"form": "tags", "labels": "class", )" + good + "}", "tokens or classes"}};
  for (const auto& [json, part] : cases)
    EXPECT_NE(complaint_about(json).find(part), std::string::npos) << complaint_about(json);
}

TEST(PresetTest, EveryPresetOfTheProgramIsWhole) {
  const std::vector<std::string> names = judge::preset_names();
  EXPECT_GE(names.size(), 4u);
  for (const std::string& name : names) EXPECT_EQ(judge::find_preset(name).name, name);
  EXPECT_THROW(judge::find_preset("math_shephard"), Error);
}

TEST(PresetTest, ClassesOfAModelWithoutAHeadAreRefused) {
  ScriptedModel model({});
  try {
    make_judge("prm:preset=qwen3_reranker", {.model = &model});
    FAIL() << "the scripted model has no head";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("has no classification head"), std::string::npos)
        << error.what();
  }
}

TEST(PresetTest, LabelsThatTheModelDoesNotHaveAreRefused) {
  ScriptedModel model({});  // its tokens are bytes
  const testkit::TempDir folder;
  const auto path = folder / "long.json";
  std::ofstream(path) << R"({"form": "tags", "begin": "{question}", "step": "{step}",
                             "good": ["yes"], "bad": ["no"]})";
  EXPECT_THROW(make_judge("prm:preset=" + path.string(), {.model = &model}), Error);
  EXPECT_THROW(make_judge("prm", {}), Error);  // no model
}

// ---- critic

// Steps 0, 1, 2; the critic names 1: the step before it is good, it and what follows are not.
TEST(CriticJudgeTest, TheFirstErrorTakesWhatFollowsWithIt) {
  Asked asked("critic", {{"<|assistant|>Paragraph 0", {"Paragraph 1 is off. \\boxed{1}"}}});
  const Verdict verdict = asked.score(chain({"a\n", "b\n", "c\n"}));
  EXPECT_EQ(verdict.process, (Floats{1, 0, 0}));
  EXPECT_EQ(verdict.outcome, 0);
}

TEST(CriticJudgeTest, WhatCannotBeReadIsNeitherGoodNorBad) {
  for (const char* reply : {"Hm.", "\\boxed{7}", "\\boxed{one}", "\\boxed{-2}", "\\boxed{"}) {
    Asked asked("critic", {{"<|assistant|>Paragraph 0", {reply}}});
    EXPECT_EQ(asked.score(chain({"a\n", "b\n"})).process, (Floats{0.5f, 0.5f})) << reply;
  }
}

// The number, or the verdict, is asked for where a critique ends without.
TEST(CriticJudgeTest, ACritiqueWithoutAVerdictGoesOnToOne) {
  Asked whole("critic:max_tokens=4",
              {{"<|assistant|>Paragraph 0", {" is off."}}, {"or -1: \\boxed{", {"1}."}}});
  EXPECT_EQ(whole.score(chain({"a\n", "b\n"})).process, (Floats{1, 0}));
  EXPECT_EQ(whole.budget.spent().model_calls, 2);
  Asked each("critic:form=step", {{"<|assistant|>", {"Well."}}, {"Verdict:", {" incorrect\n"}}});
  EXPECT_EQ(each.score(chain({"a\n"})).process, Floats{0});
}

// Of 64 votes about half say 0 and half -1, drawn with fixed seeds: both steps get the same share.
TEST(CriticJudgeTest, SeveralCritiquesVote) {
  Asked asked("critic:votes=64,temperature=1",
              {{"<|assistant|>Paragraph 0", {"\\boxed{0}", "\\boxed{-1}"}}});
  const Verdict verdict = asked.score(chain({"a\n", "b\n"}));
  EXPECT_GT(verdict.process[0], 0.3f);
  EXPECT_LT(verdict.process[0], 0.7f);
  EXPECT_EQ(verdict.process[0], verdict.process[1]);
}

TEST(CriticJudgeTest, AVerdictOnEachStepIsReadFromItsLastLine) {
  Asked asked(
      "critic:form=step",
      {{"[Next step]\na\n\nIs the next step right, given the problem and the solution so "
        "far? Explain in one or two sentences, then end with a line \"Verdict: correct\" or "
        "\"Verdict: incorrect\".<|assistant|>",
        {"Fine.\nVerdict: correct"}},
       {"<|assistant|>", {"No.\n**Verdict:** Incorrect."}}});
  const Verdict verdict = asked.score(chain({"a\n", "b\n"}));
  EXPECT_EQ(verdict.process, (Floats{1, 0}));
  EXPECT_EQ(asked.budget.spent().model_calls, 2);
  asked.score(chain({"a\n", "b\n"}).extended(step("c\n")));
  EXPECT_EQ(asked.budget.spent().model_calls, 5);  // a trace of its own is criticised anew
}

TEST(CriticJudgeTest, ASpentBudgetLeavesNothing) {
  Asked asked("critic", {{"Paragraph 0", {"\\boxed{-1}"}}}, {.generated_tokens = 3});
  EXPECT_EQ(asked.score(chain({"a\n"})).outcome, 0);
}

// ---- natural_program

TEST(StatementsTest, NumbersCitationsAndTextAreTakenApart) {
  const auto found = judge::read_statements(
      "Let us see.\n#1. Ann has 3.\n#2: Bob has twice as many.\nStill 2.\n#3. (by #1 #2) Bob has "
      "6.\n#4. So 9. (by #1-#3)\n#5 (by hand) x\nThe answer is 9.\n");
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[0].text, "Ann has 3.");
  EXPECT_FALSE(found[0].derived);
  EXPECT_EQ(found[0].begin, 12u);
  EXPECT_EQ(found[1].text, "Bob has twice as many.\nStill 2.");
  EXPECT_EQ(found[2].premises, (std::vector<int>{1, 2}));
  EXPECT_EQ(found[2].text, "Bob has 6.");
  EXPECT_EQ(found[3].premises, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(found[3].text, "So 9.");
  EXPECT_FALSE(found[4].derived);
}

TEST(StatementsTest, HostileTextEndsSoon) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "#9999. (by #1-#9999) (by #";
  text += "\n#1. (by #1-#9999-#1-#9999)\n";
  EXPECT_LE(judge::read_statements(text).size(), 2u);
}

// The verifier sees the premises that are named and no others.
TEST(NaturalProgramJudgeTest, EachStepIsShownItsOwnPremises) {
  const std::string ask =
      "\n\nDoes the step follow from these premises alone? Check that everything it uses stands in "
      "the premises, that the reasoning is valid, and that every calculation is right. End with a "
      "line that says yes or no.<|assistant|>";
  Asked asked(
      "natural_program:votes=1,temperature=0",
      {{"<|user|>Premises:\n#1. Ann has 3.\n\nStep:\n#3. Ann has 3." + ask, {"It does.\nYes."}},
       {"<|user|>Premises:\n#2. Bob has 4.\n#3. Ann has 3.\n\nStep:\n#4. 8 in all." + ask,
        {"3 + 4 is 7.\nno"}}});
  const Trace trace = chain({"#1. Ann has 3.\n", "#2. Bob has 4.\n", "#3. (by #1) Ann has 3.\n",
                             "#4. (by #2 #3) 8 in all.\n"});
  const Verdict verdict = asked.score(trace);
  EXPECT_EQ(verdict.process, (Floats{1, 1, 1, 0}));
  EXPECT_EQ(verdict.outcome, 0);
}

TEST(NaturalProgramJudgeTest, APremiseThatDoesNotStandBeforeIsAFailureWithoutAVote) {
  Asked asked("natural_program", {{"<|assistant|>", {"yes"}}});
  const Verdict verdict = asked.score(chain({"#1. Ann has 3.\n#2. (by #5) So 4.\n"}));
  EXPECT_EQ(verdict.outcome, 0);
  EXPECT_EQ(asked.budget.spent().model_calls, 0);
}

TEST(NaturalProgramJudgeTest, AChainThatNamesNothingIsUnknown) {
  Asked asked("natural_program", {});
  EXPECT_EQ(asked.score(chain({"2 + 2 = 4\n"})).outcome, 0.5f);
}

// ---- what is kept

// What was asked about a trace is not asked again, and of a longer one only what is new.
TEST(KeptJudgmentsTest, OnlyWhatIsNewIsAsked) {
  const Trace shorter = chain({"#1. A.\n", "#2. (by #1) B.\n"});
  const Trace rewarded = shorter.with_reward("j", 0.5f).without_state();
  const Trace longer = rewarded.extended(step("#3. (by #2) C.\n"));
  const struct {
    const char* judge;
    int first, then;  // what the critic says here has no verdict, which is a second call
  } cases[] = {{"natural_program:votes=2", 2, 4}, {"critic", 2, 4},
               {"critic:form=step", 4, 6},        {"self_eval", 1, 2},
               {"self_eval:of=step", 2, 3},       {"prm:preset=math_shepherd", 2, 3}};
  for (const auto& [judge, first, then] : cases) {
    Asked asked(judge, {{"<|assistant|>", {"yes"}}, {"(", {"A", "B"}}, {"ки", {"+", "-"}}});
    const Verdict once = asked.score(shorter);
    EXPECT_EQ(asked.budget.spent().model_calls, first) << judge;
    const Verdict again = asked.score(rewarded);
    EXPECT_EQ(asked.budget.spent().model_calls, first) << judge;
    EXPECT_EQ(again.outcome, once.outcome) << judge;
    EXPECT_EQ(again.process, once.process) << judge;
    asked.score(longer);
    EXPECT_EQ(asked.budget.spent().model_calls, then) << judge;
  }
}

// ---- judges made of others

// program_check gives 1 and self_eval 0.5 to a true sum: (2 * 1 + 0.5) / 3.
TEST(CombinedJudgeTest, WeightedIsTheWeightedMean) {
  Asked asked("weighted:judges=program_check+self_eval(of=step),weights=2+1",
              {{"is (", {"A", "B"}}});
  const Verdict verdict = asked.score(chain({"2 + 2 = 4\n"}));
  EXPECT_FLOAT_EQ(verdict.outcome, 2.5f / 3);
  ASSERT_EQ(verdict.process.size(), 1u);
  EXPECT_FLOAT_EQ(verdict.process[0], 2.5f / 3);
}

TEST(CombinedJudgeTest, AVetoSparesTheDearJudge) {
  Asked asked("veto:judges=program_check+self_eval,below=0.25", {{"is (", {"A", "A", "A", "B"}}});
  EXPECT_EQ(asked.score(chain({"2 + 2 = 5\n"})).outcome, 0);
  EXPECT_EQ(asked.budget.spent().model_calls, 0);
  EXPECT_EQ(asked.score(chain({"2 + 2 = 4\n"})).outcome, 0.75f);
  EXPECT_EQ(asked.budget.spent().model_calls, 1);
}

// program_check says 0, 0.5 and 1; only 0.5 is unsure.
TEST(CombinedJudgeTest, ACascadeAsksTheNextOneOnlyWhereTheFirstIsUnsure) {
  Asked asked("cascade:judges=program_check+self_eval,low=0.4,high=0.6",
              {{"is (", {"A", "A", "A", "B"}}});
  const std::vector<Trace> traces = {chain({"2 + 2 = 5\n"}), chain({"So be it.\n"}),
                                     chain({"2 + 2 = 4\n"})};
  const auto verdicts = run(asked.judge->score(kSum, traces, asked.budget));
  EXPECT_EQ(verdicts[0].outcome, 0);
  EXPECT_EQ(verdicts[1].outcome, 0.75f);
  EXPECT_EQ(verdicts[2].outcome, 1);
  EXPECT_EQ(asked.budget.spent().model_calls, 1);
}

TEST(CombinedJudgeTest, WhatCannotBeCombinedIsRefused) {
  ScriptedModel model({});
  for (const char* written :
       {"veto:judges=program_check", "veto:judges=program_check+", "veto:judges=a(b+c",
        "veto:judges=program_check+self_evla", "weighted:judges=none+none,weights=1",
        "weighted:judges=none+none,weights=1+0", "weighted:judges=none+none,weights=1+x",
        "cascade:judges=none+none,low=0.8,high=0.2", "cascade:lo=1", "none:x=1", "veto:below"})
    EXPECT_THROW(make_judge(written, {.model = &model}), Error) << written;
}

TEST(CheckJudgeTest, SaysTheMostThatOneOfThemReads) {
  EXPECT_EQ(check_judge("program_check"), Reads::text);
  EXPECT_EQ(check_judge("veto:judges=program_check+self_eval(of=step)"), Reads::model);
  EXPECT_EQ(check_judge("cascade"), Reads::sampling);
  EXPECT_THROW(check_judge("veto:judges=program_check+nobody"), Error);
  EXPECT_THROW(check_judge("prm:preset=nothing"), Error);
}

// ---- the rest

// Certainties 9, 9, 1, 1: the mean is 5, the tail of two 1, the lowest group of three 11 / 3.
TEST(TokenMeanJudgeTest, TheTailAndTheLowestGroupCanBeReadAlone) {
  Step only = step("a", {-1, -1, -1, -1});
  only.certainties = {9, 9, 1, 1};
  const Trace trace = Trace().extended(only);
  EXPECT_FLOAT_EQ(Asked("self_certainty", {}).score(trace).outcome, 5.0f / 6);
  EXPECT_FLOAT_EQ(Asked("self_certainty:tail=2", {}).score(trace).outcome, 0.5f);
  EXPECT_FLOAT_EQ(Asked("self_certainty:group=3", {}).score(trace).outcome,
                  (11.0f / 3) / (1 + 11.0f / 3));
}

// Entropies ln 2, ln 2, ln 4, ln 8: their mean is 7/4 ln 2, the tail's of two 5/2 ln 2, and the
// highest group of three 2 ln 2.
TEST(TokenMeanJudgeTest, EntropyIsTheFewerWordsTheBetter) {
  Step only = step("a", {-1, -1, -1, -1});
  for (const float words : {2.0f, 2.0f, 4.0f, 8.0f}) only.entropies.push_back(std::log(words));
  const Trace trace = Trace().extended(only).extended(step("b", {-1}));
  const Verdict verdict = Asked("entropy", {}).score(trace);
  EXPECT_FLOAT_EQ(verdict.outcome, std::pow(2.0f, -1.75f));
  EXPECT_FLOAT_EQ(verdict.process[0], std::pow(2.0f, -1.75f));
  EXPECT_EQ(verdict.process[1], 0);  // nothing was noted
  EXPECT_FLOAT_EQ(Asked("entropy:tail=2", {}).score(trace).outcome, std::pow(2.0f, -2.5f));
  EXPECT_FLOAT_EQ(Asked("entropy:group=3", {}).score(trace).outcome, 0.25f);
}

// Two of three continuations would say 4; with 64 samples the share is near that.
TEST(RolloutValueJudgeTest, IsTheShareOfTheMostCommonEnd) {
  ScriptedModel model(
      {{"Hm.\n", {"The answer is 4.\n", "The answer is 4.\n", "The answer is 5.\n"}}});
  Budget budget;
  ModelPolicyOptions options{.prompt = prompt_named("sample/cot"),
                             .segmenter = make_segmenter("line")};
  ModelPolicy policy(model, std::move(options), budget, nullptr, 1);
  const auto judge = make_judge("rollout_value:samples=64,temperature=1", {.policy = &policy});
  const std::vector<Trace> traces = {chain({"Hm.\n"})};
  const float value = run(judge->score(kSum, traces, budget))[0].outcome;
  EXPECT_GT(value, 0.5f);
  EXPECT_LT(value, 0.85f);
  EXPECT_THROW(make_judge("rollout_value", {}), Error);
}

// ---- xverify

const Problem kHalf{.id = "toy/half", .question = "Half of 1?", .answer = "1/2"};

Verdict verified(std::string_view written, const Trace& trace, std::int64_t calls,
                 const Problem& problem = kHalf) {
  Asked asked(written, {{"The response is (", {"A", "A", "A", "B"}}});
  const std::vector<Trace> traces = {trace};
  const Verdict verdict = run(asked.judge->score(problem, traces, asked.budget))[0];
  EXPECT_EQ(asked.budget.spent().model_calls, calls) << written << trace.text();
  return verdict;
}

TEST(XVerifyJudgeTest, TheModelIsAskedWhereTheRulesLeaveItOpen) {
  EXPECT_EQ(verified("xverify", testkit::answered(std::string("0.5")), 0).outcome, 1);
  EXPECT_EQ(verified("xverify", testkit::answered(std::string("0.7")), 0).outcome, 0);
  EXPECT_EQ(verified("xverify", testkit::answered(std::string("one half")), 1).outcome, 0.75f);
  EXPECT_EQ(verified("xverify", testkit::answered(std::optional<std::string>()), 1).outcome, 0.75f);
  EXPECT_EQ(verified("xverify", Trace(), 1).outcome, 0.75f);
}

TEST(XVerifyJudgeTest, ItCanBeAskedMore) {
  const Trace wrong = testkit::answered(std::string("0.7"));
  const Trace right = testkit::answered(std::string("0.5"));
  EXPECT_EQ(verified("xverify:ask=different", wrong, 1).outcome, 0.75f);
  EXPECT_EQ(verified("xverify:ask=different", right, 0).outcome, 1);
  EXPECT_EQ(verified("xverify:ask=all", right, 1).outcome, 0.75f);
}

TEST(XVerifyJudgeTest, AChoiceInWordsIsLeftOpen) {
  const Problem colours{.id = "toy/c",
                        .question = "Which?",
                        .answer = "B",
                        .kind = AnswerKind::choice,
                        .choices = {{"A", "red"}, {"B", "blue"}}};
  EXPECT_EQ(verified("xverify", testkit::answered(std::string("Blue")), 0, colours).outcome, 1);
  EXPECT_EQ(verified("xverify", testkit::answered(std::string("A")), 0, colours).outcome, 0);
  EXPECT_EQ(verified("xverify", testkit::answered(std::string("the sky's")), 1, colours).outcome,
            0.75f);
}

// A character is not cut in two: the last byte of "bé" is half of its é.
TEST(XVerifyJudgeTest, TheModelReadsTheEndOfAResponse) {
  const Trace trace = chain({"A long way, and it ends: b\u00e9\n"});
  for (const auto& [tail, read] :
       std::map<std::string, std::string>{{"1", ""},
                                          {"2", "\u00e9"},
                                          {"4", " b\u00e9"},
                                          {"100", "A long way, and it ends: b\u00e9"}}) {
    const auto turns =
        prompt_named("judge/xverify").render(kHalf, {{"response", read}, {"reference", "1/2"}});
    const std::string shown = "<|user|>" + turns[0].content + "<|assistant|>" + turns[1].content;
    Asked asked("xverify:tail=" + tail, {{shown, {"A", "B"}}});
    const std::vector<Trace> traces = {trace};
    EXPECT_EQ(run(asked.judge->score(kHalf, traces, asked.budget))[0].outcome, 0.5f) << tail;
  }
}

TEST(XVerifyJudgeTest, WithoutARightAnswerThereIsNothingToCompare) {
  Asked asked("xverify", {{"(", {"A", "B"}}});
  EXPECT_THROW(asked.score(chain({"4\n"})), Error);
  Asked spent("xverify", {{"The response is (", {"A"}}}, {.model_calls = 0});
  const std::vector<Trace> traces = {Trace()};
  EXPECT_EQ(run(spent.judge->score(kHalf, traces, spent.budget))[0].outcome, 0);
}

}  // namespace
}  // namespace cairn
