#include "cairn/step_graph.h"

#include <gtest/gtest.h>

#include "testkit/traces.h"

namespace cairn {
namespace {

using testkit::step;

const Problem kProblem{.id = "toy/1", .question = "How many?"};

Trace answered_chain(const std::vector<std::string>& steps, const std::string& answer) {
  Trace trace;
  for (const std::string& text : steps) trace = trace.extended(step(text));
  Step last = step("The answer is " + answer + ".\n");
  last.answer = answer;
  return trace.extended(last, End::done);
}

TEST(IntermediateResultTest, IsTheLastNumberOrTheWords) {
  EXPECT_EQ(intermediate_result("48 / 2 = 24 clips.\n"), "24");
  EXPECT_EQ(intermediate_result("That is $1,250.50."), "1250.50");
  EXPECT_EQ(intermediate_result("So Never!"), "sonever");
  EXPECT_EQ(intermediate_result(" ---\n"), "");
}

// Two traces go 24, 72 and one goes 48, 70; every reward is 1, and 3 traces are answered.
// Answer 72: each of the two has nodes with 2 of 3 traces: 2 * (2 / 3). Answer 70: 1 / 3.
TEST(AnswerGraphsTest, StepsOfEqualResultBecomeOneNode) {
  const std::vector<Trace> traces = {answered_chain({"48 / 2 = 24\n"}, "72"),
                                     answered_chain({"Half is 24.\n"}, "72"),
                                     answered_chain({"All 48.\n"}, "70")};
  const std::vector<Verdict> verdicts(3, Verdict{.outcome = 1});
  const auto graphs = answer_graphs(traces, verdicts, kProblem);
  ASSERT_EQ(graphs.size(), 2u);
  ASSERT_EQ(graphs[0].nodes.size(), 2u);
  EXPECT_EQ(graphs[0].nodes[0].result, "24");
  EXPECT_EQ(graphs[0].nodes[0].traces, 2);
  EXPECT_EQ(graphs[0].nodes[0].out, 1);
  EXPECT_EQ(graphs[0].nodes[1].in, 1);
  EXPECT_NEAR(graphs[0].score, 4.0 / 3, 1e-9);
  EXPECT_NEAR(graphs[1].score, 1.0 / 3, 1e-9);
  const auto apart = answer_graphs(traces, verdicts, kProblem, /*merge=*/false);
  EXPECT_EQ(apart[0].nodes.size(), 4u);
  EXPECT_NEAR(apart[0].score, 2.0 / 3, 1e-9);  // the share of the vote
}

// Process rewards 0.2 and 0.6 of one node: mean 0.4; a trace without them gives its outcome.
TEST(AnswerGraphsTest, NodesGatherTheRewardsOfTheirSteps) {
  const std::vector<Trace> traces = {answered_chain({}, "5"), answered_chain({}, "5")};
  const std::vector<Verdict> verdicts = {{.process = {0.2f}}, {.outcome = 0.6f}};
  const auto graphs = answer_graphs(traces, verdicts, kProblem);
  ASSERT_EQ(graphs.size(), 1u);
  EXPECT_FLOAT_EQ(graphs[0].nodes[0].reward_mean, 0.4f);
  EXPECT_FLOAT_EQ(graphs[0].nodes[0].reward_min, 0.2f);
  EXPECT_FLOAT_EQ(graphs[0].nodes[0].reward_max, 0.6f);
  EXPECT_NEAR(graphs[0].score, 2 * 0.4, 1e-6);
}

}  // namespace
}  // namespace cairn
