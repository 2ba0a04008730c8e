#include "model/hub/registry.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "base/embedded.h"
#include "base/nearest.h"
#include "cairn/error.h"

namespace cairn::hub {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Fault::input, "model registry", what, "Correct models/registry.json");
}

std::string text(const Json& object, const char* field, const std::string& where) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_string() || found->get<std::string>().empty())
    refuse(fmt::format("{} needs a non-empty text in \"{}\"", where, field));
  return found->get<std::string>();
}

std::int64_t positive(const Json& object, const char* field, const std::string& where) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_number_integer() || found->get<std::int64_t>() <= 0)
    refuse(fmt::format("{} needs a positive whole number in \"{}\"", where, field));
  return found->get<std::int64_t>();
}

Wheels read_wheels(const Json& parts, const RegistryEntry& entry) {
  Wheels wheels;
  for (const Json& part : parts)
    wheels.push_back({text(part, "package", entry.name), text(part, "version", entry.name),
                      text(part, "member", entry.name), positive(part, "bytes", entry.name)});
  const std::int64_t sum =
      std::accumulate(wheels.begin(), wheels.end(), std::int64_t{0},
                      [](std::int64_t total, const WheelPart& p) { return total + p.bytes; });
  if (sum != entry.bytes)
    refuse(fmt::format("the wheels of {} hold {} bytes together but the file has {}", entry.name,
                       sum, entry.bytes));
  return wheels;
}

Source read_source(const Json& source, const RegistryEntry& entry) {
  if (source.is_object() && source.contains("hf"))
    return HubFile{text(source, "hf", entry.name), text(source, "file", entry.name)};
  if (source.is_object() && source.contains("wheels") && source["wheels"].is_array())
    return read_wheels(source["wheels"], entry);
  refuse(fmt::format("a source of {} has neither \"hf\" nor \"wheels\"", entry.name));
}

void check_identity(const RegistryEntry& entry) {
  const bool hex = entry.sha256.size() == 64 &&
                   entry.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) refuse(fmt::format("the sha256 of {} is not 64 hexadecimal digits", entry.name));
  if (entry.file.find('/') != std::string::npos || entry.file.starts_with('.'))
    refuse(fmt::format("the file of {} is not a plain file name: {}", entry.name, entry.file));
}

RegistryEntry read_entry(const Json& object) {
  if (!object.is_object()) refuse("an entry is not an object");
  RegistryEntry entry;
  entry.name = text(object, "name", "an entry");
  entry.description = text(object, "description", entry.name);
  entry.licence = text(object, "licence", entry.name);
  entry.file = text(object, "file", entry.name);
  entry.bytes = positive(object, "bytes", entry.name);
  entry.sha256 = text(object, "sha256", entry.name);
  check_identity(entry);
  const auto sources = object.find("sources");
  if (sources == object.end() || !sources->is_array() || sources->empty())
    refuse(fmt::format("{} has no sources", entry.name));
  for (const Json& source : *sources) entry.sources.push_back(read_source(source, entry));
  return entry;
}

}  // namespace

std::vector<RegistryEntry> parse_registry(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_array()) refuse("the text is not a JSON array");
  std::vector<RegistryEntry> entries;
  std::set<std::string> names;
  for (const Json& object : parsed) {
    entries.push_back(read_entry(object));
    if (!names.insert(entries.back().name).second)
      refuse(fmt::format("two entries are named {}", entries.back().name));
  }
  return entries;
}

const std::vector<RegistryEntry>& registry() {
  static const std::vector<RegistryEntry> entries = parse_registry(base::embedded_registry());
  return entries;
}

const RegistryEntry& find_entry(const std::vector<RegistryEntry>& entries, std::string_view name) {
  std::vector<std::string> names;
  for (const RegistryEntry& entry : entries) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  throw Error(Fault::input, "models", fmt::format("there is no model \"{}\"", name),
              base::did_you_mean(name, names) + ". A file is given as a path that ends in .gguf");
}

}  // namespace cairn::hub
