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
// Entropies: of (2/3, 1/3) ln 3 - 2/3 ln 2 = 0.636514, of one word 0, of two ln 2.
TEST(ScriptedModelTest, ProbabilitiesAreSharesOfTheContinuations) {
  const std::vector<ScriptLine> script = {{"?", {"yes", "yep", "no"}}};
  ScriptedModel model(script);
  Budget budget;
  const std::vector<Token> question = model.tokenize("?", false),
                           yes = model.tokenize("yes", false);
  const BranchPtr start = model.branch(nullptr, question);
  const Reading read = testkit::run(model.read(start, yes, budget));
  const std::vector<float>& logprobs = read.logprobs;
  ASSERT_EQ(logprobs.size(), 3u);
  EXPECT_NEAR(logprobs[0], std::log(2.0 / 3), 1e-6);
  EXPECT_NEAR(logprobs[1], 0, 1e-6);
  EXPECT_NEAR(logprobs[2], std::log(1.0 / 2), 1e-6);
  ASSERT_EQ(read.entropies.size(), 3u);
  EXPECT_NEAR(read.entropies[0], 0.636514, 1e-6);
  EXPECT_NEAR(read.entropies[1], 0, 1e-6);
  EXPECT_NEAR(read.entropies[2], std::log(2.0), 1e-6);
}

}  // namespace
}  // namespace cairn
