// Traces: values that share their steps.

#include "cairn/trace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "testkit/traces.h"

namespace cairn {
namespace {

using testkit::step;

TEST(TraceTest, TheRootHasNothing) {
  const Trace root;
  EXPECT_EQ(root.depth(), 0u);
  EXPECT_EQ(root.text(), "");
  EXPECT_TRUE(root.steps().empty());
  EXPECT_FALSE(root.finished());
  EXPECT_FALSE(root.answer());
  EXPECT_EQ(root.parent().depth(), 0u);
  EXPECT_EQ(root.without_state().depth(), 0u);
}

// A reward, a missing answer or a missing state makes a copy of the step, not another step.
TEST(TraceTest, ACopyOfAStepHasItsName) {
  Step first = step("a");
  first.state = std::make_shared<const int>(1);
  first.answer = "4";
  const Trace trace = Trace().extended(first);
  const auto same = [&](const Trace& other) {
    return !trace.watch().owner_before(other.watch()) && !other.watch().owner_before(trace.watch());
  };
  EXPECT_TRUE(same(trace.with_reward("j", 0.5f).answerless().without_state()));
  EXPECT_FALSE(same(Trace().extended(first)));
  std::weak_ptr<const void> watch;
  {
    const Trace copy = Trace().extended(first).with_reward("j", 1);
    watch = copy.watch();
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
  EXPECT_TRUE(Trace().watch().expired());
}

TEST(TraceTest, ExtendingLeavesThePrefixAsItIsAndSharesIt) {
  const Trace one = Trace().extended(step("a", {-1, -2}), End::open, 5);
  const Trace left = one.extended(step("b", {-4}), End::done, 6);
  const Trace right = one.extended(step("c"), End::cut, 7);
  EXPECT_EQ(one.text(), "a");
  EXPECT_EQ(left.text(), "ab");
  EXPECT_EQ(right.text(), "ac");
  EXPECT_EQ(left.steps()[0], right.steps()[0]);
  EXPECT_EQ(&one.last(), left.steps()[0]);
  EXPECT_EQ(left.tokens(), 3u);
  EXPECT_DOUBLE_EQ(left.logprob(), -7);
  EXPECT_EQ(left.end(), End::done);
  EXPECT_TRUE(right.finished());
  EXPECT_FALSE(one.finished());
  EXPECT_EQ(left.id(), 6u);
  EXPECT_EQ(left.parent().id(), 5u);
}

TEST(TraceTest, UsageIsTheSumOverTheSteps) {
  Step first = step("a"), second = step("b");
  first.usage = {.generated_tokens = 2, .evaluated_tokens = 10, .model_calls = 1};
  second.usage = {.generated_tokens = 3, .evaluated_tokens = 3, .model_calls = 1};
  const Usage usage = Trace().extended(first).extended(second).usage();
  EXPECT_EQ(usage.generated_tokens, 5);
  EXPECT_EQ(usage.evaluated_tokens, 13);
  EXPECT_EQ(usage.model_calls, 2);
}

TEST(TraceTest, AnOrdinalAndARewardMakeCopies) {
  const Trace one = Trace(3).extended(step("a"), End::done, 9);
  const Trace noted = one.with_reward("judge", 0.5f);
  EXPECT_EQ(one.with_ordinal(8).ordinal(), 8u);
  EXPECT_EQ(one.ordinal(), 3u);
  EXPECT_TRUE(one.last().rewards.empty());
  EXPECT_EQ(noted.last().rewards.at("judge"), 0.5f);
  EXPECT_EQ(noted.ordinal(), 3u);
  EXPECT_EQ(noted.id(), 9u);
  EXPECT_EQ(noted.end(), End::done);
}

TEST(TraceTest, TheAnswerIsTheLastSteps) {
  Step states = step("a");
  states.answer = "4";
  const Trace early = Trace().extended(states);
  EXPECT_EQ(early.answer(), "4");
  EXPECT_FALSE(early.extended(step("b")).answer());
}

TEST(TraceTest, WithoutStateKeepsEverythingElseAndFreesTheState) {
  auto state = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = state;
  Step first = step("a"), second = step("b");
  first.state = state;
  state.reset();
  {
    const Trace plain = Trace(2).extended(step("0"), End::open, 1);
    const Trace held = plain.extended(first, End::open, 2).extended(second, End::done, 3);
    first.state.reset();
    const Trace freed = held.without_state();
    EXPECT_EQ(freed.text(), "0ab");
    EXPECT_EQ(freed.id(), 3u);
    EXPECT_EQ(freed.ordinal(), 2u);
    EXPECT_EQ(freed.end(), End::done);
    EXPECT_EQ(freed.parent().last().state, nullptr);
    EXPECT_NE(held.parent().last().state, nullptr);
    EXPECT_EQ(freed.steps()[0], plain.steps()[0]);  // what held no state is still shared
  }
  EXPECT_TRUE(watch.expired());
}

TEST(TraceTest, AStatelessTraceIsNotCopied) {
  const Trace trace = Trace().extended(step("a")).extended(step("b"));
  EXPECT_EQ(&trace.without_state().last(), &trace.last());
}

TEST(TraceTest, AVeryLongTraceGoesWithoutDeepRecursion) {
  Trace trace;
  for (int i = 0; i < 200'000; ++i) trace = trace.extended(step("x"));
  const Trace branch = trace.extended(step("y"));
  EXPECT_EQ(trace.depth(), 200'000u);
  EXPECT_EQ(branch.text().size(), 200'001u);
  trace = Trace();
  EXPECT_EQ(branch.steps().size(), 200'001u);
}

TEST(TraceTest, LongTracesThatShareAPrefixGoFromSeveralThreads) {
  Trace stem;
  for (int i = 0; i < 50'000; ++i) stem = stem.extended(step("x"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([copy = stem]() mutable {
      for (int k = 0; k < 1000; ++k) copy = copy.extended(step("y"));
      EXPECT_EQ(copy.depth(), 51'000u);
      copy = Trace();
    });
  stem = Trace();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace cairn
