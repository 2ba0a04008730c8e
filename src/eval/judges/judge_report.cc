#include "eval/judges/judge_report.h"

#include <algorithm>

#include "cairn/rng.h"

namespace cairn::eval {
namespace {

constexpr int kResamples = 1000;

struct Shares {
  Share faulty, clean, precision;
};

void count(Shares& shares, const ScoredChain& one) {
  if (!one.chain->first_error) return;
  const int wanted = *one.chain->first_error;
  const bool hit = one.said == wanted;
  Share& side = wanted < 0 ? shares.clean : shares.faulty;
  side.all += 1;
  side.hits += hit;
  if (one.said < 0) return;
  shares.precision.all += 1;
  shares.precision.hits += hit;
}

double f1_of(const Shares& shares) {
  const double a = shares.faulty.value(), b = shares.clean.value();
  return a + b == 0 ? 0 : 2 * a * b / (a + b);
}

Interval f1_bootstrap(const std::vector<ScoredChain>& chains, std::uint64_t seed) {
  if (chains.empty()) return {0, 1};
  std::vector<double> values;
  for (std::uint64_t round = 0; round < kResamples; ++round) {
    Shares shares;
    for (std::size_t i = 0; i < chains.size(); ++i) {
      const double at = uniform(mix(seed, round), i) * static_cast<double>(chains.size());
      count(shares, chains[static_cast<std::size_t>(at)]);
    }
    values.push_back(f1_of(shares));
  }
  std::sort(values.begin(), values.end());
  return {values[kResamples / 40], values[kResamples - 1 - kResamples / 40]};
}

}  // namespace

ScoredChain scored(const LabelledChain& chain, const std::vector<float>& rewards,
                   double threshold) {
  ScoredChain one{.chain = &chain, .confidence = 1};
  for (std::size_t i = 0; i < rewards.size(); ++i) {
    one.confidence = std::min(one.confidence, static_cast<double>(rewards[i]));
    if (one.said < 0 && rewards[i] < threshold) one.said = static_cast<int>(i);
  }
  return one;
}

JudgeReport judge_report(const std::vector<ScoredChain>& chains, std::uint64_t seed) {
  Shares shares;
  std::vector<Judged> judged;
  for (const ScoredChain& one : chains) {
    count(shares, one);
    judged.push_back({one.confidence, one.chain->sound});
  }
  JudgeReport report;
  report.faulty = shares.faulty;
  report.clean = shares.clean;
  report.precision = shares.precision;
  report.f1 = f1_of(shares);
  report.f1_interval = f1_bootstrap(chains, seed);
  report.auroc = auroc(judged);
  report.ece = expected_calibration_error(judged);
  return report;
}

std::map<std::string, JudgeReport> reports_by_kind(const std::vector<ScoredChain>& chains,
                                                   std::uint64_t seed) {
  std::map<std::string, std::vector<ScoredChain>> kinds;
  for (const ScoredChain& one : chains) kinds[one.chain->kind].push_back(one);
  std::map<std::string, JudgeReport> reports;
  for (const auto& [kind, some] : kinds) reports[kind] = judge_report(some, seed);
  return reports;
}

std::vector<ScoredChain> baseline(const std::string& name, const std::vector<LabelledChain>& chains,
                                  std::uint64_t seed) {
  std::vector<ScoredChain> all;
  for (const LabelledChain& chain : chains) {
    ScoredChain one{.chain = &chain, .said = name == "(first step)" ? 0 : -1, .confidence = 0.5};
    if (name == "(random)") {
      const double outcomes = static_cast<double>(chain.steps.size()) + 1;
      one.said = static_cast<int>(uniform(mix(seed, chain.problem.id), 0) * outcomes) - 1;
      one.confidence = uniform(mix(seed, chain.problem.id), 1);
    }
    all.push_back(one);
  }
  return all;
}

}  // namespace cairn::eval
