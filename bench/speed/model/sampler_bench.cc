// What does one row cost to sample? A decode of 32 rows of a 0.5B model takes about 190 ms on two
// cores, which share the rows: 3 % of it are 350 us a row. More than 300 us for 151,936 words at
// temperature 0.8 would worry us. `stock` is how it is often done (a record for each word, softmax
// over all, sort), for the ratio; it gives no log-probability of the model and no certainty.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "cairn/rng.h"
#include "model/sampling/sampler.h"

namespace {

using cairn::Sampling;
using cairn::Token;

constexpr int kRows = 32;  // in turn, as after a decode: together they are larger than the caches

struct Entry {
  Token token;
  float logit, p;
};

// A head that falls off like a model's that is rather sure, above a bulk of what makes no sense.
std::vector<std::vector<float>> make_rows(int vocabulary) {
  std::mt19937 rng(7);  // fixed: two runs time the same rows
  std::normal_distribution<float> bulk(0, 2.5);
  std::vector<std::vector<float>> rows(kRows, std::vector<float>(vocabulary));
  for (auto& row : rows) {
    for (float& x : row) x = bulk(rng);
    for (int i = 0; i < 60; ++i) row[rng() % vocabulary] = 22 - 0.35f * static_cast<float>(i);
  }
  return rows;
}

Token stock(const Sampling& s, const std::vector<float>& logits, double u,
            std::vector<Entry>& entries) {
  entries.resize(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i)
    entries[i] = {static_cast<Token>(i), logits[i], 0};
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.logit > b.logit; });
  std::size_t kept = std::min<std::size_t>(entries.size(), s.top_k.value_or(entries.size()));
  const auto softmax = [&](float temperature) {
    double sum = 0;
    for (std::size_t i = 0; i < kept; ++i)
      sum += entries[i].p = std::exp((entries[i].logit - entries[0].logit) / temperature);
    for (std::size_t i = 0; i < kept; ++i) entries[i].p /= static_cast<float>(sum);
  };
  if (s.top_p < 1) {
    softmax(1);
    double sum = 0;
    for (std::size_t i = 0; i < kept; ++i)
      if ((sum += entries[i].p) >= s.top_p) kept = i + 1;
  }
  if (s.min_p > 0) {
    softmax(1);
    while (entries[kept - 1].p < s.min_p * entries[0].p) --kept;
  }
  if (s.temperature == 0) return entries[0].token;
  softmax(s.temperature);
  for (std::size_t i = 0; i < kept; ++i)
    if ((u -= entries[i].p) < 0) return entries[i].token;
  return entries[kept - 1].token;
}

const struct {
  const char* name;
  Sampling sampling;
} kSettings[] = {
    {"greedy", {}},
    {"temperature", {.temperature = 0.8f}},
    {"temperature_1", {.temperature = 1}},
    {"top_k_40", {.temperature = 0.8f, .top_k = 40}},
    {"top_p_95", {.temperature = 0.8f, .top_p = 0.95f}},
    {"min_p_05", {.temperature = 0.8f, .min_p = 0.05f}},
    {"penalties", {.temperature = 0.8f, .repeat_penalty = 1.1f}},
};

const std::vector<Token>& recent_tokens() {
  static const std::vector<Token> tokens = [] {
    std::vector<Token> t(64);
    for (std::size_t i = 0; i < t.size(); ++i) t[i] = static_cast<Token>(i * 97 % 4000);
    return t;
  }();
  return tokens;
}

// Both ways draw the best token equally often, within four standard deviations.
bool agrees(const Sampling& s, const std::vector<std::vector<float>>& rows) {
  constexpr int kDraws = 128;
  const cairn::sampling::Sampler sampler(s, static_cast<int>(rows[0].size()));
  cairn::sampling::Scratch scratch;
  std::vector<Entry> entries;
  const auto best = std::max_element(rows[0].begin(), rows[0].end()) - rows[0].begin();
  int ours = 0, theirs = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = cairn::uniform(5, i);
    ours += sampler.draw(rows[0], {}, u, nullptr, scratch)->token == best;
    if (i < 16) theirs += stock(s, rows[0], u, entries) == best;
  }
  const double p = theirs / 16.0;
  return std::abs(ours / double{kDraws} - p) <= 4 * std::sqrt(0.25 / 16);
}

void sample_row(benchmark::State& state) {
  const auto& setting = kSettings[state.range(1)];
  const auto rows = make_rows(static_cast<int>(state.range(0)));
  if (!agrees(setting.sampling, rows)) state.SkipWithError("differs from the reference");
  const cairn::sampling::Sampler sampler(setting.sampling, static_cast<int>(state.range(0)));
  cairn::sampling::Scratch scratch;
  std::uint64_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        sampler.draw(rows[i % kRows], recent_tokens(), cairn::uniform(1, i), nullptr, scratch));
    ++i;
  }
  state.SetLabel(setting.name);
}

void stock_row(benchmark::State& state) {
  const auto& setting = kSettings[state.range(1)];
  const auto rows = make_rows(static_cast<int>(state.range(0)));
  std::vector<Entry> entries;
  std::uint64_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        stock(setting.sampling, rows[i % kRows], cairn::uniform(1, i), entries));
    ++i;
  }
  state.SetLabel(setting.name);
}

constexpr int kSettingCount = std::size(kSettings);

void all(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"vocabulary", "setting"})->Unit(benchmark::kMicrosecond);
  for (int vocabulary : {49152, 151936})
    for (int setting = 0; setting < kSettingCount; ++setting) bench->Args({vocabulary, setting});
}

BENCHMARK(sample_row)->Apply(all);
BENCHMARK(stock_row)
    ->Args({49152, 1})
    ->Args({49152, 3})
    ->Args({151936, 1})
    ->Args({151936, 3})
    ->ArgNames({"vocabulary", "setting"})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
