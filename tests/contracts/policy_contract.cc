#include "contracts/policy_contract.h"

#include <algorithm>
#include <set>

#include "testkit/run.h"

namespace cairn::contracts {

// A program may hold this suite and no policy to run it on.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PolicyContract);

namespace {

using testkit::run;

std::vector<std::string> texts_of(const std::vector<Trace>& traces) {
  std::vector<std::string> texts;
  for (const Trace& trace : traces) texts.push_back(trace.text());
  return texts;
}

}  // namespace

TEST_P(PolicyContract, AStepExtendsTheTraceInItsPlace) {
  const auto policy = fresh();
  std::vector<Trace> traces = roots(3);
  for (int depth = 0; depth < 2; ++depth) {
    const std::vector<Trace> longer = run(policy->extend(problem_, traces, {}));
    ASSERT_EQ(longer.size(), traces.size());
    for (std::size_t i = 0; i < traces.size(); ++i) {
      EXPECT_TRUE(longer[i].text().starts_with(traces[i].text()));
      EXPECT_EQ(longer[i].depth(), traces[i].depth() + !traces[i].finished());
    }
    traces = longer;
  }
}

TEST_P(PolicyContract, AFinishedTraceComesBackAsItIs) {
  const auto policy = fresh();
  const std::vector<Trace> finished = run(policy->rollout(problem_, roots(2), {}));
  const Usage before = budget_.spent();
  const std::vector<Trace> again = run(policy->extend(problem_, finished, {}));
  EXPECT_EQ(texts_of(again), texts_of(finished));
  EXPECT_EQ(budget_.spent().generated_tokens, before.generated_tokens);
}

TEST_P(PolicyContract, ARolloutIsItsStepsOneByOne) {
  const std::vector<Trace> whole = run(fresh()->rollout(problem_, roots(4), {}));
  const auto policy = fresh();
  std::vector<Trace> stepwise = roots(4);
  const auto open = [](const Trace& trace) { return !trace.finished(); };
  while (std::any_of(stepwise.begin(), stepwise.end(), open))
    stepwise = run(policy->extend(problem_, stepwise, {}));
  EXPECT_EQ(texts_of(stepwise), texts_of(whole));
  for (const Trace& trace : whole) EXPECT_GE(trace.depth(), 2u);
}

TEST_P(PolicyContract, OrdinalsAreSampledApartAndEachIsTheSameAlone) {
  const std::vector<Trace> together = run(fresh()->rollout(problem_, roots(8), {}));
  const std::vector<std::string> texts = texts_of(together);
  EXPECT_GT(std::set<std::string>(texts.begin(), texts.end()).size(), 1u);
  for (std::uint64_t i = 0; i < 8; ++i) {
    const std::vector<Trace> alone = run(fresh()->rollout(problem_, {Trace(i)}, {}));
    EXPECT_EQ(alone[0].text(), together[i].text()) << i;
  }
}

TEST_P(PolicyContract, ATraceWithoutStateIsRebuilt) {
  const auto policy = fresh();
  const std::vector<Trace> first = run(policy->extend(problem_, roots(1), {.temperature = 0}));
  ASSERT_FALSE(first[0].finished());
  const std::vector<Trace> kept = run(policy->rollout(problem_, first, {.temperature = 0}));
  const std::vector<Trace> rebuilt =
      run(policy->rollout(problem_, {first[0].without_state()}, {.temperature = 0}));
  EXPECT_EQ(rebuilt[0].text(), kept[0].text());
}

TEST_P(PolicyContract, HandsOverInOrderUntilItIsTold) {
  const std::vector<std::string> all = texts_of(run(fresh()->rollout(problem_, roots(6), {})));
  std::vector<std::string> taken;
  std::function<bool(Trace)> three = [&](Trace trace) {
    EXPECT_TRUE(trace.finished());
    taken.push_back(trace.text());
    return taken.size() < 3;
  };
  run(fresh()->rollout_while(problem_, roots(6), {}, three));
  EXPECT_EQ(taken, std::vector<std::string>(all.begin(), all.begin() + 3));
}

TEST_P(PolicyContract, LimitsOfAProposalHold) {
  for (const int most : {1, 5, 20}) {
    const std::vector<Trace> cut =
        run(fresh()->rollout(problem_, roots(3), {.max_trace_tokens = most}));
    for (const Trace& trace : cut) {
      EXPECT_TRUE(trace.finished());
      EXPECT_LE(trace.tokens(), static_cast<std::size_t>(most));
    }
  }
  const std::vector<Trace> short_step =
      run(fresh()->extend(problem_, roots(1), {.max_step_tokens = 2}));
  EXPECT_LE(short_step[0].tokens(), 2u);
}

TEST_P(PolicyContract, ASpentBudgetCutsEveryTrace) {
  for (const std::int64_t limit : {0, 1, 7, 30}) {
    Budget budget({.generated_tokens = limit});
    const auto policy = GetParam().make(budget);
    for (const Trace& trace : run(policy->rollout(problem_, roots(3), {})))
      EXPECT_TRUE(trace.finished());
    EXPECT_LE(budget.spent().generated_tokens, limit);
  }
  Budget cancelled;
  cancelled.cancel();
  const auto policy = GetParam().make(cancelled);
  const std::vector<Trace> cut = run(policy->rollout(problem_, roots(2), {}));
  for (const Trace& trace : cut) EXPECT_EQ(trace.end(), End::cut);
}

}  // namespace cairn::contracts
