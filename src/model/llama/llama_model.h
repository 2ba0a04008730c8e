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
//   automatic  never where that costs little; with one row, or most weights in K-quants, it may
//   on         never, whatever it costs
//   off        it may
enum class Reproducible { automatic, on, off };

// "auto", "on", "off". Errors: Fault::input.
Reproducible reproducible(std::string_view name);

// How the keys and values of a cell are stored: 16-bit floats, or 8-bit integers with a scale for
// every 32 (8.5 bits a value).
enum class CacheType { f16, q8_0 };

// "f16", "q8_0". Errors: Fault::input, naming `flag`.
CacheType cache_type(std::string_view flag, std::string_view name);

struct LlamaOptions {
  // What is computed.
  std::string path;           // a GGUF file
  std::string name;           // what to call it; empty: the file's name
  int context_tokens = 2048;  // longest branch
  KvLayout kv = KvLayout::automatic;
  Reproducible reproducible = Reproducible::automatic;
  CacheType keys = CacheType::f16, values = CacheType::f16;
  // How fast, and in how much memory: see the measurements in docs/engine.md.
  int rows = 32;                          // branches decoded side by side, 1 … 128
  int questions = 1;                      // in flight, each with branches that wait
  std::optional<int> threads = {};        // decode; empty: the machine's cores
  std::optional<int> threads_batch = {};  // prompts; empty: as `threads`
  std::optional<int> ubatch = {};         // tokens of prompts evaluated at once
  int gpu_layers = 0;                     // layers kept on a GPU; -1: all
  bool flash_attention = true;            // without it: no q8_0 values, nothing reproducible
  bool repack = true;                     // weights in another order where that is fastest
  bool mmap = false;                      // map the file instead of reading it
};

// Errors: Fault::model when the file is missing, not a GGUF, broken or of an architecture that
// llama.cpp does not know, or when memory is short.
std::unique_ptr<LanguageModel> make_llama_model(const LlamaOptions& options);

// llama.cpp's version and what it was built for, for `cairn --version`.
std::string llama_version_text();

}  // namespace cairn::llama
