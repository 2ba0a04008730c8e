// What do the search engines themselves cost? Each engine is asked and told with no model behind
// it. Reference: a decode of one batch takes 10 ms and more, so microseconds a node are lost in it;
// what would worry us is a cost that grows with the tree. Goals: PUCT 5 us a node, flat from 1,000
// to 100,000 nodes; adaptive branching 50 us a node at 1,000; particles 1 us each. And what do they
// keep? Goal: 200 bytes a node beside the step itself.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "cairn/adaptive_branching.h"
#include "cairn/particles.h"
#include "cairn/rng.h"
#include "cairn/tree_search.h"

namespace {

using namespace cairn;  // NOLINT: a program of one file

Step small_step(Tree::Index node) {
  Step step;
  step.text = "x";
  step.seed = node;
  return step;
}

// Answers an expansion as grow() would, with rewards that depend on the node alone.
void answer(Tree& tree, search::Engine& engine, const search::Expansion& expansion) {
  std::vector<Tree::Index> children;
  for (int i = 0; i < expansion.children; ++i) {
    const auto next = static_cast<Tree::Index>(tree.size());
    const double u = uniform(11, next);
    children.push_back(tree.add(expansion.node,
                                tree[expansion.node].trace.extended(small_step(next)),
                                static_cast<float>(0.1 + 0.8 * uniform(12, next))));
    tree.set_reward(children.back(), static_cast<float>(u));
  }
  engine.tell(expansion, children);
}

// Grows a tree to `nodes`; the time of adding the nodes to the tree is part of it.
template <class Engine, class Options>
void grow_to(benchmark::State& state, Options options) {
  const auto nodes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    Tree tree;
    Engine engine(tree, options);
    while (tree.size() < nodes) {
      const auto expansion = engine.ask();
      if (!expansion) break;
      answer(tree, engine, *expansion);
    }
    if (tree.size() < nodes) state.SkipWithError("the search ended early");
  }
  state.counters["us/node"] = benchmark::Counter(
      1e-6 * static_cast<double>(nodes),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_Puct(benchmark::State& state) {
  grow_to<search::TreeSearch>(
      state, search::TreeSearchOptions{.expansions = 4, .iterations = 1 << 30, .depth = 1 << 20});
}
BENCHMARK(BM_Puct)->ArgName("nodes")->RangeMultiplier(10)->Range(1000, 100000);

std::size_t allocated() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

// Bytes that the tree and the engine take for a node: its step and trace were made before, and are
// shared by it.
void BM_Memory(benchmark::State& state) {
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const search::TreeSearchOptions options{.iterations = 1 << 30, .depth = 1 << 20};
  std::vector<Trace> made(1);
  std::size_t bytes = 0;
  for (auto _ : state)
    for (const bool measured : {false, true}) {
      const std::size_t before = allocated();
      Tree tree;
      search::TreeSearch engine(tree, options);
      while (tree.size() < nodes) {
        const search::Expansion expansion = *engine.ask();
        std::vector<Tree::Index> children;
        for (int i = 0; i < expansion.children; ++i) {
          const std::size_t next = tree.size();
          if (!measured)
            made.push_back(
                tree[expansion.node].trace.extended(small_step(static_cast<Tree::Index>(next))));
          children.push_back(tree.add(expansion.node, made[next], 0.5f));
          tree.set_reward(children.back(), static_cast<float>(uniform(11, next)));
        }
        engine.tell(expansion, children);
      }
      if (measured) bytes = allocated() - before;
    }
  state.counters["B/node"] = static_cast<double>(bytes) / static_cast<double>(nodes);
}
BENCHMARK(BM_Memory)->ArgName("nodes")->Arg(100000)->Iterations(1);

void BM_AdaptiveBranching(benchmark::State& state) {
  grow_to<search::AdaptiveBranching>(
      state, search::AdaptiveBranchingOptions{.iterations = 1 << 30, .depth = 1 << 20});
}
BENCHMARK(BM_AdaptiveBranching)->ArgName("nodes")->RangeMultiplier(10)->Range(100, 10000);

// One round of all particles, resampling included.
void BM_Particles(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  constexpr int kRounds = 20;
  for (auto _ : state) {
    Tree tree;
    search::Particles engine(tree, {.particles = count, .depth = kRounds, .ess = 1});
    for (int round = 0; round < kRounds; ++round)
      for (int i = 0; i < count; ++i) answer(tree, engine, *engine.ask());
    if (engine.ask()) state.SkipWithError("more rounds than asked for");
  }
  state.counters["us/particle"] =
      benchmark::Counter(1e-6 * count * kRounds, benchmark::Counter::kIsIterationInvariantRate |
                                                     benchmark::Counter::kInvert);
}
BENCHMARK(BM_Particles)->ArgName("particles")->RangeMultiplier(8)->Range(8, 512);

// 100,000 backups on a chain as deep as a long trace.
void BM_Backup(benchmark::State& state) {
  Tree tree;
  Tree::Index node = Tree::kRoot;
  for (int depth = 0; depth < 40; ++depth)
    node = tree.add(node, tree[node].trace.extended(small_step(node)));
  for (auto _ : state) tree.backup(node, 0.5);
}
BENCHMARK(BM_Backup);

}  // namespace
