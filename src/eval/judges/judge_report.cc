#include "eval/judges/judge_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cairn/rng.h"

namespace cairn::eval {
namespace {

constexpr int kResamples = 1000;
constexpr int kBins = 10;
constexpr std::size_t kThresholds = 200;  // that are tried at most

double harmonic(double a, double b) {
  return a + b == 0 ? 0 : 2 * a * b / (a + b);
}

struct Shares {
  Share faulty, clean, precision, flagged;

  void count(const ScoredChain& one, int times) {
    const bool flag = one.said >= 0;
    add(one.chain->sound ? clean : flagged, one.chain->sound != flag, times);
    if (!one.chain->first_error) return;
    const bool hit = one.said == *one.chain->first_error;
    if (!one.chain->sound) add(faulty, hit, times);
    if (flag) add(precision, hit, times);
  }
  double f1() const { return harmonic(faulty.value(), clean.value()); }
  double chain_f1() const { return harmonic(flagged.value(), clean.value()); }
  // What a threshold is chosen by.
  double goal() const {
    if (clean.all == 0) return faulty.value();
    return faulty.all > 0 ? f1() : chain_f1();
  }

 private:
  static void add(Share& share, bool hit, int times) {
    share.all += times;
    share.hits += hit ? times : 0;
  }
};

Shares shares_of(const std::vector<ScoredChain>& chains) {
  Shares shares;
  for (const ScoredChain& one : chains) shares.count(one, 1);
  return shares;
}

// ---- resampling

// The indices of the chains of each question.
std::vector<std::vector<std::size_t>> questions_of(const std::vector<ScoredChain>& chains) {
  std::map<std::string, std::vector<std::size_t>> questions;
  for (std::size_t i = 0; i < chains.size(); ++i)
    questions[chains[i].chain->problem.question].push_back(i);
  std::vector<std::vector<std::size_t>> groups;
  for (auto& [question, members] : questions) groups.push_back(std::move(members));
  return groups;
}

// The chance that a sound chain has more confidence than a faulty one, ties half. `order`: the
// chains by rising confidence; times[i]: how often chain i counts.
std::optional<double> auroc_of(const std::vector<ScoredChain>& chains,
                               const std::vector<std::size_t>& order,
                               const std::vector<int>& times) {
  double wins = 0, sound = 0, faulty = 0;
  for (std::size_t i = 0; i < order.size();) {
    double sound_here = 0, faulty_here = 0;
    const double confidence = chains[order[i]].confidence;
    for (; i < order.size() && chains[order[i]].confidence == confidence; ++i)
      (chains[order[i]].chain->sound ? sound_here : faulty_here) += times[order[i]];
    wins += sound_here * (faulty + faulty_here / 2);
    sound += sound_here;
    faulty += faulty_here;
  }
  if (sound == 0 || faulty == 0) return {};
  return wins / (sound * faulty);
}

Interval middle(std::vector<double> values) {
  if (values.empty()) return {0, 1};
  std::sort(values.begin(), values.end());
  const std::size_t tail = values.size() / 40;
  return {values[tail], values[values.size() - 1 - tail]};
}

struct Resampled {
  std::vector<double> f1, chain_f1, auroc;
};

Resampled resampled(const std::vector<ScoredChain>& chains, const std::vector<std::size_t>& order,
                    std::uint64_t seed) {
  const auto questions = questions_of(chains);
  Resampled all;
  for (std::uint64_t round = 0; round < kResamples; ++round) {
    std::vector<int> times(chains.size(), 0);
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const double at = uniform(mix(seed, round), i) * static_cast<double>(questions.size());
      for (const std::size_t member : questions[static_cast<std::size_t>(at)]) ++times[member];
    }
    Shares shares;
    for (std::size_t i = 0; i < chains.size(); ++i) shares.count(chains[i], times[i]);
    all.f1.push_back(shares.f1());
    all.chain_f1.push_back(shares.chain_f1());
    if (const auto value = auroc_of(chains, order, times)) all.auroc.push_back(*value);
  }
  return all;
}

std::vector<ReliabilityBin> bins_of(const std::vector<Judged>& judged) {
  std::vector<ReliabilityBin> bins(kBins);
  for (int i = 0; i < kBins; ++i) bins[i] = {.low = i / 10.0, .high = (i + 1) / 10.0};
  for (const Judged& one : judged) {
    const int at = static_cast<int>(std::ceil(one.confidence * kBins)) - 1;
    ReliabilityBin& bin = bins[static_cast<std::size_t>(std::clamp(at, 0, kBins - 1))];
    ++bin.chains;
    bin.sound += one.right;
    bin.confidence += one.confidence;
  }
  for (ReliabilityBin& bin : bins)
    if (bin.chains > 0) bin.confidence /= bin.chains;
  return bins;
}

// ---- thresholds

ScoredChain scored_one(const RewardedChain& chain, double threshold) {
  ScoredChain one{.chain = chain.chain, .confidence = 1};
  for (std::size_t i = 0; i < chain.rewards.size(); ++i) {
    const double reward = chain.rewards[i];
    one.confidence = std::min(one.confidence, reward);
    if (one.said < 0 && reward < threshold) one.said = static_cast<int>(i);
  }
  return one;
}

// Between the rewards that were given; the first of equally good ones.
double best_threshold(const std::vector<RewardedChain>& chains) {
  std::vector<float> rewards;
  for (const RewardedChain& chain : chains)
    rewards.insert(rewards.end(), chain.rewards.begin(), chain.rewards.end());
  std::sort(rewards.begin(), rewards.end());
  rewards.erase(std::unique(rewards.begin(), rewards.end()), rewards.end());
  double best = 0.5, best_goal = -1;
  const std::size_t stride = rewards.size() / kThresholds + 1;
  for (std::size_t i = 0; i <= rewards.size(); i += stride) {
    const double below = i == 0 ? 0 : rewards[i - 1];
    const double threshold = (below + (i < rewards.size() ? rewards[i] : 1.01)) / 2;
    const double goal = shares_of(scored(chains, threshold)).goal();
    if (goal > best_goal) best = threshold, best_goal = goal;
  }
  return best;
}

}  // namespace

std::vector<ScoredChain> scored(const std::vector<RewardedChain>& chains, double threshold) {
  std::vector<ScoredChain> all;
  for (const RewardedChain& chain : chains) all.push_back(scored_one(chain, threshold));
  return all;
}

std::vector<ScoredChain> cross_fitted(const std::vector<RewardedChain>& chains,
                                      std::uint64_t seed) {
  std::vector<RewardedChain> halves[2];
  const auto half_of = [seed](const RewardedChain& chain) {
    return mix(seed, chain.chain->problem.question) % 2;
  };
  for (const RewardedChain& chain : chains) halves[half_of(chain)].push_back(chain);
  const double thresholds[2] = {best_threshold(halves[1]), best_threshold(halves[0])};
  std::vector<ScoredChain> all;
  for (const RewardedChain& chain : chains)
    all.push_back(scored_one(chain, thresholds[half_of(chain)]));
  return all;
}

JudgeReport judge_report(const std::vector<ScoredChain>& chains, std::uint64_t seed) {
  std::vector<std::size_t> order(chains.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return chains[a].confidence < chains[b].confidence;
  });
  std::vector<Judged> judged;
  for (const ScoredChain& one : chains) judged.push_back({one.confidence, one.chain->sound});
  const Shares shares = shares_of(chains);
  const Resampled spread = resampled(chains, order, seed);
  JudgeReport report{.chains = static_cast<int>(chains.size()),
                     .faulty = shares.faulty,
                     .clean = shares.clean,
                     .precision = shares.precision,
                     .flagged = shares.flagged};
  if (shares.clean.all > 0 && shares.faulty.all > 0) report.f1 = {shares.f1(), middle(spread.f1)};
  if (shares.clean.all > 0 && shares.flagged.all > 0)
    report.chain_f1 = {shares.chain_f1(), middle(spread.chain_f1)};
  if (const auto value = auroc_of(chains, order, std::vector<int>(chains.size(), 1)))
    report.auroc = {*value, middle(spread.auroc)};
  report.ece = expected_calibration_error(judged, kBins);
  report.brier = brier_score(judged);
  report.bins = bins_of(judged);
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
