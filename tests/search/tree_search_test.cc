#include "cairn/tree_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cairn/rng.h"
#include "testkit/toy_search.h"

namespace cairn::search {
namespace {

using testkit::Toy;

// puct with c = 2, first_play = 0.5 and two equal priors, so that c P = 1.
//   1. the root: a 0.2, b 0.8; N(root) = 2
//   2. a: 0.2 + sqrt(2)/2 = 0.907, b: 0.8 + 0.707 = 1.507 -> b: ba 0.1, bb 0.3
//      N(root) = 4, N(b) = 3, Q(b) = (0.8 + 0.1 + 0.3) / 3 = 0.4
//   3. a: 0.2 + 2/2 = 1.2, b: 0.4 + 2/4 = 0.9 -> a: aa 0.9, ab 0.6; Q(a) = 1.7/3 = 0.567
//      N(root) = 6, sqrt = 2.449
//   4. a: 0.567 + 2.449/4 = 1.179, b: 0.4 + 0.612 = 1.012 -> below a, N(a) = 3, sqrt = 1.732:
//      aa: 0.9 + 0.866 > ab: 0.6 + 0.866 -> aa, whose children finish
float tree_search_rewards(const std::string& text) {
  const std::map<std::string, float> rewards = {{"a", 0.2f},  {"b", 0.8f},  {"ba", 0.1f},
                                                {"bb", 0.3f}, {"aa", 0.9f}, {"ab", 0.6f}};
  const auto found = rewards.find(text);
  return found == rewards.end() ? 0.0f : found->second;
}

TEST(TreeSearchTest, PuctByHand) {
  Toy toy({}, tree_search_rewards);
  TreeSearch engine(toy.tree, {.exploration = 2, .expansions = 2, .iterations = 4});
  toy.grow(engine, {.lanes = 1});
  EXPECT_EQ(toy.texts(),
            (std::vector<std::string>{"a", "b", "ba", "bb", "aa", "ab", "aaa", "aab"}));
  EXPECT_EQ(toy.tree[1].visit_count, 5u);
  EXPECT_EQ(toy.tree[2].visit_count, 3u);
  EXPECT_EQ(toy.tree[0].visit_count, 8u);
  EXPECT_NEAR(engine.value(2), 0.4, 1e-6);
  EXPECT_NEAR(engine.value(1), 1.7 / 5, 1e-6);
}

// Priors of 1 and 3, no rewards: c P = 0.5 and 1.5. Q = 0 throughout, so the walk goes by
// P / (1 + N): 0.25 / 2 against 0.75 / 2 -> b. N(b) = 3: 0.25 / 2 < 0.75 / 4 -> b's, then N(b) = 5:
// 0.25 / 2 = 0.75 / 6, the first of equals -> a.
TEST(TreeSearchTest, PriorsCountAsSharesAmongSiblings) {
  Toy toy({}, [](const std::string&) { return 0.0f; });
  TreeSearch engine(toy.tree, {.exploration = 2, .expansions = 2, .iterations = 4});
  const auto tell = [&](const Expansion& expansion, std::vector<float> priors) {
    std::vector<Tree::Index> children;
    for (const float prior : priors) {
      Step step;
      step.text = "x";
      children.push_back(
          toy.tree.add(expansion.node, toy.tree[expansion.node].trace.extended(step), prior));
    }
    engine.tell(expansion, children);
    return children;
  };
  const auto first = tell(*engine.ask(), {1, 3});
  const auto second = *engine.ask();
  EXPECT_EQ(second.node, first[1]);
  const auto below = tell(second, {0.5f, 0.5f});
  const auto third = *engine.ask();
  EXPECT_EQ(third.node, below[0]);
  tell(third, {2, 2});
  EXPECT_EQ(engine.ask()->node, first[0]);
}

// The same rules, written down once more in the plainest way: recursive, over maps, no states.
struct Plain {
  TreeSearchOptions o;
  int branching, depth;
  std::map<std::string, std::vector<std::string>> children;
  std::map<std::string, double> sum, visits, highest;
  std::map<std::string, bool> closed;

  double q(const std::string& n) {
    if (visits[n] == 0) return o.first_play;
    return o.backup == Backup::max ? highest[n] : sum[n] / visits[n];
  }
  double score(const std::string& parent, const std::string& n) {
    if (o.rule == Rule::uct)
      return visits[n] == 0
                 ? 1e300
                 : q(n) + o.exploration * std::sqrt(std::log(visits[parent]) / visits[n]);
    return q(n) + o.exploration / branching * std::sqrt(visits[parent]) / (1 + visits[n]);
  }
  void back_up(std::string n, double value) {
    while (true) {
      sum[n] += value, visits[n] += 1, highest[n] = std::max(highest[n], value);
      if (n.empty()) return;
      n.pop_back(), value *= o.discount;
    }
  }
  void iterate() {
    if (closed[""]) return;
    std::string n;
    while (!children[n].empty()) {
      std::string best;
      double best_score = -1e301;
      for (const auto& c : children[n])
        if (!closed[c] && score(n, c) > best_score) best = c, best_score = score(n, c);
      n = best;
    }
    if (o.visits == Visits::leaf && !n.empty()) back_up(n, testkit::hashed_reward(n));
    for (int b = 0; b < branching; ++b) {
      const std::string c = n + static_cast<char>('a' + b);
      children[n].push_back(c);
      const bool last = static_cast<int>(c.size()) == depth;
      closed[c] = last;
      if (last || o.visits == Visits::children) back_up(c, testkit::hashed_reward(c));
    }
    while (true) {
      for (const auto& c : children[n])
        if (!closed[c]) return;
      closed[n] = true;
      if (n.empty()) return;
      n.pop_back();
    }
  }
};

TEST(TreeSearchTest, VisitsAreThoseOfThePlainRules) {
  for (const Rule rule : {Rule::uct, Rule::puct})
    for (const Backup backup : {Backup::mean, Backup::max})
      for (const Visits visits : {Visits::children, Visits::leaf})
        for (const double discount : {1.0, 0.9}) {
          const TreeSearchOptions options{.rule = rule,
                                          .expansions = 3,
                                          .iterations = 20,
                                          .backup = backup,
                                          .visits = visits,
                                          .discount = discount};
          Toy toy({.branching = 3, .depth = 4});
          TreeSearch engine(toy.tree, options);
          toy.grow(engine, {.lanes = 1});
          Plain plain{options, 3, 4, {}, {}, {}, {}, {}};
          for (int i = 0; i < 20; ++i) plain.iterate();
          ASSERT_GT(toy.tree.size(), 40u);
          for (Tree::Index node = 0; node < toy.tree.size(); ++node) {
            const std::string text = toy.tree[node].trace.text();
            EXPECT_EQ(toy.tree[node].visit_count, plain.visits[text]) << text;
            EXPECT_NEAR(engine.value(node), plain.q(text), 1e-5) << text;
          }
        }
}

TEST(TreeSearchTest, ASolvedTreeEndsTheSearch) {
  Toy toy({.branching = 2, .depth = 3});
  TreeSearch engine(toy.tree, {.expansions = 2, .iterations = 1000});
  toy.grow(engine, {.lanes = 4});
  EXPECT_EQ(toy.tree.size(), 1u + 2 + 4 + 8);
  EXPECT_EQ(toy.policy.states(), 0);
}

TEST(TreeSearchTest, VirtualLossSendsExpansionsInFlightApart) {
  Toy toy({.branching = 4, .depth = 6});
  TreeSearch engine(toy.tree, {.expansions = 4, .iterations = 1000});
  const auto root = engine.ask();
  ASSERT_TRUE(root);
  EXPECT_FALSE(engine.ask().has_value()) << "the root's children are not there yet";
  std::vector<Tree::Index> children;
  for (int i = 0; i < 4; ++i) {
    Step step;
    step.text = "x";
    children.push_back(toy.tree.add(0, Trace().extended(step)));
    toy.tree.set_reward(children.back(), 0.5f);
  }
  engine.tell(*root, children);
  std::vector<Tree::Index> asked;
  for (int i = 0; i < 4; ++i) asked.push_back(engine.ask()->node);
  EXPECT_EQ(asked, children);
  EXPECT_FALSE(engine.ask().has_value());
}

// With k = 1 and alpha = 1 a node may have as many children as visits: the root's third child comes
// after its first two.
TEST(TreeSearchTest, WideningAddsChildrenAsVisitsGrow) {
  Toy toy({.branching = 8, .depth = 6});
  TreeSearch narrow(toy.tree, {.expansions = 2, .iterations = 30, .widening = 1, .alpha = 0.5});
  toy.grow(narrow, {.lanes = 1});
  const double visits = toy.tree[0].visit_count;
  EXPECT_GT(toy.tree[0].children, 2u);
  EXPECT_LE(toy.tree[0].children, std::sqrt(visits) + 1);
}

// MCTS-DPO's backup on the tree of PuctByHand, c P = 1; N counts expansions, v is
// tree_search_rewards.
//   1. the root: a 0.2, b 0.8 unvisited; N(root) = 1, V = (0.2 + 0.8) / 2 = 0.5
//   2. a: 0.2 + 1, b: 0.8 + 1 -> b: ba 0.1, bb 0.3; Q(b) = 0.2, N(b) = 1; V(root) = 0.2
//   3. N(root) = 2: a: 0.2 + 1.414 = 1.614, b: 0.2 + 0.707 -> a: aa 0.9, ab 0.6; Q(a) = 0.75
//   4. sqrt 3 = 1.732: a: 0.75 + 0.866 = 1.616, b: 0.2 + 0.866 -> below a, N(a) = 1:
//      aa 0.9 + 1 -> aaa, aab with reward 0: Q(aa) = 0, N = 1; Q(a) = (1 * 0 + 1 * 0.6) / 2 = 0.3
TEST(TreeSearchTest, ChildrensBackupByHand) {
  Toy toy({}, tree_search_rewards);
  TreeSearch engine(
      toy.tree, {.exploration = 2, .expansions = 2, .iterations = 4, .backup = Backup::children});
  toy.grow(engine, {.lanes = 1});
  ASSERT_EQ(toy.texts(),
            (std::vector<std::string>{"a", "b", "ba", "bb", "aa", "ab", "aaa", "aab"}));
  EXPECT_NEAR(engine.value(1), 0.3, 1e-6);
  EXPECT_NEAR(engine.value(2), 0.2, 1e-6);
  EXPECT_NEAR(engine.value(5), 0.0, 1e-6);
  EXPECT_NEAR(engine.value(6), 0.6, 1e-6);  // unvisited: its own
  EXPECT_EQ(toy.tree[0].visit_count, 4u);
  EXPECT_EQ(toy.tree[1].visit_count, 2u);
  EXPECT_NEAR(engine.value(0), (2 * 0.3 + 1 * 0.2) / 3, 1e-6);
}

// With a discount of 0.5: Q(b) = 0.5 * 0.8 + 0.5 * (0.1 + 0.3) / 2 = 0.5.
TEST(TreeSearchTest, ChildrensBackupDiscounts) {
  Toy toy({}, tree_search_rewards);
  TreeSearch engine(toy.tree, {.exploration = 2,
                               .expansions = 2,
                               .iterations = 2,
                               .backup = Backup::children,
                               .discount = 0.5});
  toy.grow(engine, {.lanes = 1});
  EXPECT_NEAR(engine.value(2), 0.5, 1e-6);
}

// 20 simulations of UCT with c = 1, tabled by a script of 20 lines that shares nothing with this
// program. Reward of a text: (7 * length + 3 * b's in it + 5 if it begins with b) mod 10, in
// tenths.
TEST(TreeSearchTest, TwentySimulationsAsTabled) {
  const auto reward = [](const std::string& t) {
    const auto bs = std::count(t.begin(), t.end(), 'b');
    return static_cast<float>((7 * static_cast<int>(t.size()) + 3 * bs + (t[0] == 'b' ? 5 : 0)) %
                              10) /
           10;
  };
  const std::map<std::string, std::uint32_t> visits = {
      {"", 40},    {"a", 13},   {"b", 27},   {"aa", 5},   {"ab", 7},   {"ba", 15},  {"bb", 11},
      {"aab", 3},  {"aba", 3},  {"abb", 3},  {"baa", 9},  {"bab", 5},  {"bba", 5},  {"bbb", 5},
      {"baaa", 3}, {"baab", 5}, {"baba", 3}, {"bbaa", 3}, {"bbbb", 3}, {"baabb", 3}};
  Toy toy({.branching = 2, .depth = 20}, reward);
  TreeSearch engine(toy.tree,
                    {.rule = Rule::uct, .exploration = 1, .expansions = 2, .iterations = 20});
  toy.grow_bare(engine);
  ASSERT_EQ(toy.tree.size(), 41u);
  for (Tree::Index node = 0; node < toy.tree.size(); ++node) {
    const auto found = visits.find(toy.tree[node].trace.text());
    EXPECT_EQ(toy.tree[node].visit_count, found == visits.end() ? 1 : found->second)
        << toy.tree[node].trace.text();
  }
  EXPECT_NEAR(engine.value(1), 5.5 / 13, 1e-5);
  EXPECT_NEAR(engine.value(2), 15.0 / 27, 1e-5);
}

// Two arms of 0.35 and 0.65, below which everything pays alike: the share of expansions below the
// worse arm shrinks, as ln n / n does (UCB1: at most 8 ln n / 0.3^2 + 4.3 of n, Auer et al. 2002,
// theorem 1, for c = sqrt 2 and rewards of 0 or 1).
TEST(TreeSearchTest, UctRegretShrinks) {
  const auto share_of_worse = [](int plays, std::uint64_t seed) {
    Tree tree;
    TreeSearch engine(tree, {.rule = Rule::uct,
                             .exploration = std::sqrt(2.0),
                             .expansions = 2,
                             .iterations = plays,
                             .depth = 1 << 20});
    int worse = 0;
    for (std::uint64_t play = 0; const auto expansion = engine.ask(); ++play) {
      std::vector<Tree::Index> children;
      for (int i = 0; i < 2; ++i) {
        Step step;
        const std::string above = tree[expansion->node].trace.text();
        step.text = above.empty() ? (i == 0 ? "a" : "b") : "";
        const bool better = (above + step.text) == "b";
        children.push_back(tree.add(expansion->node, tree[expansion->node].trace.extended(step)));
        const double u = uniform(mix(seed, play), static_cast<std::uint64_t>(i));
        tree.set_reward(children.back(), u < (better ? 0.65 : 0.35) ? 1.0f : 0.0f);
      }
      worse += tree[expansion->node].trace.text() == "a";
      engine.tell(*expansion, children);
    }
    return worse / double(plays);
  };
  double early = 0, late = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    early += share_of_worse(100, seed) / 5;
    late += share_of_worse(2000, seed) / 5;
    EXPECT_LE(share_of_worse(2000, seed), (8 * std::log(4000.0) / 0.09 + 4.3) / 4000);
  }
  EXPECT_LT(late, early / 2);
}

}  // namespace

}  // namespace cairn::search
