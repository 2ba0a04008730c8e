#pragma once
// model/hub/gguf_check.h — is this file a model that llama.cpp can be given?
//
// llama.cpp ends the process (GGML_ASSERT) on some malformed files. This reads a file's header,
// metadata and tensor table first, with every length bounded by the file and every sum checked for
// overflow, and compares the tensors with the file's length and with the hyperparameters.
// What it lets through is not proof: a file that has not been loaded before is also tried in a
// child process, see model/hub/trial.h.

#include <cstdint>
#include <filesystem>
#include <string>

namespace cairn::hub {

struct GgufSummary {
  std::string architecture;
  std::string name;  // general.name; may be empty
  std::uint32_t layers = 0;
  std::uint32_t embedding = 0;
  std::uint32_t context = 0;  // the context length that it was trained with
  std::uint64_t vocabulary = 0;
  std::uint64_t parameters = 0;  // weights, all tensors together
  std::uint64_t alignment = 0;   // of tensors in the file, in bytes
  bool chat_template = false;
};

// Time: a few milliseconds. Memory: a few times the metadata, 256 MiB at most.
// Errors: Fault::model, naming the file and the reason.
GgufSummary check_gguf(const std::filesystem::path& path);

}  // namespace cairn::hub
