#include "model/llama/try_load.h"

#include <fmt/core.h>
#include <llama.h>

#include <memory>
#include <mutex>
#include <string>

#include "cairn/error.h"
#include "model/hub/gguf_check.h"
#include "model/hub/trial.h"
#include "model/llama/turn.h"

namespace cairn::llama {
namespace {

constexpr const char* kRemedy = "Pull or download the file again, or choose another model";

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw Error(Fault::model, path.string(), reason, kRemedy);
}

// The reason in "llama_model_load: error loading model: <reason>", kept from the log.
void keep_reason(ggml_log_level level, const char* text, void* data) {
  constexpr std::string_view mark = "error loading model: ";
  const std::string_view line(text);
  const std::size_t at = line.find(mark);
  if (level != GGML_LOG_LEVEL_ERROR || at == std::string_view::npos) return;
  std::string_view reason = line.substr(at + mark.size());
  while (!reason.empty() && reason.back() == '\n') reason.remove_suffix(1);
  *static_cast<std::string*>(data) = reason;
}

// As noted of a file.
std::string loaded() {
  return fmt::format("llama.cpp {} loads it", llama_version());
}

}  // namespace

std::optional<std::string> try_beside_models(const std::function<void()>& work) {
  const std::lock_guard<Turn> none_evaluates(processor_turn());
  return hub::try_in_child([&] {
    processor_turn().free_in_child();
    work();
  });
}

void load_once(const std::filesystem::path& path) {
  static std::string reason;  // the log keeps pointing to it
  reason = "llama.cpp does not say why";
  llama_log_set(keep_reason, &reason);
  llama_model_params model_params = llama_model_default_params();
  model_params.use_extra_bufts = false;  // no repacking: nothing is computed at length here
  model_params.n_gpu_layers = 0;
  const std::unique_ptr<llama_model, void (*)(llama_model*)> model(
      llama_model_load_from_file(path.c_str(), model_params), llama_model_free);
  if (!model) refuse(path, fmt::format("cannot be loaded: {}", reason));
  llama_context_params params = llama_context_default_params();
  params.n_ctx = params.n_batch = params.n_ubatch = 64;
  params.n_threads = params.n_threads_batch = 1;
  const std::unique_ptr<llama_context, void (*)(llama_context*)> context(
      llama_init_from_model(model.get(), params), llama_free);
  if (!context) refuse(path, "cannot be evaluated: llama.cpp makes no context for it");
  llama_token token = 0;
  if (llama_decode(context.get(), llama_batch_get_one(&token, 1)) != 0)
    refuse(path, "cannot be evaluated: llama.cpp decodes no token with it");
}

void require_loadable(const std::filesystem::path& path) {
  if (hub::is_noted(path, loaded())) return;
  hub::check_gguf(path);
  if (const auto reason = try_beside_models([&] { load_once(path); }))
    refuse(path, fmt::format("makes llama.cpp fail: {}", *reason));
  hub::note(path, loaded());
}

}  // namespace cairn::llama
