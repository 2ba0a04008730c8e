#pragma once
// model/hub/resolve.h — from what a user writes (-m, -hf) to a model's file on this machine.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/hub/pull.h"
#include "model/hub/registry.h"

namespace cairn::hub {

struct ModelChoice {
  std::string model = {};  // -m: a file (ends in .gguf or holds a /), or a name of the registry
  std::string hub = {};    // -hf: user/repo[:quant]
};

struct ResolvedModel {
  std::filesystem::path path;
  std::string name;  // the registry's, the hub's, or the file's without .gguf
};

// Neither given: CAIRN_MODEL, then kDefaultModel. A named model that is not in the cache folder is
// pulled. A hub model that is in the cache folder is used without asking the hub.
// Errors: Fault::input for an unknown name (with the nearest) or a malformed -hf; Fault::model for
// a missing file, and as pull().
ResolvedModel resolve_model(const ModelChoice& choice, const PullOptions& options,
                            const std::vector<RegistryEntry>& entries = registry());

struct HubName {
  std::string repo;   // "user/repo"
  std::string quant;  // as written after the colon; empty if there is none
};
HubName parse_hub_name(std::string_view text);

struct HubListing {
  std::string path;  // inside the repository
  std::int64_t bytes = 0;
  std::string sha256;
};

// The file that `quant` names: the first whose name has it (any case) before a "." or a "-". With
// no quant: Q4_K_M, then Q8_0, then the first model. Projectors, importance matrices and draft
// heads are no models. Parts of a split model other than the first are passed over.
// (The rule of llama.cpp's common/download.cpp.)
std::optional<HubListing> choose_file(const std::vector<HubListing>& files,
                                      const std::string& quant);

// "-00001-of-00003.gguf"
bool is_split(std::string_view file);

}  // namespace cairn::hub
