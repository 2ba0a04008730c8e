#pragma once
// model/llama/try_load.h — is this file a model that llama.cpp loads and evaluates?

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace cairn::llama {

// hub::try_in_child for work with llama.cpp, while other models evaluate in this process: they
// wait, so that the child has no lock of theirs.
std::optional<std::string> try_beside_models(const std::function<void()>& work);

// check_gguf, then llama.cpp in a child process: load, one token, unload. So a file that makes
// llama.cpp abort is an error here and not the end of the program. Once for each file: one that was
// good and has not changed since is believed.
// Errors: Fault::model, naming the file and the reason.
void require_loadable(const std::filesystem::path& path);

// The second part alone, in this process.
void load_once(const std::filesystem::path& path);

}  // namespace cairn::llama
