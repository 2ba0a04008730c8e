// The scheduler over a scripted decoder: whatever is batched, shared, forked, evicted or preempted,
// each request draws what it would draw alone.

#include "model/llama/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <random>

#include "testkit/scripted_decoder.h"

namespace cairn::llama {
namespace {

using testkit::ScriptedDecoder;

constexpr int kVocabulary = 24;

// The token drawn after a prefix, by seed.
Token draw(std::span<const float> logits, std::uint64_t seed, int depth) {
  double total = 0;
  for (const float x : logits) total += std::exp(x);
  double u = uniform(seed, depth) * total;
  for (std::size_t v = 0; v < logits.size(); ++v)
    if ((u -= std::exp(logits[v])) < 0) return static_cast<Token>(v);
  return static_cast<Token>(logits.size() - 1);
}

// What `steps` draws after `prefix` are, with no engine.
std::vector<Token> reference(std::vector<Token> prefix, int steps, std::uint64_t seed) {
  std::uint64_t hash = 0;
  for (const Token token : prefix) hash = testkit::extend_hash(hash, token);
  std::vector<Token> drawn;
  for (int i = 0; i < steps; ++i) {
    const auto logits = testkit::logits_after(hash, kVocabulary);
    drawn.push_back(draw(logits, seed, static_cast<int>(prefix.size()) + i));
    hash = testkit::extend_hash(hash, drawn.back());
  }
  return drawn;
}

struct Result {
  std::vector<Token> drawn;
  std::optional<Stop> stop;
  bool failed = false;
};

class Walk : public Request {
 public:
  Walk(SharedTree& tree, std::vector<Token> prefix, int steps, std::uint64_t seed, Budget& spends)
      : steps_(steps), seed_(seed) {
    cancelled = std::make_shared<std::atomic<bool>>(false);
    budget = &spends;
    const std::lock_guard lock(tree.mutex);
    node = PrefixTree::kRoot;
    for (const Token token : prefix) {
      const auto child = tree.tree.child(node, token);
      tree.tree.release(node);
      node = child;
    }
    from = static_cast<int>(prefix.size()) - 1;
  }
  std::future<Result> result() { return promise_.get_future(); }

  void output(int depth, std::span<const float> logits) override {
    if (!budget->reserve({.generated_tokens = 1})) {
      stop_ = Stop::budget;
      return;
    }
    ++usage.generated_tokens;
    drawn_.push_back(draw(logits, seed_, depth));
  }
  std::optional<Token> next() override {
    if (stop_ || static_cast<int>(drawn_.size()) == steps_) return {};
    return drawn_.back();
  }
  void complete(PrefixTree&, std::optional<Stop> stop) override {
    promise_.set_value({drawn_, stop ? stop : stop_, false});
  }
  void fail(std::exception_ptr) override { promise_.set_value({drawn_, {}, true}); }

 private:
  const int steps_;
  const std::uint64_t seed_;
  std::vector<Token> drawn_;
  std::optional<Stop> stop_;
  std::promise<Result> promise_;
};

struct Case {
  const char* name;
  DecoderShape shape;
  SchedulerOptions options;
};

DecoderShape shape(int sequences, int cells_per_sequence, bool unified, int pool = 0) {
  return {.sequences = sequences,
          .cells = unified ? pool : sequences * cells_per_sequence,
          .cells_per_sequence = cells_per_sequence,
          .batch_tokens = 64,
          .batch_outputs = sequences,
          .vocabulary = kVocabulary,
          .hidden_size = kVocabulary,
          .unified = unified};
}

DecoderShape invariant_shape() {
  DecoderShape s = shape(16, 136, false);
  s.batch_minimum = s.output_minimum = 2;
  return s;
}

// Single tokens may be a batch up to a position in the midst of the tests' lines.
DecoderShape invariant_lone_shape() {
  DecoderShape s = shape(16, 136, false);
  s.batch_minimum = 2;
  s.lone_positions = 12;
  return s;
}

DecoderShape recurrent_shape() {
  DecoderShape s = shape(12, 128, true, 2048);
  s.rollback = false;
  return s;
}

const Case kCases[] = {
    {"unified", shape(16, 128, true, 2048), {.rows = 8, .prompt_piece = 32}},
    {"unified_tight_pool", shape(16, 128, true, 192), {.rows = 8, .prompt_piece = 32}},
    {"unified_few_sequences", shape(4, 128, true, 512), {.rows = 3, .prompt_piece = 16}},
    {"split", shape(16, 128, false), {.rows = 8, .prompt_piece = 32}},
    {"split_few_sequences",
     shape(5, 128, false),
     {.rows = 5, .prompt_piece = 16, .sample_threads = 3}},
    {"split_invariant", invariant_shape(), {.rows = 8, .prompt_piece = 60, .sample_threads = 2}},
    {"split_lone", invariant_lone_shape(), {.rows = 8, .prompt_piece = 60, .sample_threads = 2}},
    {"no_rollback", recurrent_shape(), {.rows = 6, .prompt_piece = 32}},
};

class SchedulerTest : public testing::TestWithParam<Case> {
 protected:
  SchedulerTest() {
    auto decoder = std::make_unique<ScriptedDecoder>(GetParam().shape);
    decoder_ = decoder.get();
    scheduler_ = std::make_unique<Scheduler>(std::move(decoder), GetParam().options);
  }

  std::pair<std::future<Result>, std::shared_ptr<std::atomic<bool>>> start(
      std::vector<Token> prefix, int steps, std::uint64_t seed, Budget& budget) {
    auto walk = std::make_unique<Walk>(*scheduler_->tree(), std::move(prefix), steps, seed, budget);
    auto result = walk->result();
    auto cancelled = walk->cancelled;
    scheduler_->submit(std::move(walk));
    return {std::move(result), cancelled};
  }

  void expect_all_given_back() {
    for (int i = 0; i < 1000 && scheduler_->counters().live_cells != 0; ++i) {
      scheduler_->wake();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(scheduler_->counters().live_tokens, 0);
    EXPECT_EQ(scheduler_->counters().live_cells, 0);
  }

  ScriptedDecoder* decoder_ = nullptr;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_P(SchedulerTest, OneRequestDrawsWhatItDrawsAlone) {
  Budget budget;
  auto [result, cancelled] = start({1, 2, 3}, 10, 7, budget);
  EXPECT_EQ(result.get().drawn, reference({1, 2, 3}, 10, 7));
  EXPECT_EQ(budget.spent().generated_tokens, 10);
  EXPECT_EQ(budget.spent().evaluated_tokens, 3 + 9);  // the last drawn token is never evaluated
  EXPECT_EQ(budget.spent().unique_tokens, 3 + 9);
  expect_all_given_back();
}

TEST_P(SchedulerTest, ManyRequestsDrawWhatTheyDrawAlone) {
  std::mt19937 rng(11);
  const std::vector<Token> shared{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4};
  Budget budget;
  struct Asked {
    std::vector<Token> prefix;
    int steps;
    std::uint64_t seed;
    std::future<Result> result;
  };
  std::vector<Asked> asked;
  for (int i = 0; i < 60; ++i) {
    std::vector<Token> prefix = shared;
    prefix.resize(1 + rng() % shared.size());
    for (int extra = rng() % 30; extra > 0; --extra) prefix.push_back(rng() % kVocabulary);
    if (i % 3 == 0) prefix = shared;
    const int steps = 1 + static_cast<int>(rng() % 40);
    const std::uint64_t seed = rng() % 5;
    auto [result, cancelled] = start(prefix, steps, seed, budget);
    asked.push_back({prefix, steps, seed, std::move(result)});
  }
  std::int64_t generated = 0;
  for (Asked& one : asked) {
    const Result result = one.result.get();
    EXPECT_FALSE(result.failed);
    EXPECT_EQ(result.drawn, reference(one.prefix, one.steps, one.seed));
    generated += one.steps;
  }
  EXPECT_EQ(budget.spent().generated_tokens, generated);
  expect_all_given_back();
}

TEST_P(SchedulerTest, SamplesOfOnePromptAreEvaluatedOnce) {
  if (!GetParam().shape.rollback) GTEST_SKIP() << "evaluates again instead of rolling back";
  const int samples = GetParam().options.rows;
  std::vector<Token> prompt(40);
  for (int i = 0; i < 40; ++i) prompt[i] = i % kVocabulary;
  Budget budget;
  Walk holder(*scheduler_->tree(), prompt, 0, 0, budget);  // as a policy holds its prompt
  std::vector<std::future<Result>> results;
  for (int i = 0; i < samples; ++i) results.push_back(start(prompt, 20, i, budget).first);
  for (auto& result : results) result.get();
  // A request that comes after the prompt was read evaluates its last token once more.
  EXPECT_LT(budget.spent().evaluated_tokens - budget.spent().unique_tokens, samples);
  EXPECT_EQ(scheduler_->counters().evaluated_tokens, budget.spent().evaluated_tokens);
  const std::lock_guard lock(scheduler_->tree()->mutex);
  scheduler_->tree()->tree.release(holder.node);
}

TEST_P(SchedulerTest, ABudgetIsNeverExceeded) {
  for (int limit = 0; limit < 70; limit += 3) {
    Budget generated({.generated_tokens = limit});
    Budget evaluated({.evaluated_tokens = limit});
    std::vector<std::future<Result>> results;
    for (int i = 0; i < 5; ++i) {
      results.push_back(start({1, 2, 3, 4}, 12, i, generated).first);
      results.push_back(start({1, 2, 3, 4}, 12, i, evaluated).first);
    }
    for (auto& result : results) result.get();
    EXPECT_LE(generated.spent().generated_tokens, limit);
    EXPECT_LE(evaluated.spent().evaluated_tokens, limit);
    if (limit < 5 * 12) {
      EXPECT_EQ(generated.spent().generated_tokens, limit);
    }
  }
  expect_all_given_back();
}

TEST_P(SchedulerTest, CancelledRequestsLeaveAtOnce) {
  Budget budget;
  std::vector<std::pair<std::future<Result>, std::shared_ptr<std::atomic<bool>>>> running;
  for (int i = 0; i < 20; ++i) running.push_back(start({1, 2, i}, 60, i, budget));
  for (int i = 0; i < 20; i += 2) *running[i].second = true;
  scheduler_->wake();
  for (int i = 0; i < 20; ++i) {
    const Result result = running[i].first.get();
    const auto whole = reference({1, 2, i}, 60, i);
    if (i % 2 == 1) {
      EXPECT_EQ(result.drawn, whole);
    } else {
      EXPECT_TRUE(std::equal(result.drawn.begin(), result.drawn.end(), whole.begin()));
    }
  }
  expect_all_given_back();
}

TEST_P(SchedulerTest, HeldPrefixesStayAndDroppedOnesGo) {
  Budget budget;
  auto& tree = *scheduler_->tree();
  std::vector<PrefixTree::Node> held;
  std::vector<std::vector<Token>> prefixes;
  for (int i = 0; i < 3; ++i) {
    std::vector<Token> prefix{5, 6, 7, i, 1, 2};
    start(prefix, 1, 1, budget).first.get();
    const std::lock_guard lock(tree.mutex);
    PrefixTree::Node node = PrefixTree::kRoot;
    for (const Token token : prefix) {
      const auto child = tree.tree.child(node, token);
      tree.tree.release(node);
      node = child;
    }
    held.push_back(node);
    prefixes.push_back(prefix);
  }
  EXPECT_EQ(scheduler_->counters().live_tokens, 3 + 3 * 3);  // 5 6 7 once, then three of their own
  {
    const std::lock_guard lock(tree.mutex);
    for (const auto node : held) tree.tree.release(node);
  }
  expect_all_given_back();
}

INSTANTIATE_TEST_SUITE_P(Shapes, SchedulerTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

// Two sets of prefixes: whatever is in flight beside it, the physical cells of a unified pool are
// the unique tokens of the tree.
TEST(SchedulerCells, AUnifiedPoolHoldsEachTokenOnce) {
  auto decoder = std::make_unique<ScriptedDecoder>(shape(16, 128, true, 2048));
  ScriptedDecoder* cells = decoder.get();
  Scheduler scheduler(std::move(decoder), {.rows = 8, .prompt_piece = 32});
  Budget budget;
  std::vector<PrefixTree::Node> held;
  std::vector<std::future<Result>> results;
  std::vector<std::unique_ptr<Walk>> walks;
  for (int i = 0; i < 12; ++i) {
    std::vector<Token> prefix{1, 2, 3, 4, 5, i % 4, i % 3};
    auto walk = std::make_unique<Walk>(*scheduler.tree(), prefix, 5, i, budget);
    {
      const std::lock_guard lock(scheduler.tree()->mutex);
      scheduler.tree()->tree.retain(walk->node);
      held.push_back(walk->node);
    }
    results.push_back(walk->result());
    scheduler.submit(std::move(walk));
  }
  for (auto& result : results) result.get();
  for (int i = 0; i < 500; ++i) {  // until the last rows are closed
    scheduler.wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto counters = scheduler.counters();
    if (counters.live_cells == counters.live_tokens) break;
  }
  const auto counters = scheduler.counters();
  EXPECT_EQ(counters.live_tokens, 5 + 4 + 12);
  EXPECT_EQ(counters.live_cells, counters.live_tokens);
  EXPECT_EQ(cells->physical_cells(), counters.live_cells);
  const std::lock_guard lock(scheduler.tree()->mutex);
  for (const auto node : held) scheduler.tree()->tree.release(node);
}

// A failing backend fails the requests in flight, and only those.
class FailingDecoder : public ScriptedDecoder {
 public:
  using ScriptedDecoder::ScriptedDecoder;
  void decode(std::span<const BatchToken> batch) override {
    if (++calls_ == 3) throw std::runtime_error("out of memory");
    ScriptedDecoder::decode(batch);
  }

 private:
  int calls_ = 0;
};

// Holds the scheduler inside its first output until it is let go.
class Gate : public Walk {
 public:
  using Walk::Walk;
  std::promise<void> reached, open;
  void output(int depth, std::span<const float> logits) override {
    reached.set_value();
    open.get_future().wait();
    Walk::output(depth, logits);
  }
};

// What is submitted until it is opened is taken up together.
Gate& hold(Scheduler& scheduler, Budget& budget) {
  auto gate = std::make_unique<Gate>(*scheduler.tree(), std::vector<Token>{9}, 1, 1, budget);
  Gate& held = *gate;
  std::future<void> reached = held.reached.get_future();
  scheduler.submit(std::move(gate));
  reached.wait();
  return held;
}

class NotedWalk : public Walk {
 public:
  NotedWalk(int name, std::vector<int>& order, SharedTree& tree, std::vector<Token> prefix,
            Budget& spends)
      : Walk(tree, std::move(prefix), 2, 1, spends), name_(name), order_(order) {}
  void complete(PrefixTree& tree, std::optional<Stop> stop) override {
    order_.push_back(name_);
    Walk::complete(tree, stop);
  }

 private:
  const int name_;
  std::vector<int>& order_;
};

TEST(SchedulerOrder, TheFirstQuestionGoesFirstAndOfOneQuestionTheLongestLine) {
  Budget gate_budget, first, second;
  Scheduler scheduler(std::make_unique<ScriptedDecoder>(shape(8, 128, false)), {.rows = 1});
  SharedTree& tree = *scheduler.tree();
  Gate& held = hold(scheduler, gate_budget);
  std::vector<int> order;  // written by the scheduler's thread alone until the last result is here
  std::vector<std::future<Result>> results;
  const auto submit = [&](int name, std::vector<Token> prefix, Budget& budget) {
    auto walk = std::make_unique<NotedWalk>(name, order, tree, std::move(prefix), budget);
    results.push_back(walk->result());
    scheduler.submit(std::move(walk));
  };
  submit(21, {1, 2, 3, 4}, second);
  submit(11, {1, 2}, first);
  submit(12, {1, 2, 5}, first);
  submit(22, {1, 6}, second);
  held.open.set_value();
  for (auto& result : results) result.wait();
  EXPECT_THAT(order, testing::ElementsAre(12, 11, 21, 22));
}

// Four questions of eight branches of 200 tokens, which go on in rounds of four; twelve sequences,
// so one question finds room. Side by side each round would evaluate every branch again: 25
// positions for each new token.
TEST(SchedulerOrder, QuestionsThatFindNoRoomSideBySideTakeTurns) {
  static constexpr int kQuestions = 4, kBranches = 8, kRounds = 50, kStep = 4;
  Scheduler scheduler(std::make_unique<ScriptedDecoder>(shape(12, 256, false)),
                      {.rows = 4, .prompt_piece = 32});
  std::vector<std::unique_ptr<Budget>> budgets;
  std::vector<std::future<void>> questions;
  for (int q = 0; q < kQuestions; ++q) {
    Budget& budget = *budgets.emplace_back(std::make_unique<Budget>());
    questions.push_back(std::async(std::launch::async, [&scheduler, &budget, q] {
      std::vector<std::vector<Token>> lines;
      std::vector<std::unique_ptr<Walk>> holders;  // of the whole lines
      for (int b = 0; b < kBranches; ++b) {
        const std::vector<Token> prompt{q, b};
        const std::vector<Token> drawn = reference(prompt, kRounds * kStep, b);
        lines.push_back(prompt);
        lines[b].insert(lines[b].end(), drawn.begin(), drawn.end());
        holders.push_back(std::make_unique<Walk>(*scheduler.tree(), lines[b], 0, 0, budget));
      }
      for (int round = 0; round < kRounds; ++round) {
        std::vector<std::future<Result>> results;
        for (int b = 0; b < kBranches; ++b) {
          const auto begin = lines[b].begin();
          auto walk = std::make_unique<Walk>(*scheduler.tree(),
                                             std::vector<Token>(begin, begin + 2 + round * kStep),
                                             kStep, b, budget);
          results.push_back(walk->result());
          scheduler.submit(std::move(walk));
        }
        for (auto& result : results) result.get();
      }
      const std::lock_guard lock(scheduler.tree()->mutex);
      for (const auto& holder : holders) scheduler.tree()->tree.release(holder->node);
    }));
  }
  for (auto& question : questions) question.get();
  std::int64_t evaluated = 0, unique = 0;
  for (const auto& budget : budgets) {
    evaluated += budget->spent().evaluated_tokens;
    unique += budget->spent().unique_tokens;
  }
  EXPECT_EQ(unique, kQuestions * kBranches * (2 + kRounds * kStep) - kQuestions * (kBranches - 1) -
                        kQuestions * kBranches);  // the first is shared, the last not evaluated
  EXPECT_LT(evaluated, 3 * unique);
}

// One batch for 20 tokens of one row, one for 3 of each of the others, one for the 2 that two of
// them still miss.
TEST(SchedulerBatches, RowsThatMissFewTokensGoTogether) {
  Budget budget;
  auto decoder = std::make_unique<ScriptedDecoder>(shape(32, 128, false));
  const ScriptedDecoder& counted = *decoder;
  Scheduler scheduler(std::move(decoder), {.rows = 8, .prompt_piece = 32});
  SharedTree& tree = *scheduler.tree();
  Gate& held = hold(scheduler, budget);
  const std::vector<std::vector<Token>> prefixes = {
      {1, 2, 3}, {2, 2, 3, 4, 5}, {3, 2, 3, 4, 5}, std::vector<Token>(20, 4)};
  std::vector<std::future<Result>> results;
  for (const auto& prefix : prefixes) {
    auto walk = std::make_unique<Walk>(tree, prefix, 1, 1, budget);
    results.push_back(walk->result());
    scheduler.submit(std::move(walk));
  }
  const int before = counted.decodes;
  held.open.set_value();
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i].get().drawn, reference(prefixes[i], 1, 1)) << i;
  EXPECT_EQ(counted.decodes - before, 3);
}

TEST(SchedulerFailure, ABrokenDecodeFailsWhatIsInFlightAndNothingElse) {
  Scheduler scheduler(std::make_unique<FailingDecoder>(shape(8, 64, true, 512)), {.rows = 4});
  Budget budget;
  const auto ask = [&] {
    auto walk = std::make_unique<Walk>(*scheduler.tree(), std::vector<Token>{1, 2}, 6, 3, budget);
    auto result = walk->result();
    scheduler.submit(std::move(walk));
    return result.get();
  };
  EXPECT_TRUE(ask().failed);
  EXPECT_EQ(ask().drawn, reference({1, 2}, 6, 3));
}

}  // namespace
}  // namespace cairn::llama
