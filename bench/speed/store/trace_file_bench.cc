// How long does a large search tree take to be saved and loaded? A tree of 100,000 steps with its
// search's statistics goes to a trace file (JSON lines) and comes back. More than a second for
// either would worry us. The loaded tree is compared with the saved one before anything is timed.
#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "cairn/outcome.h"
#include "cairn/rng.h"
#include "store/jsonl_log.h"
#include "store/trace_file.h"

namespace {

using namespace cairn;  // NOLINT: a program of one file

const Problem kProblem{.id = "bench", .question = "48 and its half?"};

std::filesystem::path file() {
  return std::filesystem::temp_directory_path() / "cairn_trace_file_bench.jsonl";
}

Step step_of(std::uint64_t id) {
  Step step;
  step.text = "Half of 48 is " + std::to_string(id) + ".\n";
  for (int i = 0; i < 12; ++i) {
    step.tokens.push_back(static_cast<Token>(mix(id, static_cast<std::uint64_t>(i)) % 50000));
    step.logprobs.push_back(-0.25f);
    step.certainties.push_back(8.5f);
  }
  step.model = "bench";
  step.seed = id;
  return step;
}

// Each step below one of those before it.
Tree make_tree(std::size_t steps) {
  Tree tree;
  for (std::size_t id = 1; id <= steps; ++id) {
    const auto parent = static_cast<Tree::Index>(mix(3, id) % tree.size() / 2);
    tree.add(parent, tree[parent].trace.extended(step_of(id), End::open, id), 0.5f);
    tree.backup(static_cast<Tree::Index>(id), 0.25);
  }
  return tree;
}

void save(const Tree& tree) {
  std::filesystem::remove(file());
  store::JsonlTraceLog log(file(), {.model = "bench"});
  log.begin(kProblem, "mcts", 1);
  for (Tree::Index node = 1; node < tree.size(); ++node) {
    const Trace& trace = tree[node].trace;
    log.step(kProblem, {.id = trace.id(),
                        .parent = trace.parent().id(),
                        .depth = static_cast<int>(tree[node].depth),
                        .end = trace.end(),
                        .step = &trace.last()});
  }
  for (Tree::Index node = 1; node < tree.size(); ++node)
    log.node(kProblem, tree[node].trace.id(), tree.stats(node));
  log.end(kProblem, {});
}

bool same(const Tree& a, const Tree& b) {
  if (a.size() != b.size()) return false;
  for (Tree::Index node = 1; node < a.size(); ++node)
    if (a[node].trace.last().text != b[node].trace.last().text ||
        a[node].parent != b[node].parent || !(a.stats(node) == b.stats(node)))
      return false;
  return true;
}

void BM_Save(benchmark::State& state) {
  const Tree tree = make_tree(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) save(tree);
  state.counters["MB"] = static_cast<double>(std::filesystem::file_size(file())) / 1e6;
}
BENCHMARK(BM_Save)->ArgName("steps")->Arg(100000)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_Load(benchmark::State& state) {
  const Tree tree = make_tree(static_cast<std::size_t>(state.range(0)));
  save(tree);
  if (!same(tree, store::read_trace_file(file()).episodes.at(0).tree))
    state.SkipWithError("the loaded tree is another one");
  for (auto _ : state) benchmark::DoNotOptimize(store::read_trace_file(file()));
  std::filesystem::remove(file());
}
BENCHMARK(BM_Load)->ArgName("steps")->Arg(100000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
