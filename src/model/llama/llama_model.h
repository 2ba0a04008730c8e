#pragma once
// model/llama/llama_model.h — a GGUF model in this process, by llama.cpp.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cairn/language_model.h"

namespace cairn::llama {

// automatic: split where it fits in memory (see docs/engine.md), unified otherwise.
//   unified  one pool of cells; sequences share the cells of a common prefix, a fork is free, every
//            row looks over the whole pool
//   split    cells of its own for every sequence; a fork copies, a row looks over its own cells
//   only
enum class KvLayout { automatic, unified, split };

// "auto", "unified", "split". Errors: Fault::input.
KvLayout kv_layout(std::string_view name);

// Whether a row's result may depend on what else is in its batch.
//   automatic  never while `rows` allows eight or more rows; a single row runs as fast as it can
//   on         never, whatever it costs
//   off        it may
enum class Reproducible { automatic, on, off };

struct LlamaOptions {
  // What is computed.
  std::string path;           // a GGUF file
  std::string name;           // what to call it; empty: the file's name
  int context_tokens = 2048;  // longest branch
  KvLayout kv = KvLayout::automatic;
  Reproducible reproducible = Reproducible::automatic;
  // How fast.
  int rows = 32;                          // branches decoded side by side, 1 … 128
  std::optional<int> threads = {};        // decode; empty: the machine's cores
  std::optional<int> threads_batch = {};  // prompts; empty: as `threads`
  std::optional<int> ubatch = {};         // tokens evaluated at once
  int gpu_layers = 0;                     // layers kept on a GPU; -1: all
};

// Errors: Fault::model when the file is missing, not a GGUF, broken or of an architecture that
// llama.cpp does not know, or when memory is short.
std::unique_ptr<LanguageModel> make_llama_model(const LlamaOptions& options);

// llama.cpp's version and what it was built for, for `cairn --version`.
std::string llama_version_text();

}  // namespace cairn::llama
