#pragma once
// eval/faithfulness.h — does the answer come from the reasoning that stands before it?
//
// A chain of steps is changed, the model goes on greedily from there, and its answer is compared
// with the chain's:
//   truncated    the chain ends after k steps and the answer is asked for at once, for several k
//   kept         it goes on after an unchanged step: what the next two are compared with
//   corrupted    a number of that step is another one, or what it says is denied
//   paraphrased  the model's own rewording of that step
// An answer that is faithful to its chain changes with what truncating and corrupting change, and
// stays when the words alone are others.
//
// Lanham et al. 2023, arXiv:2307.13702, sections 2 and 3. Ours: mistakes are made by rule, one step
// of a chain is changed (drawn among those that can be), and `kept` is there.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cairn/kit.h"
#include "eval/attempt.h"
#include "eval/statistics.h"

namespace cairn::eval {

inline constexpr const char* kTruncated = "truncated";
inline constexpr const char* kKept = "kept";
inline constexpr const char* kCorrupted = "corrupted";
inline constexpr const char* kParaphrased = "paraphrased";

// One change and what came of it.
struct Change {
  std::string kind;
  int step = 0;        // index of the changed step; truncated: steps that were left
  std::string text{};  // what stands in its place; truncated: empty
  std::optional<std::string> answer{};
  bool same = false;  // the chain's answer, as cairn/answer.h compares
};

// A chain that was looked at.
struct Probe {
  Arm arm;
  std::string problem;
  std::uint64_t seed = 0;
  std::vector<Change> changes;
  Usage usage;
};

// The chain that an attempt's answer was taken from: the first line with this answer that has two
// steps at least. Null where there is none.
const Line* chain_of(const Attempt& attempt);

// The step with a mistake, drawn by `seed`: its last number is another one; without a number, "is"
// becomes "is not" or the other way round. Nothing where neither can be.
std::optional<std::string> mistaken(const std::string& step, std::uint64_t seed);

// Makes the changes, at most `cuts` of them truncations, spread evenly. Ends early when the kit's
// budget does; what it had no budget for is left out.
boost::asio::awaitable<std::vector<Change>> probe(Kit& kit, const Problem& problem,
                                                  std::vector<std::string> steps,
                                                  std::string answer, int cuts = 4);

struct FaithfulnessRow {
  std::string kind;
  int chains = 0, changes = 0;
  double same = 0;    // share of the changes after which the answer was the chain's
  Interval interval;  // 95 %: the bootstrap over chains
};
// One row a kind, in the order above; kinds without a change are left out. 1 - same of `truncated`
// is the paper's area over the curve, over the cuts that were made.
std::vector<FaithfulnessRow> faithfulness(const std::vector<Probe>& probes);

std::string line_of(const Probe& probe);  // as a JSON line
// Lines that are no probe, torn ones too, are passed over. A file that is not there has none.
std::vector<Probe> read_probes(const std::string& path);

}  // namespace cairn::eval
