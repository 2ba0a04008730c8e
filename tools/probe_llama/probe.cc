// Compiles and links where llama.cpp is new enough for cairn.
#include "llama.h"

int main(int argc, char**) {
  if (argc < 2) return 0;
  llama_context_params params = llama_context_default_params();
  params.kv_unified = false;
  params.swa_full = false;
  params.n_outputs_max = 1;
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_AUTO;
  llama_model_params model = llama_model_default_params();
  model.load_mode = LLAMA_LOAD_MODE_NONE;
  model.use_extra_bufts = true;
  llama_context* context =
      llama_init_from_model(llama_model_load_from_file(nullptr, model), params);
  llama_memory_t memory = llama_get_memory(context);
  llama_memory_seq_cp(memory, 0, 1, -1, -1);
  llama_memory_seq_rm(memory, 0, -1, -1);
  return static_cast<int>(llama_state_seq_get_size(context, 0)) + llama_model_is_hybrid(nullptr) +
         static_cast<int>(llama_max_parallel_sequences()) + (llama_version() != nullptr);
}
