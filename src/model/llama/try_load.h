#pragma once
// model/llama/try_load.h — is this file a model that llama.cpp loads and evaluates?

#include <filesystem>

namespace cairn::llama {

// check_gguf, then llama.cpp in a child process: load, one token, unload. So a file that makes
// llama.cpp abort is an error here and not the end of the program. Once for each file: one that was
// good and has not changed since is believed.
// Errors: Fault::model, naming the file and the reason.
// Threads: forks; call it before the program has started threads that hold locks.
void require_loadable(const std::filesystem::path& path);

// The second part alone, in this process.
void load_once(const std::filesystem::path& path);

}  // namespace cairn::llama
