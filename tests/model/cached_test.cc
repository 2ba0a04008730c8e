// cached: what was drawn once is not drawn again, and a run cannot tell the difference.

#include "model/cached.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cairn/runner.h"
#include "contracts/language_model_contract.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/scripted_python.h"
#include "testkit/transcript.h"

namespace cairn {
namespace {

std::vector<ScriptLine> script() {
  return {{"<|assistant|>", {"2 + 2 = 4.\nThe answer is 4.\n", "It is odd.\nThe answer is 5.\n"}},
          {"Q:", {"first we count the clips", "then we halve what is left of them"}}};
}

std::string played(LanguageModel& model, const std::string& recipe,
                   std::optional<std::int64_t> budget, std::uint64_t seed = 1) {
  testkit::Transcript log;
  const Problem problem{.id = "toy/1", .question = "2 + 2 = ?", .database = "clips.sqlite"};
  testkit::ScriptedTools tools;
  RunOptions options{.seed = seed, .log = &log};
  options.tools = &tools;
  options.limits.generated_tokens = budget;
  const Outcome outcome = testkit::run(run_problem(model, find_recipe(recipe), problem, options));
  const Usage& u = outcome.usage;
  return log.text() + fmt::format("{} {} {} {}", u.generated_tokens, u.evaluated_tokens,
                                  u.unique_tokens, u.model_calls);
}

Generation asked(LanguageModel& model, int max_tokens, Budget& budget, std::uint64_t seed = 7) {
  GenerateRequest request;
  request.prefix = model.branch(nullptr, model.tokenize("Q:", true));
  request.sampling.temperature = 1;
  request.seed = seed;
  request.max_tokens = max_tokens;
  return testkit::run(model.generate(std::move(request), budget));
}

std::filesystem::path scratch_file() {
  const auto path = std::filesystem::temp_directory_path() /
                    ("cairn-cache-" + std::to_string(::getpid()) + ".jsonl");
  std::filesystem::remove(path);
  return path;
}

// Behind a run without a budget: steps, answer and cost are those without a cache.
TEST(CachedModelTest, EveryRecipeIsTheSameAtEveryBudget) {
  for (const Recipe& recipe : catalog()) {
    if (recipe.draft == Draft::must) continue;
    for (const int budget : {0, 11, 23, 60, 1000}) {
      DrawCache cache;
      ScriptedModel before(script()), plain(script()), inner(script());
      CachedModel first(before, cache), cached(inner, cache);
      played(first, recipe.name, {});
      EXPECT_EQ(played(cached, recipe.name, budget), played(plain, recipe.name, budget))
          << recipe.name << " at " << budget;
    }
  }
}

TEST(CachedModelTest, TheSecondRunDrawsNothingAndSaysSo) {
  const auto path = scratch_file();
  std::int64_t drawn = 0;
  {
    DrawCache cache(path);
    ScriptedModel model(script());
    CachedModel cached(model, cache);
    played(cached, "best_of_n", {});
    drawn = model.counters().generated_tokens;
    EXPECT_GT(drawn, 0);
  }
  DrawCache again(path);
  ScriptedModel model(script());
  CachedModel cached(model, again);
  played(cached, "best_of_n", {});
  EXPECT_EQ(model.counters().generated_tokens, 0);
  played(cached, "best_of_n", {}, /*seed=*/2);
  EXPECT_EQ(model.counters().generated_tokens, drawn);
  std::filesystem::remove(path);
}

// "first we count ..." or "then we halve ...": ten letters, then what is behind them.
TEST(CachedModelTest, ALongerRequestGoesOnBehindTheKeptDraws) {
  DrawCache cache;
  ScriptedModel model(script());
  CachedModel cached(model, cache);
  Budget first;
  EXPECT_EQ(asked(cached, 10, first).tokens.size(), 10u);
  EXPECT_EQ(first.spent().cached_tokens, 0);
  Budget second;
  const Generation longer = asked(cached, 16, second);
  EXPECT_EQ(longer.tokens.size(), 16u);
  EXPECT_EQ(model.counters().generated_tokens, 16);
  EXPECT_EQ(second.spent().generated_tokens, 16);
  EXPECT_EQ(second.spent().cached_tokens, 10);
  EXPECT_EQ(second.spent().model_calls, 1);
  EXPECT_EQ(longer.usage.generated_tokens, 16);
  EXPECT_EQ(longer.usage.model_calls, 1);
  // The first 11 positions ("Q:" and nine letters) were evaluated before; six more now.
  EXPECT_EQ(second.spent().evaluated_tokens, 6);
  ScriptedModel plain(script());
  Budget whole;
  EXPECT_EQ(asked(plain, 16, whole).text, longer.text);
}

TEST(CachedModelTest, ABudgetEndsInTheMiddleOfKeptDraws) {
  DrawCache cache;
  ScriptedModel model(script());
  CachedModel cached(model, cache);
  Budget unlimited;
  const Generation whole = asked(cached, 100, unlimited);
  EXPECT_EQ(whole.stop, Stop::end_of_text);
  Budget four({.generated_tokens = 4});
  const Generation part = asked(cached, 100, four);
  EXPECT_EQ(part.stop, Stop::budget);
  EXPECT_EQ(part.text, whole.text.substr(0, 4));
  EXPECT_EQ(part.branch->size(), 6u);
  EXPECT_EQ(four.spent().generated_tokens, 4);
  Budget another_seed;
  asked(cached, 1, another_seed, /*seed=*/8);
  EXPECT_EQ(another_seed.spent().cached_tokens, 0);
}

TEST(CachedModelTest, WhatWasReadIsNotReadAgain) {
  DrawCache cache;
  ScriptedModel model(script());
  for (const std::int64_t read : {6, 0}) {  // of "Q:first", all but the last letter; then kept
    const std::int64_t before = model.counters().evaluated_tokens;
    CachedModel cached(model, cache);
    Budget budget;
    const BranchPtr prefix = cached.branch(nullptr, cached.tokenize("Q:", true));
    const auto got = testkit::run(cached.read(prefix, cached.tokenize("first", false), budget));
    ASSERT_EQ(got.logprobs.size(), 5u);
    EXPECT_NEAR(got.logprobs[0], std::log(0.5), 1e-6);
    ASSERT_EQ(got.entropies.size(), 5u);
    EXPECT_NEAR(got.entropies[0], std::log(2), 1e-6);  // two ways to go on
    EXPECT_NEAR(got.certainties[0], 0, 1e-6);
    EXPECT_EQ(model.counters().evaluated_tokens - before, read);
    EXPECT_EQ(budget.spent().evaluated_tokens, 6);
    EXPECT_EQ(budget.spent().model_calls, 1);
  }
}

TEST(DrawCacheTest, NumbersComeBackToTheLastBitAndATornLineIsDropped) {
  const auto path = scratch_file();
  const Draws draws{{1, 2}, {-0.1f, -1e-38f}, {3.3333333f, 16777217.0f}, {0.1f, 0.2f}, true, -0.7};
  {
    DrawCache cache(path);
    cache.keep("a", draws);
    cache.keep("a", Draws{{1}, {-0.1f}, {3.3333333f}, {0.1f}});  // says less
    cache.keep("b", std::vector<float>{0.1f, 1.0f / 3});
  }
  {
    std::ofstream torn(path, std::ios::app);
    torn << R"({"key":"c","tokens":[1,)";
  }
  DrawCache cache(path);
  const auto found = cache.draws("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tokens, draws.tokens);
  EXPECT_EQ(found->logprobs, draws.logprobs);
  EXPECT_EQ(found->certainties, draws.certainties);
  EXPECT_EQ(found->entropies, draws.entropies);
  EXPECT_TRUE(found->ended);
  EXPECT_EQ(cache.numbers("b"), (std::vector<float>{0.1f, 1.0f / 3}));
  EXPECT_FALSE(cache.draws("c"));
  cache.keep("c", draws);
  EXPECT_TRUE(DrawCache(path).draws("c"));
  std::filesystem::remove(path);
}

}  // namespace

namespace contracts {

struct WithCache : ScriptedModel, DrawCache, CachedModel {
  WithCache()
      : ScriptedModel(script()),
        CachedModel(static_cast<ScriptedModel&>(*this), static_cast<DrawCache&>(*this)) {}
};

std::unique_ptr<LanguageModel> with_cache() {
  LanguageModel* model = static_cast<CachedModel*>(new WithCache());
  return std::unique_ptr<LanguageModel>(model);
}

INSTANTIATE_TEST_SUITE_P(Cached, LanguageModelContract,
                         testing::Values(ModelFactory{"cached", with_cache, "Q:", true}),
                         factory_name);

}  // namespace contracts
}  // namespace cairn
