// The scripted model: the contract of a language model, and probabilities worked out by hand.

#include "model/scripted.h"

#include <gtest/gtest.h>

#include <cmath>

#include "contracts/language_model_contract.h"
#include "testkit/run.h"

namespace cairn::contracts {

INSTANTIATE_TEST_SUITE_P(Scripted, LanguageModelContract,
                         testing::Values(ModelFactory{"scripted",
                                                      [] {
                                                        const std::vector<ScriptLine> script = {
                                                            {"Q:",
                                                             {"first we count the clips",
                                                              "then we halve what is left of them",
                                                              "so it is a sum of two numbers"}}};
                                                        return std::make_unique<ScriptedModel>(
                                                            script);
                                                      },
                                                      "Q:"}),
                         factory_name);

}  // namespace cairn::contracts

namespace cairn {
namespace {

// Two of three continuations begin with "y": log(2/3), then "es" has no rival but "ep": log(1/2).
TEST(ScriptedModelTest, ProbabilitiesAreSharesOfTheContinuations) {
  const std::vector<ScriptLine> script = {{"?", {"yes", "yep", "no"}}};
  ScriptedModel model(script);
  Budget budget;
  const std::vector<Token> question = model.tokenize("?", false),
                           yes = model.tokenize("yes", false);
  const BranchPtr start = model.branch(nullptr, question);
  const std::vector<float> logprobs = testkit::run(model.logprobs(start, yes, budget));
  ASSERT_EQ(logprobs.size(), 3u);
  EXPECT_NEAR(logprobs[0], std::log(2.0 / 3), 1e-6);
  EXPECT_NEAR(logprobs[1], 0, 1e-6);
  EXPECT_NEAR(logprobs[2], std::log(1.0 / 2), 1e-6);
}

}  // namespace
}  // namespace cairn
