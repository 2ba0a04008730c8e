#pragma once
// eval/judges/judge_report.h — how well a judge finds the first wrong step.
//
// A judge says q: the first step with a reward below the threshold, -1 where there is none.
//   faulty     share of the faulty chains with q = the first wrong step
//   clean      share of the sound chains with q = -1
//   F1         the harmonic mean of the two (ProcessBench, arXiv:2412.06559)
//   precision  share of the flagged chains whose flag is the first wrong step
//   flagged    share of the faulty chains with any flag, right or not
//   chain F1   the harmonic mean of flagged and clean
//   AUROC, ECE, Brier   of the lowest reward, as the confidence that the whole chain is sound
// Chains that are labelled as a whole say nothing of faulty, precision and F1.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eval/judges/labelled.h"
#include "eval/statistics.h"

namespace cairn::eval {

struct ScoredChain {
  const LabelledChain* chain = nullptr;  // borrowed
  int said = -1;                         // q
  double confidence = 0;                 // that the chain is sound
};

// What a judge gave to the steps of a chain.
struct RewardedChain {
  const LabelledChain* chain = nullptr;  // borrowed
  std::vector<float> rewards;            // [steps of the chain]
};

std::vector<ScoredChain> scored(const std::vector<RewardedChain>& chains, double threshold);

// The same with two thresholds: the questions are split into halves, and each half takes the
// threshold that would have been best for the other.
std::vector<ScoredChain> cross_fitted(const std::vector<RewardedChain>& chains, std::uint64_t seed);

struct Share {
  int hits = 0, all = 0;
  double value() const { return all == 0 ? 0 : static_cast<double>(hits) / all; }
};

// A measure with its 95 % interval: percentile bootstrap, the chains of one question together.
struct Measure {
  double value = 0;
  Interval interval;
};

// The chains with a confidence in (low, high]; those with 0 are in the first bin.
struct ReliabilityBin {
  double low = 0, high = 0;
  int chains = 0, sound = 0;
  double confidence = 0;  // mean
};

struct JudgeReport {
  int chains = 0;
  Share faulty, clean, precision, flagged;
  std::optional<Measure> f1, chain_f1;  // nothing where one of their two shares is of no chain
  std::optional<Measure> auroc;         // nothing where all chains are sound, or none is
  double ece = 0, brier = 0;
  std::vector<ReliabilityBin> bins;  // [10]
};

JudgeReport judge_report(const std::vector<ScoredChain>& chains, std::uint64_t seed);

// The same for each kind of chain.
std::map<std::string, JudgeReport> reports_by_kind(const std::vector<ScoredChain>& chains,
                                                   std::uint64_t seed);

// Judges that read nothing: "(random)" takes q from -1 and the steps at even odds, "(all clean)"
// says -1, "(first step)" says 0. Requires: one of these names.
std::vector<ScoredChain> baseline(const std::string& name, const std::vector<LabelledChain>& chains,
                                  std::uint64_t seed);

}  // namespace cairn::eval
