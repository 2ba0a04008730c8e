// grow(): what is in flight together ends in any order.

#include <gtest/gtest.h>

#include <set>

#include "cairn/beam.h"
#include "cairn/error.h"
#include "cairn/tree_search.h"
#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

struct Grown {
  std::vector<std::string> texts;
  std::vector<std::uint32_t> visits;
  bool operator<(const Grown& other) const {
    return std::tie(texts, visits) < std::tie(other.texts, other.visits);
  }
};

Grown grown(std::uint64_t pace, bool in_order) {
  testkit::Toy toy({.branching = 3, .depth = 5, .pace = pace});
  TreeSearch engine(toy.tree, {.expansions = 2, .iterations = 30, .widening = 1.5});
  toy.grow(engine, {.lanes = 4, .in_order = in_order});
  Grown all{.texts = toy.texts()};
  for (Tree::Index node = 0; node < toy.tree.size(); ++node)
    all.visits.push_back(toy.tree[node].visit_count);
  return all;
}

// The policy takes another time for each call at each pace.
TEST(Grow, ToldInOrderASearchDoesNotDependOnWhatTakesHowLong) {
  std::set<Grown> in_order, as_they_end;
  for (const std::uint64_t pace : {0u, 1u, 2u, 3u, 5u}) {
    in_order.insert(grown(pace, true));
    as_they_end.insert(grown(pace, false));
  }
  EXPECT_EQ(in_order.size(), 1u);
  EXPECT_GT(as_they_end.size(), 1u);
}

// Four proposals "x", "X ", "x", "y".
TEST(Grow, SiblingsThatSayTheSameBecomeOne) {
  class Proposals : public testkit::ToyPolicy {
   public:
    using ToyPolicy::ToyPolicy;
    asio::awaitable<std::vector<Trace>> extend(const Problem&, std::vector<Trace> traces,
                                               Proposal) override {
      const char* const texts[] = {"x", "X ", "x", "y"};
      for (std::size_t i = 0; i < traces.size(); ++i) {
        Step step;
        step.text = texts[i];
        traces[i] = traces[i].extended(std::move(step), End::done, i + 1);
      }
      co_return traces;
    }
  };
  const auto kept = [](Merge merge) {
    testkit::Toy toy(testkit::ToyOptions{});
    Proposals proposals(testkit::ToyOptions{});
    TreeSearch engine(toy.tree, {.expansions = 4, .iterations = 1});
    toy.grow(engine, {.merge = merge, .actors = {&proposals}});
    return toy.texts();
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(kept(merge_named("none")), (Texts{"x", "X ", "x", "y"}));
  EXPECT_EQ(kept(merge_named("exact")), (Texts{"x", "X ", "y"}));
  EXPECT_EQ(kept(merge_named("normalised")), (Texts{"x", "y"}));
  EXPECT_THROW(merge_named("normalized"), Error);
}

// A line that a limit cut has no answer, and is not written a second time.
TEST(Grow, WhatIsFinishedWithoutAnAnswerIsNotBegunAgain) {
  class Cut : public testkit::ToyPolicy {
   public:
    using ToyPolicy::ToyPolicy;
    asio::awaitable<std::vector<Trace>> extend(const Problem&, std::vector<Trace> traces,
                                               Proposal) override {
      ++calls;
      for (Trace& trace : traces) {
        Step step;
        step.text = "line";
        trace = trace.extended(std::move(step), trace.depth() == 0 ? End::open : End::cut, calls);
      }
      co_return traces;
    }
    int calls = 0;
  };
  testkit::Toy toy(testkit::ToyOptions{});
  Cut policy(testkit::ToyOptions{});
  Beam engine(toy.tree, {.width = 1, .expansions = 1, .depth = 5});
  toy.grow(engine, {.actors = {&policy}});
  EXPECT_EQ(policy.calls, 2);
  EXPECT_EQ(toy.texts(), (std::vector<std::string>{"line", "lineline"}));
}

}  // namespace
}  // namespace cairn::search
