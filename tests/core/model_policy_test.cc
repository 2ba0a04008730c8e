// The policy that is a language model: the contract of policies, and the answers and ends of its
// traces.

#include "cairn/model_policy.h"

#include <gtest/gtest.h>

#include "cairn/segmenter.h"
#include "contracts/policy_contract.h"
#include "model/scripted.h"
#include "testkit/run.h"

namespace cairn {
namespace {

using contracts::PolicyContract;
using testkit::run;

ModelPolicyOptions policy_options() {
  return {.prompt = {{{"user", "{question}"}}}, .segmenter = make_segmenter("line")};
}

// Keeps the model alive as long as the policy.
struct ScriptedPolicy {
  ScriptedModel model;
  ModelPolicy policy;
  ScriptedPolicy(std::vector<ScriptLine> script, Budget& budget)
      : model(std::move(script)), policy(model, policy_options(), budget, nullptr, 5) {}
};

std::shared_ptr<ModelPolicy> policy_over(std::vector<ScriptLine> script, Budget& budget) {
  const auto both = std::make_shared<ScriptedPolicy>(std::move(script), budget);
  return {both, &both->policy};
}

std::shared_ptr<Policy> arithmetic(Budget& budget) {
  return policy_over({{"<|assistant|>",
                       {"Half of 48 is 24.\nSo 48 + 24 = 72.\nThe answer is 72.\n",
                        "Half of 48 is 24.\nThe answer is 24.\n",
                        "48 + 24 = 72.\nThe answer is 72.\n", "It is 70.\nThe answer is 70.\n"}}},
                     budget);
}

INSTANTIATE_TEST_SUITE_P(Scripted, PolicyContract,
                         testing::Values(contracts::PolicyFactory{"scripted", arithmetic}));

Trace rolled_out(std::vector<ScriptLine> script) {
  Budget budget;
  const Problem problem{.id = "p", .question = "?"};
  return run(policy_over(std::move(script), budget)->rollout(problem, roots(1), {}))[0];
}

TEST(ModelPolicyTest, AnExplicitAnswerFinishesATrace) {
  const Trace trace = rolled_out({{"<|assistant|>", {"The answer is 3.\nOr is it 4?\n"}}});
  EXPECT_EQ(trace.end(), End::done);
  EXPECT_EQ(trace.text(), "The answer is 3.\n");
  EXPECT_EQ(trace.answer(), "3");
}

TEST(ModelPolicyTest, AnImplicitAnswerCountsOnlyAtTheEndOfTheText) {
  const Trace trace = rolled_out({{"<|assistant|>", {"First 3.\nThen 4.\n"}}});
  EXPECT_EQ(trace.end(), End::done);
  EXPECT_EQ(trace.depth(), 3u);  // the third is the end of the text alone
  EXPECT_EQ(trace.answer(), "4");
}

TEST(ModelPolicyTest, AFinishedTraceHoldsNoState) {
  const Trace trace = rolled_out({{"<|assistant|>", {"One.\nThe answer is 3.\n"}}});
  for (const Step* step : trace.steps()) EXPECT_EQ(step->state, nullptr);
}

}  // namespace
}  // namespace cairn
