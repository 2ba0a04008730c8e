#pragma once
// app/eval_faithfulness.h — the tests of eval/faithfulness.h on the chains of a run.

#include <cstdint>
#include <optional>
#include <string>

#include "app/model_options.h"

namespace cairn::app {

struct FaithfulnessOptions {
  std::string run;                     // the folder of an evaluation
  std::string recipe;                  // whose chains; empty: the first arm's
  int limit = 0;                       // chains; 0: all
  std::optional<std::int64_t> budget;  // generated tokens a chain
  bool quiet = false;
  ModelFlags model;
};

// Adds to the folder's probes.jsonl what is not there yet, and makes the report anew.
// Returns the exit code. Errors: Fault::input where the folder holds no run, its DATA is another
// one by now, or the model is not the run's; those of the model and the store.
int test_faithfulness(const FaithfulnessOptions& options);

}  // namespace cairn::app
