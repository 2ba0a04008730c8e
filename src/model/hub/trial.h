#pragma once
// model/hub/trial.h — work that may end its process, tried in a child first.
//
// llama.cpp aborts on some files that pass check_gguf (a tensor in a type that an operation cannot
// read, say). A file is therefore loaded once in a child process; when that went well, a note is
// left in the cache folder, and the same file (path, length, time of change) is not tried again.

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace cairn::hub {

// Runs `work` in a child process. Nothing when it returned; otherwise why not: what it threw, the
// assertion it printed, the signal that ended it, or that it took longer than `limit`.
// Errors: Fault::cancelled when the child was interrupted; Fault::model when there is no child.
// Threads: the child has only the calling thread, so call this before other threads hold locks.
std::optional<std::string> try_in_child(const std::function<void()>& work,
                                        std::chrono::seconds limit = std::chrono::minutes(5));

// Whether the file was noted as good by the engine of this version, and has not changed since.
bool noted_as_good(const std::filesystem::path& file, const std::string& engine);
void note_as_good(const std::filesystem::path& file, const std::string& engine);  // best effort

}  // namespace cairn::hub
