#include "contracts/language_model_contract.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "cairn/error.h"
#include "cairn/segmenter.h"
#include "testkit/run.h"

namespace cairn::contracts {

// A program may hold this suite and no model to run it on.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LanguageModelContract);

namespace {

using testkit::run;

bool at_budget_or_end(const Generation& got) {
  return got.stop == Stop::budget || got.stop == Stop::end_of_text;
}

}  // namespace

BranchPtr LanguageModelContract::start() const {
  const std::vector<Token> tokens = model_->tokenize(GetParam().prompt, false);
  return model_->branch(nullptr, tokens);
}

GenerateRequest LanguageModelContract::request(int tokens, std::uint64_t seed,
                                               float temperature) const {
  GenerateRequest out;
  out.prefix = start();
  out.max_tokens = tokens;
  out.seed = seed;
  out.sampling.temperature = temperature;
  return out;
}

TEST_P(LanguageModelContract, TokensAreTextAndBack) {
  for (const std::string text : {"", "a", "3.5 cats, 7 dogs\n\n", "caf\xc3\xa9 \xe2\x82\xac"})
    EXPECT_EQ(model_->detokenize(model_->tokenize(text, false)), text);
}

TEST_P(LanguageModelContract, BranchesAreTheirTokens) {
  const std::vector<Token> tokens = model_->tokenize("one two three", false);
  const BranchPtr whole = model_->branch(nullptr, tokens);
  EXPECT_EQ(whole->tokens(), tokens);
  const BranchPtr twice = model_->branch(whole, tokens);
  EXPECT_EQ(twice->size(), 2 * tokens.size());
  EXPECT_EQ(model_->rollback(twice, tokens.size())->tokens(), tokens);
}

TEST_P(LanguageModelContract, AGenerationIsConsistentWithItself) {
  Budget budget;
  const Generation got = run(model_->generate(request(24, 5), budget));
  EXPECT_LE(got.tokens.size(), 24u);
  EXPECT_EQ(got.logprobs.size(), got.tokens.size());
  EXPECT_EQ(got.certainties.size(), got.tokens.size());
  EXPECT_EQ(got.entropies.size(), got.tokens.size());
  EXPECT_EQ(got.text, model_->detokenize(got.tokens));
  EXPECT_EQ(got.branch->size(), start()->size() + got.tokens.size());
  for (const float logprob : got.logprobs) EXPECT_LE(logprob, 1e-5f);
  const Usage spent = budget.spent();
  EXPECT_EQ(spent.model_calls, 1);
  EXPECT_EQ(spent.generated_tokens, got.usage.generated_tokens);
  EXPECT_EQ(spent.evaluated_tokens, got.usage.evaluated_tokens);
  EXPECT_GE(got.usage.generated_tokens, static_cast<std::int64_t>(got.tokens.size()));
}

TEST_P(LanguageModelContract, WhatIsReadAgreesWithTheGeneration) {
  Budget budget;
  const Generation got = run(model_->generate(request(12, 3), budget));
  ASSERT_FALSE(got.tokens.empty());
  const Reading again = run(model_->read(start(), got.tokens, budget));
  ASSERT_EQ(again.logprobs.size(), got.tokens.size());
  for (std::size_t i = 0; i < got.tokens.size(); ++i) {
    EXPECT_NEAR(again.logprobs[i], got.logprobs[i], 2e-2);
    EXPECT_NEAR(again.certainties[i], got.certainties[i], 2e-2);
    EXPECT_NEAR(again.entropies[i], got.entropies[i], 2e-2);
  }
}

TEST_P(LanguageModelContract, EightAtOnceAreEightAlone) {
  if (!model_->info().reproducible) GTEST_SKIP() << "says that it is not reproducible";
  Budget budget;
  std::vector<asio::awaitable<Generation>> works;
  for (int i = 0; i < 8; ++i) works.push_back(model_->generate(request(16, i), budget));
  const std::vector<Generation> together = testkit::run_all(std::move(works));
  std::set<std::string> texts;
  for (int i = 0; i < 8; ++i) {
    const auto fresh = GetParam().make();
    GenerateRequest alone = request(16, i);
    alone.prefix = fresh->branch(nullptr, alone.prefix->tokens());
    const Generation single = run(fresh->generate(alone, budget));
    EXPECT_EQ(together[i].tokens, single.tokens) << i;
    EXPECT_EQ(together[i].logprobs, single.logprobs) << i;
    texts.insert(single.text);
  }
  EXPECT_GT(texts.size(), 1u) << "seeds have no influence";
}

TEST_P(LanguageModelContract, ARolledBackBranchGoesOnAsBefore) {
  if (!model_->info().reproducible) GTEST_SKIP() << "says that it is not reproducible";
  Budget budget;
  const Generation whole = run(model_->generate(request(16, 11), budget));
  ASSERT_GE(whole.tokens.size(), 8u);
  GenerateRequest rest = request(static_cast<int>(whole.tokens.size()) - 5, 11);
  rest.prefix = model_->rollback(whole.branch, start()->size() + 5);
  const Generation tail = run(model_->generate(rest, budget));
  EXPECT_EQ(tail.tokens, std::vector<Token>(whole.tokens.begin() + 5, whole.tokens.end()));
}

// Two apart cost the same, though the second asks what the first did; one who asks again does not.
TEST_P(LanguageModelContract, WhatIsApartFindsNothingEvaluated) {
  const std::vector<Token> tokens = start()->tokens();
  const BranchPtr one = model_->apart(), other = model_->apart();
  EXPECT_EQ(one->size(), 0u);
  std::vector<Generation> got;
  for (const BranchPtr& root : {one, other, one}) {
    GenerateRequest asked = request(8, 3);
    asked.prefix = model_->branch(model_->branch(root, {}), tokens);
    Budget budget;
    got.push_back(run(model_->generate(asked, budget)));
    EXPECT_EQ(got.back().branch->tokens().size(), tokens.size() + got.back().tokens.size());
  }
  EXPECT_GE(got[0].usage.evaluated_tokens, static_cast<std::int64_t>(tokens.size()));
  if (!GetParam().account) {
    EXPECT_EQ(got[1].usage.evaluated_tokens, got[0].usage.evaluated_tokens);
  }
  if (model_->info().rollback) {
    EXPECT_LT(got[2].usage.evaluated_tokens, got[0].usage.evaluated_tokens);
  }
  if (!model_->info().reproducible) return;
  EXPECT_EQ(got[1].tokens, got[0].tokens);
  EXPECT_EQ(got[2].tokens, got[0].tokens);
}

TEST_P(LanguageModelContract, OfferedTokensAreTakenAsDrawnAndNotCharged) {
  Budget budget;
  GenerateRequest offering = request(6, 4);
  offering.offered = model_->tokenize("so it", false);
  offering.offered_logprobs.assign(offering.offered.size(), -0.5f);
  offering.offered_certainties.assign(offering.offered.size(), 2.0f);
  offering.offered_entropies.assign(offering.offered.size(), 0.25f);
  offering.max_tokens = static_cast<int>(offering.offered.size()) + 2;
  const Generation got = run(model_->generate(offering, budget));
  ASSERT_GE(got.tokens.size(), offering.offered.size());
  for (std::size_t i = 0; i < offering.offered.size(); ++i) {
    EXPECT_EQ(got.tokens[i], offering.offered[i]);
    EXPECT_EQ(got.logprobs[i], -0.5f);
    EXPECT_EQ(got.certainties[i], 2.0f);
    EXPECT_EQ(got.entropies[i], 0.25f);
  }
  EXPECT_LE(got.usage.generated_tokens, 2);
}

TEST_P(LanguageModelContract, AStopStringEndsItAndStaysInTheText) {
  Budget budget;
  const Generation free = run(model_->generate(request(24, 5), budget));
  ASSERT_GE(free.text.size(), 6u);
  GenerateRequest stopping = request(24, 5);
  stopping.stop = {free.text.substr(2, 3)};
  const Generation got = run(model_->generate(stopping, budget));
  EXPECT_EQ(got.stop, Stop::stop_string);
  const std::size_t at = got.text.find(stopping.stop[0]);
  ASSERT_NE(at, std::string::npos);
  if (model_->info().reproducible) {
    EXPECT_TRUE(free.text.starts_with(got.text));
  }
}

TEST_P(LanguageModelContract, ABoundaryIsTheEndOfAToken) {
  Budget budget;
  GenerateRequest stepping = request(24, 5);
  stepping.segmenter = make_segmenter("tokens:5");
  const Generation got = run(model_->generate(stepping, budget));
  if (got.stop == Stop::segment) {
    EXPECT_EQ(got.tokens.size(), 5u);
  }
}

TEST_P(LanguageModelContract, NoBudgetIsOverspentByOneToken) {
  for (std::int64_t limit = 0; limit < 8; ++limit) {
    Budget budget({.generated_tokens = limit});
    const Generation got = run(model_->generate(request(24, 5), budget));
    EXPECT_LE(budget.spent().generated_tokens, limit);
    EXPECT_TRUE(at_budget_or_end(got)) << limit;
    EXPECT_EQ(got.text, model_->detokenize(got.tokens));
  }
  const auto prompt = static_cast<std::int64_t>(start()->size());
  for (std::int64_t limit = 0; limit < prompt + 4; ++limit) {
    const auto fresh = GetParam().make();
    Budget budget({.evaluated_tokens = limit});
    GenerateRequest asked = request(24, 5);
    asked.prefix = fresh->branch(nullptr, asked.prefix->tokens());
    const Generation got = run(fresh->generate(asked, budget));
    EXPECT_LE(budget.spent().evaluated_tokens, limit);
    EXPECT_TRUE(at_budget_or_end(got)) << limit;
  }
  Budget none({.model_calls = 0});
  EXPECT_EQ(run(model_->generate(request(24, 5), none)).stop, Stop::budget);
  EXPECT_TRUE(run(model_->read(start(), start()->tokens(), none)).logprobs.empty());
  EXPECT_TRUE(run(model_->embed("text", none)).empty());
  EXPECT_EQ(none.spent().model_calls, 0);
}

TEST_P(LanguageModelContract, ACancelledBudgetEndsIt) {
  Budget budget;
  budget.cancel();
  const Generation got = run(model_->generate(request(24, 5), budget));
  EXPECT_EQ(got.stop, Stop::cancelled);
  EXPECT_EQ(got.text, model_->detokenize(got.tokens));
}

TEST_P(LanguageModelContract, ACancelledCoroutineEnds) {
  Budget budget;
  asio::io_context io;
  asio::cancellation_signal signal;
  bool ended = false;
  asio::co_spawn(io, model_->generate(request(24, 5), budget),
                 asio::bind_cancellation_slot(
                     signal.slot(), [&](std::exception_ptr, Generation) { ended = true; }));
  asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
  io.run();
  EXPECT_TRUE(ended);
}

TEST_P(LanguageModelContract, LabelsShareOne) {
  Budget budget;
  const std::vector<std::vector<Token>> labels = {
      {model_->tokenize("a", false)[0]},
      {model_->tokenize("b", false)[0], model_->tokenize("c", false)[0]},
      {model_->tokenize("d", false)[0]}};
  const std::vector<float> p = run(model_->label_probabilities(start(), labels, budget));
  ASSERT_EQ(p.size(), 3u);
  EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1.0, 1e-5);
}

TEST_P(LanguageModelContract, HiddenStatesAndEmbeddingsHaveTheirShapes) {
  Budget budget;
  std::vector<int> layers = {0, model_->info().layers - 1}, positions = {0, 2};
  const HiddenStates states = run(model_->hidden(start(), layers, positions, budget));
  EXPECT_EQ(states.layers, 2u);
  EXPECT_EQ(states.positions, 2u);
  EXPECT_EQ(states.data.size(), 4u * static_cast<std::size_t>(model_->info().hidden_size));
  const std::vector<float> embedding = run(model_->embed("some text", budget));
  double square = 0;
  for (const float x : embedding) square += double{x} * x;
  EXPECT_NEAR(square, 1.0, 1e-4);
}

TEST_P(LanguageModelContract, APrefilledTurnStaysOpen) {
  if (!model_->info().chat_template) GTEST_SKIP() << "has no chat template";
  const std::vector<Message> asked = {{"user", "2 + 2?"}};
  const std::vector<Message> prefilled = {{"user", "2 + 2?"}, {"assistant", "It is"}};
  const std::string text = model_->detokenize(model_->chat(prefilled));
  EXPECT_TRUE(text.ends_with("It is")) << text;
  EXPECT_TRUE(text.starts_with(model_->detokenize(model_->chat(asked)))) << text;
}

}  // namespace cairn::contracts
