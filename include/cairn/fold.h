#pragma once
// cairn/fold.h — the process rewards of a trace as one number.
//
//   last      the last step's
//   min       the worst step's
//   product   of all steps
//   mean      over the steps
//   weighted  the mean, step i (from 1) counting i times: later steps see more
//   outcome   the judge's outcome reward, whatever it says of the steps

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/judge.h"

namespace cairn {

enum class Fold { last, min, product, mean, weighted, outcome };

std::vector<std::string> fold_names();   // in this order
Fold fold_named(std::string_view name);  // Errors: Fault::input with the nearest name

// Requires: !process.empty(), and a fold of process rewards.
float folded(std::span<const float> process, Fold fold);

// Of each verdict, [verdicts]; the outcome reward where a verdict has no process rewards.
std::vector<float> folded(std::span<const Verdict> verdicts, Fold fold);

}  // namespace cairn
