#pragma once
// model/llama/load.h — a model's weights in memory, in the form that the processor multiplies
// fastest where results may have it.

#include "model/llama/llama_decoder.h"
#include "model/llama/llama_model.h"

namespace cairn::llama {

// Does the processor multiply tiles of 8-bit integers (AMX), and was llama.cpp built for it?
bool has_tiles();

struct LoadedModel {
  ModelHandle model;
  bool repacked = false;  // in the order that the processor likes
  bool widened = false;   // from a copy of the file with 8-bit integers for 5-bit ones
};

// `invariant`: as wants_invariance() says. Where there are tiles, weights are put into them;
// whether rows agree then, or tiles work at all, is tried once for a file. Elsewhere llama.cpp may
// put them into an order of its own, but not for such results, nor where the engine multiplies
// (product.h). The first call decides for the process whether there are tiled products (kernels.h).
// Errors: Fault::model when llama.cpp cannot load it or it is no decoder.
LoadedModel load_model(const LlamaOptions& options, bool invariant);

}  // namespace cairn::llama
