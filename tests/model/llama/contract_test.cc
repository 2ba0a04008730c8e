// The contract of language models, kept by the embedded engine for every kind of memory.

#include <gtest/gtest.h>

#include "contracts/language_model_contract.h"
#include "model/llama/llama_model.h"
#include "testkit/temp_dir.h"
#include "testkit/tiny_gguf.h"

namespace cairn::contracts {
namespace {

using testkit::TinyArch;

ModelFactory tiny(const char* name, TinyArch arch, llama::KvLayout layout) {
  const auto make = [arch, layout] {
    static const testkit::TempDir folder;
    llama::LlamaOptions options;
    options.path = testkit::write_tiny_gguf(folder / ".", {.arch = arch});
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
    testing::Values(tiny("llama_split", TinyArch::llama, llama::KvLayout::split),
                    tiny("llama_unified", TinyArch::llama, llama::KvLayout::unified),
                    tiny("gemma3", TinyArch::gemma3, llama::KvLayout::automatic),
                    tiny("mamba", TinyArch::mamba, llama::KvLayout::automatic),
                    tiny("lfm2", TinyArch::lfm2, llama::KvLayout::automatic)),
    factory_name);

}  // namespace cairn::contracts
