#pragma once
// app/eval_fit.h — `cairn eval --fit-auto RUN --out FILE`: thresholds for the recipe `auto`.

#include <string>

namespace cairn::app {

// Prints what the plan is worth beside the run's arms, and writes the tree with what it was fitted
// on. Returns the exit code.
// Errors: Fault::input where the run does not hold enough; Fault::store when FILE cannot be
// written.
int fit_auto(const std::string& run, const std::string& file, int probe);

}  // namespace cairn::app
