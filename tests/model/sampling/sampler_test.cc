#include "model/sampling/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "cairn/error.h"
#include "cairn/rng.h"
#include "model/sampling/reference.h"

namespace cairn::sampling {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> logs(std::vector<double> weights) {
  std::vector<float> logits;
  for (double w : weights) logits.push_back(static_cast<float>(std::log(w)));
  return logits;
}

Draw draw(const Sampling& sampling, const std::vector<float>& logits, double u,
          const std::vector<Token>& recent = {}, GrammarFilter* grammar = nullptr) {
  Scratch scratch;
  const Sampler sampler(sampling, static_cast<int>(logits.size()));
  const auto drawn = sampler.draw(logits, recent, u, grammar, scratch);
  return drawn.value_or(Draw{.token = -1});
}

Token token(const Sampling& sampling, const std::vector<float>& logits, double u = 0.5) {
  return draw(sampling, logits, u).token;
}

// Every token that some u draws, found by trying 1,000 of them.
std::set<Token> drawable(const Sampling& sampling, const std::vector<float>& logits,
                         const std::vector<Token>& recent = {}, GrammarFilter* grammar = nullptr) {
  std::set<Token> found;
  for (int i = 0; i < 1000; ++i)
    found.insert(draw(sampling, logits, (i + 0.5) / 1000, recent, grammar).token);
  return found;
}

class AllowedTokens : public GrammarFilter {
 public:
  explicit AllowedTokens(std::set<Token> allowed) : allowed_(std::move(allowed)) {}
  void apply(std::span<float> logits) override {
    ++applied;
    for (std::size_t i = 0; i < logits.size(); ++i)
      if (!allowed_.contains(static_cast<Token>(i))) logits[i] = -kInfinity;
  }
  bool accepts(Token token) override { return allowed_.contains(token); }
  void accept(Token) override { ADD_FAILURE() << "a draw does not move the grammar on"; }

  int applied = 0;

 private:
  std::set<Token> allowed_;
};

// p = 1/8, 2/8, 5/8. KL(uniform || p) = sum of (1/3) ln((1/3) / p)
//   = ln 8 - ln 3 - (ln 1 + ln 2 + ln 5) / 3 = 2.079442 - 1.098612 - 0.767528 = 0.213301
// H(p) = ln 8 - (2 ln 2 + 5 ln 5) / 8 = 2.079442 - 1.179185 = 0.900256
TEST(Sampler, ReportsTheModelsOwnProbability) {
  for (const Sampling& sampling :
       {Sampling{.temperature = 0}, Sampling{.temperature = 0.5, .top_k = 1},
        Sampling{.temperature = 1, .logit_bias = {{0, -kInfinity}, {1, -kInfinity}}}}) {
    const Draw drawn = draw(sampling, logs({1, 2, 5}), 0.9);
    EXPECT_EQ(drawn.token, 2);
    EXPECT_NEAR(drawn.logprob, std::log(5.0 / 8), 1e-5);
    EXPECT_NEAR(drawn.certainty, 0.213301, 1e-5);
    EXPECT_NEAR(drawn.entropy, 0.900256, 1e-5);
  }
}

TEST(Sampler, CertaintyOfAUniformModelIsZeroAndItsEntropyTheLogarithmOfItsWords) {
  for (const float temperature : {0.0f, 0.7f, 1.0f}) {
    const Draw drawn = draw({.temperature = temperature}, std::vector<float>(5000, 3.5f), 0);
    EXPECT_NEAR(drawn.certainty, 0, 1e-5);
    EXPECT_NEAR(drawn.entropy, std::log(5000), 1e-5);
  }
}

// Two words of weight 1 in blocks apart, all others e^-60: they count for nothing, at whatever
// temperature the word is drawn. Of one word alone the entropy is 0.
TEST(Sampler, WhatTheModelThinksDoesNotDependOnTheTemperature) {
  for (const float temperature : {0.0f, 0.05f, 0.1f, 0.5f, 1.0f, 2.0f}) {
    std::vector<float> logits(3 * kBlock, -30.0f);
    logits[5] = 30;
    const Draw sure = draw({.temperature = temperature}, logits, 0.5);
    EXPECT_NEAR(sure.logprob, 0, 1e-6) << temperature;
    EXPECT_NEAR(sure.entropy, 0, 1e-6) << temperature;
    logits[2 * kBlock + 9] = 30;
    const Draw even = draw({.temperature = temperature}, logits, 0.25);
    EXPECT_NEAR(even.logprob, -std::log(2), 1e-5) << temperature;
    EXPECT_NEAR(even.entropy, std::log(2), 1e-5) << temperature;
  }
}

TEST(Sampler, TheLowestIdWinsATieForTheMostProbable) {
  EXPECT_EQ(token({}, {1, 7, 3, 7}), 1);
  std::vector<float> wide(3 * kBlock, 0.0f);
  wide[2 * kBlock + 5] = wide[kBlock + 900] = wide[kBlock + 17] = 2;
  EXPECT_EQ(token({}, wide), kBlock + 17);
}

// p = 1/8, 2/8, 5/8: cumulative 0.125, 0.375, 1.
TEST(Sampler, DrawsByTheInverseDistributionFunction) {
  const Sampling sampling{.temperature = 1};
  const std::vector<float> logits = logs({1, 2, 5});
  EXPECT_EQ(token(sampling, logits, 0.0), 0);
  EXPECT_EQ(token(sampling, logits, 0.124), 0);
  EXPECT_EQ(token(sampling, logits, 0.126), 1);
  EXPECT_EQ(token(sampling, logits, 0.374), 1);
  EXPECT_EQ(token(sampling, logits, 0.376), 2);
  EXPECT_EQ(token(sampling, logits, std::nextafter(1.0, 0.0)), 2);
}

// Temperature 1/2 squares: 1, 4, 25 of 30, cumulative 0.0333, 0.1667, 1.
// Temperature 2 takes roots of 1, 4, 25: 1, 2, 5 of 8.
TEST(Sampler, TemperatureRaisesProbabilitiesToItsInverse) {
  const Sampling half{.temperature = 0.5}, two{.temperature = 2};
  EXPECT_EQ(token(half, logs({1, 2, 5}), 0.033), 0);
  EXPECT_EQ(token(half, logs({1, 2, 5}), 0.034), 1);
  EXPECT_EQ(token(half, logs({1, 2, 5}), 0.166), 1);
  EXPECT_EQ(token(half, logs({1, 2, 5}), 0.167), 2);
  EXPECT_EQ(token(two, logs({1, 4, 25}), 0.124), 0);
  EXPECT_EQ(token(two, logs({1, 4, 25}), 0.126), 1);
  EXPECT_EQ(token(two, logs({1, 4, 25}), 0.376), 2);
}

TEST(Sampler, ExtremeTemperaturesAreTheMostProbableAndTheUniform) {
  EXPECT_EQ(drawable({.temperature = 1e-38f}, {1, 2, 1.999f}), std::set<Token>{1});
  EXPECT_EQ(token({.temperature = 1e30f}, {-50, 0, 50, -kInfinity}, 0.2), 0);
  EXPECT_EQ(token({.temperature = 1e30f}, {-50, 0, 50, -kInfinity}, 0.4), 1);
  EXPECT_EQ(token({.temperature = 1e30f}, {-50, 0, 50, -kInfinity}, 0.999), 2);
}

TEST(Sampler, TopKKeepsTheLowestIdsOfATie) {
  EXPECT_EQ(drawable({.temperature = 1, .top_k = 2}, {1, 2, 2, 2, 0}), (std::set<Token>{1, 2}));
  EXPECT_EQ(drawable({.temperature = 1, .top_k = 4}, {1, 2, 2, 2, 0}),
            (std::set<Token>{0, 1, 2, 3}));
  EXPECT_EQ(drawable({.temperature = 1, .top_k = 99}, {1, 2, 2, 2, 0}),
            (std::set<Token>{0, 1, 2, 3, 4}));
}

// p = 0.5, 0.3, 0.2, in another order of ids.
TEST(Sampler, TopPKeepsTheSmallestSetThatIsLargeEnough) {
  const std::vector<float> logits = logs({2, 5, 3});
  EXPECT_EQ(drawable({.temperature = 1, .top_p = 0.0}, logits), std::set<Token>{1});
  EXPECT_EQ(drawable({.temperature = 1, .top_p = 0.49f}, logits), std::set<Token>{1});
  EXPECT_EQ(drawable({.temperature = 1, .top_p = 0.51f}, logits), (std::set<Token>{1, 2}));
  EXPECT_EQ(drawable({.temperature = 1, .top_p = 0.81f}, logits), (std::set<Token>{0, 1, 2}));
  EXPECT_EQ(drawable({.temperature = 1, .top_p = 0.6f}, {0, 0, 0, 0}), (std::set<Token>{0, 1, 2}));
}

// Half of the best is 0.25: 0.3 stays, 0.2 goes.
TEST(Sampler, MinPComparesWithTheBest) {
  const std::vector<float> logits = logs({2, 5, 3});
  EXPECT_EQ(drawable({.temperature = 1, .min_p = 0.5f}, logits), (std::set<Token>{1, 2}));
  EXPECT_EQ(drawable({.temperature = 1, .min_p = 0.7f}, logits), std::set<Token>{1});
  EXPECT_EQ(drawable({.temperature = 1, .min_p = 1.0f}, {0, 3, 3}), (std::set<Token>{1, 2}));
}

// p = 0.4, 0.3, 0.2, 0.1. Alone, top_p = 0.5 keeps two. After top_k = 2 the best has 4/7 = 0.571
// and is enough. min_p = 0.3 alone keeps three; after top_k = 2, two.
TEST(Sampler, EachFilterWorksOnWhatTheOneBeforeLeft) {
  const std::vector<float> logits = logs({4, 3, 2, 1});
  EXPECT_EQ(drawable({.temperature = 1, .top_p = 0.5}, logits), (std::set<Token>{0, 1}));
  EXPECT_EQ(drawable({.temperature = 1, .top_k = 2, .top_p = 0.5}, logits), std::set<Token>{0});
  EXPECT_EQ(drawable({.temperature = 1, .min_p = 0.3f}, logits), (std::set<Token>{0, 1, 2}));
  EXPECT_EQ(drawable({.temperature = 1, .top_k = 2, .min_p = 0.3f}, logits),
            (std::set<Token>{0, 1}));
}

// Filters see temperature 1: at 0.25 the powers 256 : 81 : 16 : 1 would let top_p keep one token.
TEST(Sampler, TemperatureComesLast) {
  EXPECT_EQ(drawable({.temperature = 0.25, .top_p = 0.65f}, logs({4, 3, 2, 1})),
            (std::set<Token>{0, 1}));
}

// Token 1 occurs twice: 4 / 2 - 2 * 0.25 - 0.125 = 1.375. Token 2: -1 * 2 - 0.25 - 0.125 = -2.375.
TEST(Sampler, PenaltiesLowerWhatOccurred) {
  Sampling sampling{
      .temperature = 1, .repeat_penalty = 2, .frequency_penalty = 0.25, .presence_penalty = 0.125};
  const std::vector<double> p = reference::probabilities(std::vector<float>{1, 1.375f, -2.375f},
                                                         std::vector<Token>{0, 1, 2}, 1);
  const std::vector<float> logits = {1, 4, -1};
  const std::vector<Token> recent = {1, 2, 1};
  EXPECT_EQ(draw(sampling, logits, p[0] - 1e-4, recent).token, 0);
  EXPECT_EQ(draw(sampling, logits, p[0] + 1e-4, recent).token, 1);
  EXPECT_EQ(draw(sampling, logits, p[0] + p[1] - 1e-4, recent).token, 1);
  EXPECT_EQ(draw(sampling, logits, p[0] + p[1] + 1e-4, recent).token, 2);
  // The log-probability is the model's: ln(e^4 / (e + e^4 + 1/e)).
  EXPECT_NEAR(draw(sampling, logits, p[0] + 1e-4, recent).logprob, -0.054984, 1e-5);
}

TEST(Sampler, PenaltiesLookAtTheLastTokensOnly) {
  const std::vector<Token> recent = {1, 0, 0};
  const auto greedy = [&](int window) {
    return draw({.presence_penalty = 5, .penalty_window = window}, {0, 3, 2}, 0, recent).token;
  };
  EXPECT_EQ(greedy(3), 2);
  EXPECT_EQ(greedy(64), 2);
  EXPECT_EQ(greedy(2), 1);
  EXPECT_EQ(greedy(0), 1);
}

TEST(Sampler, RecentTokensOutsideTheVocabularyAreIgnored) {
  EXPECT_EQ(draw({.presence_penalty = 5}, {0, 3}, 0, {-1, 2, 99}).token, 1);
}

TEST(Sampler, BiasesAddUpAndComeBeforePenalties) {
  EXPECT_EQ(token({.logit_bias = {{0, 1.5f}, {0, 2.0f}}}, {0, 3}), 0);
  // (-1 + 4) / 2 = 1.5 loses against 1.75; the other way round, -1 * 2 + 4 = 2 would win.
  EXPECT_EQ(draw({.repeat_penalty = 2, .logit_bias = {{0, 4.0f}}}, {-1, 1.75f}, 0, {0}).token, 1);
}

TEST(Sampler, LogitsThatAreNoNumbersCannotBeDrawn) {
  for (float temperature : {0.0f, 0.5f, 1.0f, 3.0f})
    EXPECT_EQ(drawable({.temperature = temperature}, {kNaN, 1, -kInfinity, 1, kNaN}),
              temperature == 0 ? std::set<Token>{1} : (std::set<Token>{1, 3}));
  const Draw drawn = draw({}, {kNaN, 1, -kInfinity, 1, kNaN}, 0);
  EXPECT_NEAR(drawn.logprob, std::log(0.5), 1e-5);
  EXPECT_NEAR(drawn.certainty, 0, 1e-5);  // uniform over the two that can occur
  EXPECT_NEAR(drawn.entropy, std::log(2), 1e-5);
}

TEST(Sampler, PlusInfinityIsTheMostProbable) {
  EXPECT_EQ(drawable({.temperature = 1}, {5, kInfinity, 9}), std::set<Token>{1});
  EXPECT_EQ(draw({.temperature = 1}, {5, kInfinity, 9}, 0.5).logprob, 0);
}

// The first token cannot occur, yet u = 0 asks for the very beginning.
TEST(Sampler, AUniformOfZeroDrawsSomethingThatCanOccur) {
  for (float temperature : {0.3f, 1.0f, 1.5f, 5.0f})
    EXPECT_EQ(token({.temperature = temperature}, {-kInfinity, 0, 1}, 0.0), 1);
}

TEST(Sampler, ARowWithoutAnyNumberIsTheModelsFault) {
  for (float bad : {kNaN, -kInfinity}) {
    try {
      draw({.temperature = 1}, std::vector<float>(100, bad), 0.5);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::model);
      EXPECT_THAT(error.what(), testing::HasSubstr("none of the 100 logits is finite"));
    }
  }
}

TEST(Sampler, NothingIsDrawnWhenBiasOrGrammarLeaveNothing) {
  EXPECT_EQ(token({.logit_bias = {{0, -kInfinity}, {1, -kInfinity}}}, {1, 2}), -1);
  for (const Sampling& sampling :
       {Sampling{}, Sampling{.temperature = 1}, Sampling{.temperature = 1, .top_k = 1}}) {
    AllowedTokens none({});
    EXPECT_EQ(draw(sampling, {1, 2}, 0.5, {}, &none).token, -1);
  }
}

TEST(Sampler, TheGrammarReadsTheWholeRowOnlyAfterARefusal) {
  AllowedTokens grammar({1, 2});
  EXPECT_EQ(draw({}, {1, 5, 3}, 0, {}, &grammar).token, 1);
  EXPECT_EQ(draw({.temperature = 1}, {1, 5, 3}, 0.5, {}, &grammar).token, 1);
  EXPECT_EQ(grammar.applied, 0);
  EXPECT_EQ(draw({}, {9, 5, 3}, 0, {}, &grammar).token, 1);
  EXPECT_EQ(grammar.applied, 1);
}

// The two best are refused; top_k = 2 keeps the best two of what is left.
TEST(Sampler, FiltersWorkOnWhatTheGrammarLeft) {
  AllowedTokens grammar({2, 3, 4});
  EXPECT_EQ(drawable({.temperature = 1, .top_k = 2}, {9, 8, 3, 3.5f, 1}, {}, &grammar),
            (std::set<Token>{2, 3}));
  EXPECT_EQ(draw({}, {9, 8, 3, 3.5f, 1}, 0, {}, &grammar).token, 3);
}

TEST(Sampler, RefusesOptionsOutOfTheirRange) {
  const auto refusal = [](const Sampling& sampling) -> std::string {
    try {
      Sampler(sampling, 10);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(
      refusal({.top_k = 0}),
      "sampling: top_k must be at least 1, got 0. Leave it out to keep the whole vocabulary.");
  EXPECT_THAT(refusal({.temperature = -1}), testing::HasSubstr("temperature"));
  EXPECT_THAT(refusal({.temperature = kNaN}), testing::HasSubstr("temperature"));
  EXPECT_THAT(refusal({.top_p = 1.5f}), testing::HasSubstr("top_p"));
  EXPECT_THAT(refusal({.min_p = -0.1f}), testing::HasSubstr("min_p"));
  EXPECT_THAT(refusal({.repeat_penalty = 0}), testing::HasSubstr("repeat_penalty"));
  EXPECT_THAT(refusal({.presence_penalty = kInfinity}), testing::HasSubstr("penalties"));
  EXPECT_THAT(refusal({.penalty_window = -1}), testing::HasSubstr("penalty_window"));
  EXPECT_THAT(refusal({.logit_bias = {{10, 1}}}), testing::HasSubstr("token 10"));
  EXPECT_THAT(refusal({.logit_bias = {{1, kNaN}}}), testing::HasSubstr("logit_bias"));
  EXPECT_EQ(refusal({.temperature = 0.8f, .top_k = 40, .top_p = 0.95f, .min_p = 0.05f}),
            "accepted");
}

TEST(Sampler, RefusesARowOfAnotherLength) {
  Scratch scratch;
  EXPECT_THROW(Sampler({}, 10).draw(std::vector<float>(9), {}, 0, nullptr, scratch), Error);
}

}  // namespace
}  // namespace cairn::sampling
