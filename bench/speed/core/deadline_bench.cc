// By how much is a deadline missed, and how long does a cancelled run go on? Every recipe runs on a
// scripted model whose every token takes a decode step of known length, with random deadlines, and
// is then cancelled at random moments. More than one decode step and 20 ms would worry us.
//
//   deadline_bench [RUNS]      of each recipe, 6 unless said
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "cairn/rng.h"
#include "cairn/runner.h"
#include "model/decorator.h"
#include "model/scripted.h"
#include "store/sql.h"

namespace {

using namespace cairn;  // NOLINT: a program of one file
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kDecode{10};
constexpr double kAllowedMs = 10 + 20;

// One decode step for every token; rows that are decoded side by side wait for the same steps.
class SlowModel : public ModelDecorator {
 public:
  using ModelDecorator::ModelDecorator;

  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    Generation all;
    const int most = request.max_tokens;
    request.segmenter = nullptr;
    request.offered.clear();
    for (int i = 0; i < std::max(1, most); ++i) {
      co_await decode(budget);
      GenerateRequest one = request;
      one.max_tokens = std::min(1, most);
      one.prefix = all.branch ? all.branch : request.prefix;
      Generation token = co_await ModelDecorator::generate(std::move(one), budget);
      all.tokens.insert(all.tokens.end(), token.tokens.begin(), token.tokens.end());
      all.logprobs.insert(all.logprobs.end(), token.logprobs.begin(), token.logprobs.end());
      all.certainties.insert(all.certainties.end(), token.certainties.begin(),
                             token.certainties.end());
      all.entropies.insert(all.entropies.end(), token.entropies.begin(), token.entropies.end());
      all.text += token.text;
      all.branch = token.branch;
      all.usage += token.usage;
      all.stop = token.stop;
      if (token.stop != Stop::max_tokens) break;
    }
    co_return all;
  }

  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override {
    co_await decode(budget);
    std::vector<float> p =
        co_await ModelDecorator::label_probabilities(std::move(prefix), std::move(labels), budget);
    co_return p;
  }

 private:
  // Nothing is decoded for a budget that has ended.
  static asio::awaitable<void> decode(const Budget& budget) {
    if (budget.stopped()) co_return;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, kDecode);
    co_await timer.async_wait(asio::use_awaitable);
  }
};

// For the recipes that write queries.
std::string database() {
  const auto path = std::filesystem::temp_directory_path() / "cairn_deadline_bench.sqlite";
  store::Sql(path, /*write=*/true).run("CREATE TABLE IF NOT EXISTS walk (step INTEGER)");
  return path;
}

// How many milliseconds after `limit` the run ended; 0 where it ended before.
double late_ms(SlowModel& model, const Recipe& recipe, const Problem& problem, milliseconds limit,
               bool cancel, std::uint64_t seed) {
  RunOptions options{.segmenter = "none", .max_step_tokens = 8, .max_trace_tokens = 4000};
  options.seed = seed;
  if (recipe.draft == Draft::must) options.draft = &model;
  if (!cancel) options.limits.wall_time = limit;
  asio::io_context io;
  Budget* budget = nullptr;
  asio::steady_timer timer(io, limit);
  const auto start = Clock::now();
  Clock::time_point end = start;
  asio::co_spawn(io, run_problem(model, recipe, problem, options, &budget),
                 [&](std::exception_ptr error, const Outcome&) {
                   if (error) std::rethrow_exception(error);
                   end = Clock::now();
                   timer.cancel();
                 });
  if (cancel)
    timer.async_wait([&](const boost::system::error_code&) {
      if (budget) budget->cancel();
    });
  else
    timer.cancel();
  io.run();
  return std::max(0.0, std::chrono::duration<double, std::milli>(end - start - limit).count());
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 6;
  ScriptedModel script({{"", {"on and on, step by step.\n", "and so forth, for ever.\n"}}});
  SlowModel model(script);
  const Problem problem{.id = "bench", .question = "How far?", .database = database()};
  bool good = true;
  fmt::print("{:<22}{:>20}{:>18}\n", "recipe", "deadline late, ms", "cancel late, ms");
  for (const Recipe& recipe : catalog()) {
    double late[2] = {0, 0};
    for (int run = 0; run < runs; ++run)
      for (const bool cancel : {false, true}) {
        const auto seed = mix(cancel, static_cast<std::uint64_t>(run));
        const milliseconds limit(30 + mix(seed, recipe.name) % 200);
        late[cancel] = std::max(late[cancel], late_ms(model, recipe, problem, limit, cancel, seed));
      }
    good &= late[0] <= kAllowedMs && late[1] <= kAllowedMs;
    fmt::print("{:<22}{:>20.1f}{:>18.1f}\n", recipe.name, late[0], late[1]);
  }
  fmt::print("{}\n", good ? "all within a decode step and 20 ms" : "later than allowed");
}
