#include "app/model_options.h"

#include "app/models_command.h"
#include "model/hub/interrupt.h"
#include "model/hub/resolve.h"
#include "model/llama/llama_model.h"
#include "model/llama/try_load.h"
#include "model/scripted.h"

namespace cairn::app {
namespace {

// All but the file.
llama::LlamaOptions engine_options(const ModelFlags& flags) {
  llama::LlamaOptions options;
  options.kv = llama::kv_layout(flags.kv);
  options.reproducible = llama::reproducible(flags.reproducible);
  options.context_tokens = flags.context_tokens;
  options.rows = flags.rows;
  options.threads = flags.threads;
  options.threads_batch = flags.threads_batch;
  options.ubatch = flags.ubatch;
  options.gpu_layers = flags.gpu_layers;
  options.flash_attention = flags.flash_attention == "on";
  options.keys = llama::cache_type("--cache-type-k", flags.keys);
  options.values = llama::cache_type("--cache-type-v", flags.values);
  options.repack = flags.repack;
  options.mmap = flags.mmap;
  return options;
}

std::filesystem::path pulled(const ModelFlags& flags, std::string& name) {
  const hub::Interrupt interrupt;
  const hub::ResolvedModel resolved = hub::resolve_model({flags.model, flags.hub}, pull_options());
  name = resolved.name;
  return resolved.path;
}

}  // namespace

void add_model_flags(CLI::App& command, ModelFlags& flags) {
  command
      .add_option("-m,--model", flags.model,
                  "a GGUF file, a name (see `cairn models list`), or scripted:FILE")
      ->envname("CAIRN_MODEL");
  command.add_option("--hf-repo", flags.hub, "user/repo[:quant] on Hugging Face (also -hf)")
      ->envname("CAIRN_HF_REPO");
  command
      .add_option("-c,--ctx-size", flags.context_tokens,
                  "longest line of reasoning with its prompt, tokens")
      ->envname("CAIRN_CTX_SIZE")
      ->check(CLI::Range(64, 1 << 20));
  command
      .add_option(
          "--parallel", flags.rows,
          "branches decoded side by side; of a file, as many questions in flight (also -np)")
      ->envname("CAIRN_PARALLEL")
      ->check(CLI::Range(1, 128));
  command.add_option("-t,--threads", flags.threads, "threads for decoding")
      ->envname("CAIRN_THREADS")
      ->check(CLI::Range(1, 1024));
  command.add_option("--threads-batch", flags.threads_batch, "threads for prompts (also -tb)")
      ->envname("CAIRN_THREADS_BATCH")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--ubatch-size", flags.ubatch,
                  "tokens of prompts evaluated at once, reproducible: 60 at most (also -ub)")
      ->envname("CAIRN_UBATCH_SIZE")
      ->check(CLI::Range(8, 8192));
  command
      .add_option("--gpu-layers", flags.gpu_layers, "layers kept on a GPU, -1 for all (also -ngl)")
      ->envname("CAIRN_GPU_LAYERS");
  command.add_option("--kv", flags.kv, "layout of the KV cache: auto, unified, split")
      ->envname("CAIRN_KV");
  command
      .add_option("--reproducible", flags.reproducible,
                  "keep results independent of what else is running: auto, on, off")
      ->envname("CAIRN_REPRODUCIBLE");
  command
      .add_option("--flash-attn", flags.flash_attention,
                  "attention without the matrix of all scores: on, off (also -fa)")
      ->envname("CAIRN_FLASH_ATTN")
      ->check(CLI::IsMember({"on", "off"}));
  command
      .add_option("--cache-type-k", flags.keys,
                  "how the KV cache keeps keys: f16, q8_0 (also -ctk)")
      ->envname("CAIRN_CACHE_TYPE_K");
  command
      .add_option("--cache-type-v", flags.values,
                  "how the KV cache keeps values: f16, q8_0 (also -ctv)")
      ->envname("CAIRN_CACHE_TYPE_V");
  command
      .add_flag(
          "--repack,!--no-repack", flags.repack,
          "weights in another order where that is fastest: with AMX, for which a copy of 5-bit "
          "weights is kept in 8 bits, and without AVX2 where results need not be reproducible")
      ->envname("CAIRN_REPACK");
  command
      .add_flag("--mmap,!--no-mmap", flags.mmap,
                "map the model's file: programs share it, and it starts sooner; takes more memory "
                "where weights are repacked")
      ->envname("CAIRN_MMAP");
}

ModelFlags beside(ModelFlags flags, const std::string& model) {
  flags.model = model;
  flags.hub.clear();
  return flags;
}

int questions_in_flight(std::size_t questions, const ModelFlags& flags) {
  return static_cast<int>(std::min(questions, static_cast<std::size_t>(flags.rows)));
}

std::unique_ptr<LanguageModel> open_model(const ModelFlags& flags, int questions) {
  constexpr std::string_view kScripted = "scripted:";
  llama::LlamaOptions options = engine_options(flags);
  options.questions = questions;
  if (flags.model.starts_with(kScripted))
    return std::make_unique<ScriptedModel>(read_script(flags.model.substr(kScripted.size())));
  options.path = pulled(flags, options.name).string();
  llama::require_loadable(options.path);
  return llama::make_llama_model(options);
}

}  // namespace cairn::app
