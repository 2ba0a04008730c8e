#include "model/llama/load.h"

#include <fmt/core.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>

#include "cairn/error.h"
#include "model/hub/trial.h"
#include "model/hub/widen.h"
#include "model/llama/kernels.h"
#include "model/llama/product.h"
#include "model/llama/try_load.h"

namespace cairn::llama {
namespace {

void start_backend() {
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_backend_init();
  });
}

// What was needed while loading only: the C library would keep it.
void give_memory_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

ModelHandle load_file(const LlamaOptions& options, const std::string& path, bool repacked) {
  llama_model_params params = llama_model_default_params();
  params.n_gpu_layers = options.gpu_layers;
  params.use_extra_bufts = repacked;
  params.load_mode = options.mmap ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE;
  return {llama_model_load_from_file(path.c_str(), params), llama_model_free};
}

// A few tokens with weights in tiles; an error where rows hang on their batch and must not.
void try_tiles(const LlamaOptions& options, bool invariant) {
  LlamaOptions small = options;
  small.rows = 16;
  small.context_tokens = 64;
  const ModelHandle model = load_file(small, small.path, /*repacked=*/true);
  if (!model || !llama_model_has_decoder(model.get()))
    throw Error(Fault::model, "model/llama", fmt::format("{} is no decoder", small.path), "");
  ContextPlan plan = plan_context(model.get(), small, invariant);
  plan.batch_invariant = false;  // this is its trial
  LlamaDecoder decoder(model.get(), plan, small.path);
  if (!rows_agree(decoder) && invariant)
    throw Error(Fault::model, "model/llama", "rows in tiles hang on their batch", "");
}

// Some builds of llama.cpp end at the first product of tiles: g++ 12 leaves out their shapes.
bool tiles_serve(const LlamaOptions& options, bool invariant) {
  const std::string question =
      fmt::format("llama.cpp {}: do tiles serve{}?", llama_print_system_info(),
                  invariant ? " rows that agree" : "");
  return hub::found_once(options.path, question, [&] {
    return !try_beside_models([&] { try_tiles(options, invariant); });
  });
}

// Its copy with 8-bit integers is up to half as large again, on the disk and in memory.
bool is_small(const std::string& path) {
  constexpr int kMemoryPart = 8;
  std::error_code missing;  // which loading will tell of
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path, missing));
  return !missing && bytes <= memory_bytes() / kMemoryPart;
}

}  // namespace

bool has_tiles() {
  return std::string_view(llama_print_system_info()).find("AMX_INT8 = 1") != std::string_view::npos;
}

LoadedModel load_model(const LlamaOptions& options, bool invariant) {
  if (without_tiled_products(invariant)) multiply_lone_rows();
  start_backend();
  const bool tiles = options.repack && options.gpu_layers == 0 && has_tiles();
  const bool repacked =
      tiles ? tiles_serve(options, invariant) : options.repack && !invariant && !has_own_products();
  const auto wide =
      tiles && repacked && is_small(options.path) ? hub::widened(options.path) : std::nullopt;
  ModelHandle model = load_file(options, wide ? wide->string() : options.path, repacked);
  if (!model)
    throw Error(Fault::model, "model/llama",
                fmt::format("llama.cpp could not load {}", options.path),
                "Check the file with `cairn models verify`, or use another model");
  if (!llama_model_has_decoder(model.get()))
    throw Error(Fault::model, "model/llama", fmt::format("{} does not generate text", options.path),
                "Use a decoder model");
  give_memory_back();
  return {std::move(model), repacked, wide.has_value()};
}

}  // namespace cairn::llama
