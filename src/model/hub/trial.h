#pragma once
// model/hub/trial.h — work that may end its process, tried in a child first.
//
// llama.cpp aborts on some files that pass check_gguf (a tensor in a type that an operation cannot
// read, say). A file is therefore loaded once in a child process; when that went well, a note is
// left in the cache folder, and the same file (path, length, time of change) is not tried again.
// So with other things that are found out once about a file.

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

// Whether this was noted of the file, and it has not changed since. What was found has one line,
// and says of which build and machine it is true.
bool is_noted(const std::filesystem::path& file, const std::string& found);
void note(const std::filesystem::path& file, const std::string& found);  // best effort

// What `find` says of the file: asked once, and noted under `question`.
bool found_once(const std::filesystem::path& file, const std::string& question,
                const std::function<bool()>& find);

}  // namespace cairn::hub
