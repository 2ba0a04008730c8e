#include "eval/fit_auto.h"

#include <gtest/gtest.h>

#include "cairn/error.h"

namespace cairn::eval {
namespace {

// 100 questions. Of the easy ones (even) the greedy line and all eight samples are right, and so is
// a beam; of the hard ones all lines differ and are wrong, and the beam is right. A line is 10
// tokens, a beam 200.
std::vector<Attempt> two_kinds() {
  std::vector<Attempt> all;
  for (int i = 0; i < 100; ++i) {
    const bool easy = i % 2 == 0;
    Attempt samples{.arm = {"best_of_n:samples=8"}, .problem = "p" + std::to_string(i), .seed = 1};
    samples.independent = true;
    samples.answer = "1";
    samples.right = easy;
    samples.usage.generated_tokens = 80;
    for (int line = 0; line < 8; ++line)
      samples.lines.push_back({easy ? "1" : std::to_string(10 + line), easy, 0.5f, {"a"}});
    Attempt greedy{.arm = {"best_of_n:samples=1,temperature=0"}, .problem = samples.problem};
    greedy.seed = 1;
    greedy.independent = true;
    greedy.answer = "1";
    greedy.right = easy;
    greedy.usage.generated_tokens = 10;
    greedy.lines.push_back({easy ? "1" : "20", easy, 0.7f, {"a"}});
    all.push_back(greedy);
    Attempt beam{.arm = {"beam"}, .problem = samples.problem, .seed = 1};
    beam.answer = "1";
    beam.right = true;
    beam.usage.generated_tokens = 200;
    all.push_back(samples);
    all.push_back(beam);
  }
  return all;
}

TEST(FitAuto, ReadsSignsAndPayoffsFromTheAttempts) {
  const Cases cases = cases_of(two_kinds(), 4, "");
  EXPECT_EQ(cases.actions,
            (std::vector<std::string>{"stop", "self_consistency:samples=4", "beam"}));
  ASSERT_EQ(cases.all.size(), 100u);
  for (const Case& one : cases.all) {
    const bool easy = one.signs.agreement == 1;
    EXPECT_TRUE(easy || one.signs.agreement == 0.25);
    EXPECT_EQ(one.payoffs[0].right, easy);  // four lines
    EXPECT_EQ(one.payoffs[0].tokens, 40);
    EXPECT_EQ(one.payoffs[1].tokens, 80);  // eight
    EXPECT_TRUE(one.payoffs[2].right);
    EXPECT_EQ(one.payoffs[2].tokens, 240);  // the probe and the beam
  }
}

// Stopping at the easy ones and a beam for the hard ones is right throughout, for 140 tokens a
// question. The beam alone is right throughout for 200: half of that is less, so the price rises
// until only what is worth it is bought, and then nothing is.
TEST(FitAuto, ThePriceDecidesWhatIsBought) {
  const Cases cases = cases_of(two_kinds(), 4, "");
  std::vector<const Case*> all;
  for (const Case& one : cases.all) all.push_back(&one);
  const RouteTree cheap = fit_tree(all, cases.actions, {.price = 1e-3});
  EXPECT_EQ(name_of(cheap.sign), "agreement");
  EXPECT_DOUBLE_EQ(cheap.threshold, 0.625);
  EXPECT_EQ(cheap.below->action, "beam");
  EXPECT_EQ(cheap.above->action, "stop");
  EXPECT_EQ(fit_tree(all, cases.actions, {.price = 1}).action, "stop");
  const Fit fit = fit_auto(cases);
  EXPECT_EQ(name_of(cases.fixed[fit.best].arm), "beam");
  EXPECT_EQ(fit.fixed.tokens, 200);
  EXPECT_LE(fit.plan.tokens, 100);
}

// With a dearer beam the same tree is less than half of it, and is the fit.
TEST(FitAuto, TheFitIsAsGoodAsTheBestAtHalfItsTokens) {
  std::vector<Attempt> attempts = two_kinds();
  for (Attempt& attempt : attempts)
    if (attempt.arm.recipe == "beam")
      attempt.usage.generated_tokens = attempt.problem.back() % 2 == 0 ? 900 : 300;
  const Fit fit = fit_auto(cases_of(attempts, 4, ""));
  EXPECT_EQ(fit.plan.accuracy, 1);
  EXPECT_EQ(fit.plan.tokens, 40 + 150);
  EXPECT_EQ(fit.fixed.tokens, 600);
  EXPECT_EQ(fit.difference.low, 0);
  EXPECT_EQ(fit.difference.high, 0);
  EXPECT_EQ(parse_routes("fit", R"({"probe": 4, "tree": )" + tree_json(fit.tree) + "}")
                .tree.below->action,
            "beam");
}

TEST(FitAuto, WhatAutoCouldNotRunIsNoAction) {
  std::vector<Attempt> attempts = two_kinds();
  for (Attempt& attempt : attempts)
    if (attempt.arm.recipe == "beam") attempt.arm.recipe = "tree_of_thoughts";
  EXPECT_EQ(cases_of(attempts, 4, "").actions.size(), 2u);  // another judge ranks it
  EXPECT_EQ(cases_of(attempts, 4, "self_eval").actions.size(), 3u);
}

TEST(FitAuto, TooLittleIsRefused) {
  std::vector<Attempt> attempts = two_kinds();
  EXPECT_THROW(cases_of(attempts, 9, ""), Error);
  std::vector<Attempt> none_greedy = attempts;
  std::erase_if(none_greedy, [](const Attempt& attempt) { return attempt.lines.size() == 1; });
  EXPECT_THROW(cases_of(none_greedy, 4, ""), Error);
  attempts.resize(60);  // twenty questions
  EXPECT_THROW(fit_auto(cases_of(attempts, 4, "")), Error);
  EXPECT_THROW(cases_of({}, 4, ""), Error);
}

}  // namespace
}  // namespace cairn::eval
