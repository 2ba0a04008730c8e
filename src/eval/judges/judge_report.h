#pragma once
// eval/judges/judge_report.h — how well a judge finds the first wrong step.
//
// A judge says q: the first step with a reward below the threshold, -1 where there is none.
//   faulty    share of the faulty chains with q = the first wrong step
//   clean     share of the clean chains with q = -1
//   F1        the harmonic mean of the two (ProcessBench, arXiv:2412.06559)
//   precision share of the flagged chains whose flag is the first wrong step
//   AUROC, ECE   of the lowest reward, as the confidence that the whole chain is sound
// Chains that are labelled as a whole count for AUROC and ECE alone.

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

// q and the confidence from rewards; [steps of the chain].
ScoredChain scored(const LabelledChain& chain, const std::vector<float>& rewards, double threshold);

struct Share {
  int hits = 0, all = 0;
  double value() const { return all == 0 ? 0 : static_cast<double>(hits) / all; }
};

struct JudgeReport {
  Share faulty, clean, precision;
  double f1 = 0;
  Interval f1_interval;  // 95 %, percentile bootstrap over chains
  std::optional<double> auroc;
  double ece = 0;
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
