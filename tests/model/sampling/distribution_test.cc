// Exact sets and distributions against the slow reference, over many rows, sizes and settings.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "cairn/rng.h"
#include "model/sampling/reference.h"
#include "model/sampling/sampler.h"

namespace cairn::sampling {
namespace {

constexpr int kLarge = 151936;

// Shapes that a vocabulary's logits take: spread out, sharp, and coarse enough to tie.
std::vector<float> make_row(int vocabulary, int shape, unsigned seed) {
  std::mt19937 rng(seed);
  std::normal_distribution<float> normal(0, 2.5);
  std::vector<float> row(vocabulary);
  for (float& x : row) x = normal(rng);
  if (shape == 1)
    for (int i = 0; i < 30; ++i) row[rng() % vocabulary] = 18 - 0.3f * i;
  if (shape == 2)
    for (float& x : row) x = std::round(x);
  return row;
}

std::vector<Token> ids(std::vector<Candidate> kept) {
  std::vector<Token> tokens;
  for (const Candidate& c : kept) tokens.push_back(c.token);
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

// What the sampler's filters leave of a row, by rising id.
std::vector<Token> kept_by(const Sampling& s, std::span<const float> logits) {
  Row row;
  row.read(logits, {});
  std::vector<Candidate> kept;
  if (s.top_k) keep_top_k(row, *s.top_k, kept);
  if (s.top_p < 1) s.top_k ? keep_top_p(s.top_p, kept) : keep_top_p(row, s.top_p, kept);
  const bool first = !s.top_k && s.top_p == 1;
  if (s.min_p > 0) first ? keep_min_p(row, s.min_p, kept) : keep_min_p(s.min_p, kept);
  return ids(kept);
}

const Sampling kFilters[] = {
    {.top_k = 1},
    {.top_k = 2},
    {.top_k = 40},
    {.top_k = 3000},
    {.top_p = 0.1f},
    {.top_p = 0.5f},
    {.top_p = 0.95f},
    {.top_p = 0.999f},
    {.min_p = 0.9f},
    {.min_p = 0.05f},
    {.min_p = 0.0001f},
    {.top_k = 40, .top_p = 0.9f},
    {.top_k = 200, .min_p = 0.02f},
    {.top_p = 0.9f, .min_p = 0.1f},
    {.top_k = 100, .top_p = 0.8f, .min_p = 0.05f},
};

void expect_same_sets(int vocabulary, unsigned seed) {
  for (int shape : {0, 1, 2}) {
    const std::vector<float> row = make_row(vocabulary, shape, seed);
    const std::vector<Token> order = reference::by_probability(row);
    for (const Sampling& sampling : kFilters) {
      reference::Set expected = reference::filtered(row, order, sampling);
      // Where a token more or less is within the rounding of a sum, either set is right.
      if (expected.margin < 1e-5) continue;
      std::sort(expected.tokens.begin(), expected.tokens.end());
      EXPECT_EQ(kept_by(sampling, row), expected.tokens)
          << "vocabulary " << vocabulary << " shape " << shape << " seed " << seed << " top_k "
          << sampling.top_k.value_or(0) << " top_p " << sampling.top_p << " min_p "
          << sampling.min_p;
    }
  }
}

TEST(FilteredSets, AreThoseOfTheReference) {
  for (int vocabulary : {1, 2, 3, 15, 16, 17, 100, 1000, kBlock - 1, kBlock, kBlock + 1, 5000})
    for (unsigned seed = 0; seed < 10; ++seed) expect_same_sets(vocabulary, seed);
}

TEST(FilteredSets, AreThoseOfTheReferenceForLargeVocabularies) {
  for (int vocabulary : {kLarge, 262144}) expect_same_sets(vocabulary, 1);
}

TEST(Row, LogprobsAreThoseOfTheReference) {
  for (int vocabulary : {1, 17, 5000, 49152, kLarge})
    for (int shape : {0, 1, 2}) {
      const std::vector<float> logits = make_row(vocabulary, shape, 3);
      Row row;
      row.read(logits, 1.25f);
      EXPECT_NEAR(row.stats().log_sum_exp, reference::log_sum_exp(logits), 5e-6);
    }
}

// Pearson's statistic as a standard normal deviate (Wilson, Hilferty 1931). Cells expected fewer
// than 5 times are pooled. Seeds are fixed, so a limit of 4 (p = 3e-5) is never met by bad luck.
double deviate(const std::vector<double>& p, const std::vector<int>& counts, int draws) {
  double statistic = 0, pooled = 0;
  int cells = 0, pooled_count = 0;
  const auto add = [&](double expected, int count) {
    statistic += (count - expected) * (count - expected) / expected;
    ++cells;
  };
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] * draws >= 5) {
      add(p[i] * draws, counts[i]);
    } else {
      pooled += p[i] * draws;
      pooled_count += counts[i];
    }
  }
  if (pooled > 0.5) add(pooled, pooled_count);
  const double freedom = cells - 1;
  const double v = 2 / (9 * freedom);
  return (std::cbrt(statistic / freedom) - (1 - v)) / std::sqrt(v);
}

constexpr int kDraws = 200000;

// The reference's probability of each token id, after filters and temperature.
std::vector<double> expected_of(const Sampling& sampling, std::span<const float> logits) {
  const reference::Set set =
      reference::filtered(logits, reference::by_probability(logits), sampling);
  const std::vector<double> p = reference::probabilities(logits, set.tokens, sampling.temperature);
  std::vector<double> by_id(logits.size());
  for (std::size_t i = 0; i < p.size(); ++i) by_id[set.tokens[i]] = p[i];
  return by_id;
}

const Sampling kDistributions[] = {
    {.temperature = 1},
    {.temperature = 0.8f},
    {.temperature = 0.3f},
    {.temperature = 1.7f},
    {.temperature = 0.8f, .top_k = 40},
    {.temperature = 1.2f, .top_p = 0.9f},
    {.temperature = 0.8f, .min_p = 0.05f},
    {.temperature = 0.7f, .top_k = 50, .top_p = 0.95f, .min_p = 0.02f},
};

TEST(Distribution, IsThatOfTheReference) {
  const std::vector<float> logits = make_row(100, 0, 5);
  Scratch scratch;
  std::uint64_t seed = 0;
  for (const Sampling& sampling : kDistributions) {
    const Sampler sampler(sampling, 100);
    std::vector<int> counts(100);
    ++seed;
    for (int i = 0; i < kDraws; ++i)
      ++counts[sampler.draw(logits, {}, uniform(seed, i), nullptr, scratch)->token];
    const std::vector<double> p = expected_of(sampling, logits);
    for (std::size_t t = 0; t < p.size(); ++t) EXPECT_TRUE(p[t] > 0 || counts[t] == 0);
    EXPECT_LT(deviate(p, counts, kDraws), 4) << "setting " << seed;
  }
}

class EveryThirdToken : public GrammarFilter {
 public:
  void apply(std::span<float> logits) override {
    for (std::size_t i = 0; i < logits.size(); ++i)
      if (i % 3 != 0) logits[i] = -INFINITY;
  }
  bool accepts(Token token) override { return token % 3 == 0; }
  void accept(Token) override {}
};

// With and without filters: as if everything the grammar refuses had never been there.
TEST(Distribution, WithAGrammarIsThatOfFilteringFirst) {
  const std::vector<float> logits = make_row(90, 0, 6);
  std::vector<float> admitted = logits;
  EveryThirdToken grammar;
  grammar.apply(admitted);
  Scratch scratch;
  for (const Sampling& sampling :
       {Sampling{.temperature = 0.8f}, Sampling{.temperature = 1.5f},
        Sampling{.temperature = 1, .top_k = 12}, Sampling{.temperature = 1, .top_p = 0.8f}}) {
    const Sampler sampler(sampling, 90);
    std::vector<int> counts(90);
    for (int i = 0; i < kDraws; ++i)
      ++counts[sampler.draw(logits, {}, uniform(77, i), &grammar, scratch)->token];
    EXPECT_LT(deviate(expected_of(sampling, admitted), counts, kDraws), 4);
  }
}

TEST(Distribution, OfALargeVocabularyIsThatOfTheReference) {
  const std::vector<float> logits = make_row(kLarge, 1, 8);
  Row row;
  row.read(logits, 1 / 0.8f);
  std::vector<int> counts(kLarge);
  for (int i = 0; i < kDraws; ++i) ++counts[row.draw(uniform(9, i))];
  EXPECT_LT(deviate(expected_of({.temperature = 0.8f}, logits), counts, kDraws), 4);

  Scratch scratch;
  const Sampler sampler({.temperature = 0.8f}, kLarge);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(sampler.draw(logits, {}, uniform(9, i), nullptr, scratch)->token,
              row.draw(uniform(9, i)));
}

// In a flat row of many blocks the cells pooled above hide nothing: each block of 1,000 ids is one.
TEST(Distribution, OfAFlatLargeRowIsFlat) {
  constexpr int kFew = kDraws / 4;
  std::vector<float> logits(100000, -1.5f);
  Row row;
  row.read(logits, 0.7f);
  std::vector<int> counts(100);
  for (int i = 0; i < kFew; ++i) ++counts[row.draw(uniform(10, i)) / 1000];
  EXPECT_LT(deviate(std::vector<double>(100, 0.01), counts, kFew), 4);
}

// The same row gives the same draw to the last bit: in new scratch memory, after other rows, and
// from an address that no vector is aligned to.
TEST(Row, ADrawDependsOnItsRowAlone) {
  for (const Sampling& sampling : kDistributions) {
    const std::vector<float> logits = make_row(5001, 0, 4);
    const Sampler sampler(sampling, 5001);
    Scratch fresh, used;
    const Sampler biased({.temperature = 2, .logit_bias = {{3, 9.0f}, {4000, -5.0f}}}, 5001);
    biased.draw(make_row(5001, 2, 9), {}, 0.3, nullptr, used);
    std::vector<float> shifted(5002);
    std::copy(logits.begin(), logits.end(), shifted.begin() + 1);
    for (int i = 0; i < 50; ++i) {
      const double u = uniform(12, i);
      const Draw a = *sampler.draw(logits, {}, u, nullptr, fresh);
      const Draw b = *sampler.draw(std::span(shifted).subspan(1), {}, u, nullptr, used);
      EXPECT_EQ(a.token, b.token);
      EXPECT_EQ(a.logprob, b.logprob);
      EXPECT_EQ(a.certainty, b.certainty);
      EXPECT_EQ(a.entropy, b.entropy);
    }
  }
}

// A changed row is measured as if it had been read that way.
TEST(Row, ChangesAreMeasuredLikeTheRest) {
  std::vector<float> logits = make_row(3 * kBlock + 77, 0, 2);
  Row changed, read;
  changed.read(logits, 1.25f);
  std::mt19937 rng(1);
  for (int i = 0; i < 40; ++i) {
    const Token t = static_cast<Token>(rng() % logits.size());
    logits[t] = static_cast<float>(i) / 2 - 10;
    changed.set(t, logits[t]);
    EXPECT_EQ(changed.at(t), logits[t]);
  }
  changed.refresh();
  read.read(logits, 1.25f);
  EXPECT_EQ(changed.log_sum_exp(), read.log_sum_exp());
  EXPECT_EQ(changed.max(), read.max());
  for (int i = 0; i < 200; ++i) EXPECT_EQ(changed.draw(uniform(3, i)), read.draw(uniform(3, i)));
}

}  // namespace
}  // namespace cairn::sampling
