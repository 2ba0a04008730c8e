// The contract of language models, kept by the embedded engine for every kind of memory.

#include <gtest/gtest.h>

#include "contracts/language_model_contract.h"
#include "model/llama/llama_model.h"
#include "testkit/temp_dir.h"
#include "testkit/tiny_gguf.h"

namespace cairn::contracts {
namespace {

using testkit::TinyArch;
using testkit::TinyWeights;

ModelFactory tiny(const char* name, const testkit::TinyModel& model, llama::KvLayout layout) {
  const auto make = [model, layout] {
    static const testkit::TempDir folder;
    llama::LlamaOptions options;
    options.path = testkit::write_tiny_gguf(folder / ".", model);
    options.context_tokens = 256;
    options.rows = 8;
    options.threads = 2;
    options.kv = layout;
    options.reproducible = llama::Reproducible::on;
    return llama::make_llama_model(options);
  };
  return {name, make, "The model goes on from here: "};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    Tiny, LanguageModelContract,
    testing::Values(tiny("llama_split", {.arch = TinyArch::llama}, llama::KvLayout::split),
                    tiny("llama_half", {.weights = TinyWeights::f16}, llama::KvLayout::split),
                    tiny("llama_quants",
                         {.embedding = 256, .feed_forward = 256, .weights = TinyWeights::mixed},
                         llama::KvLayout::split),
                    tiny("llama_five", {.weights = TinyWeights::five}, llama::KvLayout::split),
                    tiny("llama_unified", {.arch = TinyArch::llama}, llama::KvLayout::unified),
                    tiny("gemma3", {.arch = TinyArch::gemma3}, llama::KvLayout::automatic),
                    tiny("mamba", {.arch = TinyArch::mamba}, llama::KvLayout::automatic),
                    tiny("lfm2", {.arch = TinyArch::lfm2}, llama::KvLayout::automatic),
                    tiny("qwen3", {.arch = TinyArch::qwen3}, llama::KvLayout::automatic)),
    factory_name);

}  // namespace cairn::contracts
