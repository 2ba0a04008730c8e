// Every engine that may expand everything, on every tree of one to three branches and a depth of
// four at most: it finds all leaves, the best of them is the answer, and nothing stays held.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "cairn/beam.h"
#include "cairn/best_first.h"
#include "cairn/plan_search.h"
#include "cairn/tree_search.h"
#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;
using Make = std::function<std::unique_ptr<Engine>(Tree&, int branching)>;

struct Case {
  const char* name;
  Make make;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"beam",
       [](Tree& tree, int branching) {
         return std::make_unique<Beam>(tree, BeamOptions{.width = 81, .expansions = branching});
       }},
      {"diverse beams",
       [](Tree& tree, int branching) {
         return std::make_unique<DiverseBeams>(tree, 1,
                                               BeamOptions{.width = 81, .expansions = branching});
       }},
      {"best first",
       [](Tree& tree, int branching) {
         return std::make_unique<BestFirst>(
             tree,
             BestFirstOptions{.expansions = branching, .max_expanded = 1000, .finished = 1000});
       }},
      {"depth first",
       [](Tree& tree, int branching) {
         return std::make_unique<BestFirst>(tree, BestFirstOptions{.expansions = branching,
                                                                   .max_expanded = 1000,
                                                                   .finished = 1000,
                                                                   .depth_first = true});
       }},
      {"uct",
       [](Tree& tree, int branching) {
         return std::make_unique<TreeSearch>(
             tree,
             TreeSearchOptions{.rule = Rule::uct, .expansions = branching, .iterations = 1000});
       }},
      {"puct, children's backup", [](Tree& tree, int branching) {
         return std::make_unique<TreeSearch>(
             tree, TreeSearchOptions{
                       .expansions = branching, .iterations = 1000, .backup = Backup::children});
       }}};
  return all;
}

std::vector<std::string> leaves_of(int branching, int depth) {
  std::vector<std::string> leaves = {""};
  for (int d = 0; d < depth; ++d) {
    std::vector<std::string> longer;
    for (const std::string& text : leaves)
      for (int b = 0; b < branching; ++b) longer.push_back(text + static_cast<char>('a' + b));
    leaves = std::move(longer);
  }
  return leaves;
}

TEST(BruteForceTest, EveryEngineFindsEveryLeafAndTheBest) {
  for (const Case& one : cases())
    for (int branching = 1; branching <= 3; ++branching)
      for (int depth = 1; depth <= 4; ++depth)
        for (const int lanes : {1, 8}) {
          Toy toy({.branching = branching, .depth = depth});
          const auto engine = one.make(toy.tree, branching);
          toy.grow(*engine, {.lanes = lanes, .merge = Merge::normalised});
          std::vector<std::string> found;
          for (Tree::Index node = 1; node < toy.tree.size(); ++node)
            if (toy.tree[node].trace.finished()) found.push_back(toy.tree[node].trace.text());
          std::sort(found.begin(), found.end());
          const std::vector<std::string> leaves = leaves_of(branching, depth);
          EXPECT_EQ(found, leaves) << one.name;
          const auto best = std::max_element(leaves.begin(), leaves.end(), [](auto& a, auto& b) {
            return testkit::hashed_reward(a) < testkit::hashed_reward(b);
          });
          EXPECT_EQ(outcome(toy.tree, toy.problem, Choose::best).answer, *best) << one.name;
          EXPECT_EQ(toy.policy.states(), 0) << one.name;
        }
}

// An action's walk goes down the best rewards that it sees: the answer is never worse than
// greedy's.
TEST(BruteForceTest, PlansAreNoWorseThanGreedyOnes) {
  for (int branching = 2; branching <= 3; ++branching)
    for (int depth = 1; depth <= 4; ++depth) {
      std::string greedy;
      double sum = 0;
      for (int d = 0; d < depth; ++d) {
        std::string next;
        for (int b = 0; b < branching; ++b) {
          const std::string text = greedy + static_cast<char>('a' + b);
          if (next.empty() || testkit::hashed_reward(text) > testkit::hashed_reward(next))
            next = text;
        }
        greedy = next;
        sum += testkit::hashed_reward(greedy);
      }
      Toy toy({.branching = branching, .depth = depth});
      PlanSearch engine(
          toy.tree,
          {.iterations = 200, .actions = branching, .depth = depth, .states_apart = false});
      toy.grow(engine);
      EXPECT_GE(engine.value(Tree::kRoot), sum / depth - 1e-5);
    }
}

}  // namespace
}  // namespace cairn::search
