#pragma once
// cairn/fold.h — the process rewards of a trace as one number; the outcome reward where a judge
// gives no process rewards.  Result: [verdicts].

#include <span>
#include <vector>

#include "cairn/judge.h"

namespace cairn::fold {

std::vector<float> last(std::span<const Verdict> verdicts);
std::vector<float> min(std::span<const Verdict> verdicts);
std::vector<float> product(std::span<const Verdict> verdicts);
std::vector<float> mean(std::span<const Verdict> verdicts);
std::vector<float> outcome(std::span<const Verdict> verdicts);

}  // namespace cairn::fold
