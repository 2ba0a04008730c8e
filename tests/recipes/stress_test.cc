// Many runs of random recipes at once over a model that is late, fails and is cancelled at random:
// every run ends, no budget is overspent, and nothing stays behind. CAIRN_STRESS_RUNS: how many
// runs, instead of enough for some 10,000 requests.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <memory>
#include <random>

#include "cairn/error.h"
#include "cairn/runner.h"
#include "model/decorator.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/scripted_python.h"

namespace cairn {
namespace {

constexpr int kInFlight = 40;

class FaultyModel : public ModelDecorator {
 public:
  using ModelDecorator::ModelDecorator;

  BranchPtr branch(const BranchPtr& from, std::span<const Token> tokens) override {
    return watched(ModelDecorator::branch(from, tokens));
  }

  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    const auto executor = co_await asio::this_coro::executor;
    for (int late = static_cast<int>(random_() % 4); late > 0; --late)
      co_await asio::post(executor, asio::use_awaitable);
    if (random_() % 400 == 0) throw Error(Fault::model, "faulty", "it failed", "Nothing");
    Generation got = co_await ModelDecorator::generate(std::move(request), budget);
    watched(got.branch);
    ++requests_;
    co_return got;
  }
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override {
    const auto executor = co_await asio::this_coro::executor;
    for (int late = static_cast<int>(random_() % 4); late > 0; --late)
      co_await asio::post(executor, asio::use_awaitable);
    if (random_() % 400 == 0) throw Error(Fault::model, "faulty", "it failed", "Nothing");
    std::vector<float> p =
        co_await ModelDecorator::label_probabilities(std::move(prefix), std::move(labels), budget);
    ++requests_;
    co_return p;
  }

  int requests() const { return requests_; }

  int alive() const {
    return static_cast<int>(std::count_if(branches_.begin(), branches_.end(),
                                          [](const auto& branch) { return !branch.expired(); }));
  }

 private:
  const BranchPtr& watched(const BranchPtr& branch) {
    branches_.push_back(branch);
    return branch;
  }
  std::minstd_rand random_{7};
  int requests_ = 0;
  std::vector<std::weak_ptr<const Branch>> branches_;
};

struct Seen {
  int done = 0, limited = 0, cancelled = 0, failed = 0, overspent = 0;
  int all() const { return done + limited + cancelled + failed; }
};

// Cancels a run after some turns, unless it has ended; then `running` is gone as well.
asio::awaitable<void> cancel_later(std::shared_ptr<bool> ended, Budget*& running, unsigned turns) {
  const auto executor = co_await asio::this_coro::executor;
  for (; turns > 0 && !*ended; --turns) co_await asio::post(executor, asio::use_awaitable);
  if (!*ended && running) running->cancel();
}

asio::awaitable<void> one_run(LanguageModel& model, int number, Seen& seen) {
  std::minstd_rand random(static_cast<unsigned>(number) + 1);
  const Recipe& recipe = catalog()[random() % catalog().size()];
  const Problem problem{.id = "toy/" + std::to_string(number), .question = "48 and its half?"};
  RunOptions options{.max_trace_tokens = 60, .seed = static_cast<std::uint64_t>(number)};
  testkit::ScriptedTools tools;
  options.tools = &tools;
  if (recipe.draft != Draft::none && random() % 2 == 0) options.draft = &model;
  if (random() % 3 == 0) options.limits.generated_tokens = random() % 300;
  if (random() % 5 == 0) options.limits.wall_time = std::chrono::microseconds(random() % 3000);
  Budget* budget = nullptr;
  const auto ended = std::make_shared<bool>(false);
  if (random() % 4 == 0) {
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, cancel_later(ended, budget, random() % 200), asio::detached);
  }
  try {
    const Outcome outcome = co_await run_problem(model, recipe, problem, options, &budget);
    const auto limit = options.limits.generated_tokens;
    seen.overspent += limit && outcome.usage.generated_tokens > *limit;
    ++(outcome.stopped == Stopped::done        ? seen.done
       : outcome.stopped == Stopped::cancelled ? seen.cancelled
                                               : seen.limited);
  } catch (const Error&) {
    ++seen.failed;
  }
  *ended = true;
}

int runs_wanted() {
  const char* wanted = std::getenv("CAIRN_STRESS_RUNS");
  return wanted ? std::max(1, std::atoi(wanted)) : 800;
}

TEST(StressTest, ManyRunsLeaveNothingBehind) {
  ScriptedModel script({{"<|assistant|>",
                         {"Half of 48 is 24.\nSo 48 + 24 = 72.\nThe answer is 72.\n",
                          "The answer is 70.\n", "Let me see.\nHm.\nIt is more than 48.\n"}}});
  FaultyModel model(script);
  Seen seen;
  asio::io_context io;
  const int runs = runs_wanted();
  int next = 0;
  std::function<void(std::exception_ptr)> start_another = [&](std::exception_ptr error) {
    EXPECT_EQ(error, nullptr);
    if (next < runs) asio::co_spawn(io, one_run(model, next++, seen), start_another);
  };
  for (int i = 0; i < kInFlight; ++i) start_another(nullptr);
  io.run();
  EXPECT_EQ(seen.all(), runs);
  EXPECT_GT(model.requests(), 10 * runs);
  EXPECT_EQ(seen.overspent, 0);
  for (const int kind : {seen.done, seen.limited, seen.cancelled, seen.failed}) EXPECT_GT(kind, 4);
  EXPECT_EQ(model.alive(), 0);
}

}  // namespace
}  // namespace cairn
