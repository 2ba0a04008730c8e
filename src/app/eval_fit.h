#pragma once
// app/eval_fit.h — `cairn eval --fit-auto RUN --out FILE`: thresholds for the recipe `auto`.

#include <string>
#include <vector>

namespace cairn::app {

// Prints what the plan is worth beside the runs' arms, and writes the tree with what it was fitted
// on: all questions of the runs together. Returns the exit code.
// Errors: Fault::input where the runs do not hold enough, or are not of one model, one judge and
// the same arms; Fault::store when FILE cannot be written.
int fit_auto(const std::vector<std::string>& runs, const std::string& file, int probe);

}  // namespace cairn::app
