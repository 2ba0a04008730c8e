#include "store/json_reader.h"

#include <fmt/format.h>

#include "cairn/error.h"
#include "store/json_writer.h"

namespace cairn::store {
namespace {

constexpr const char* kRemedy = "Write the line again, or leave it out";

}  // namespace

JsonReader::Json JsonReader::parse(std::string_view line) {
  Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object())
    throw Error(Fault::store, "trace", "the line is not one JSON object", kRemedy);
  return json;
}

void JsonReader::fail(const std::string& name, const char* wanted) {
  throw Error(Fault::store, "trace", fmt::format("\"{}\" is not {}", name, wanted), kRemedy);
}

bool JsonReader::has(const char* name) const {
  const auto found = object_.find(name);
  return found != object_.end() && !found->is_null();
}

const JsonReader::Json& JsonReader::member(const char* name) const {
  const auto found = object_.find(name);
  if (found == object_.end()) fail(name, "there");
  return *found;
}

std::string JsonReader::text_of(const std::string& name, const Json& value) const {
  if (!value.is_string()) fail(name, "a text");
  const auto exact = object_.find(name + "_bytes");
  if (exact == object_.end()) return value.get<std::string>();
  if (!exact->is_string()) fail(name + "_bytes", "a text");
  auto bytes = from_base64(exact->get_ref<const std::string&>());
  if (!bytes) fail(name + "_bytes", "base64");
  return *bytes;
}

std::string JsonReader::text(const char* name) const {
  return text_of(name, member(name));
}

std::optional<std::string> JsonReader::optional_text(const char* name) const {
  if (!has(name)) return {};
  return text(name);
}

std::uint64_t JsonReader::natural(const char* name) const {
  const Json& value = member(name);
  if (!value.is_number_unsigned()) fail(name, "a whole number from 0");
  return value.get<std::uint64_t>();
}

std::int64_t JsonReader::integer(const char* name, std::int64_t low, std::int64_t high) const {
  const Json& value = member(name);
  const bool too_large = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() >
                             static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_integer() || too_large) fail(name, "a whole number");
  const auto number = value.get<std::int64_t>();
  if (number < low || number > high)
    throw Error(Fault::store, "trace",
                fmt::format("\"{}\" is {}, outside {} to {}", name, number, low, high), kRemedy);
  return number;
}

double JsonReader::number_of(const char* name, const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  fail(name, "a number");
}

double JsonReader::number(const char* name) const {
  return number_of(name, member(name));
}

std::optional<float> JsonReader::optional_number(const char* name) const {
  if (!has(name)) return {};
  return static_cast<float>(number(name));
}

bool JsonReader::flag(const char* name) const {
  const Json& value = member(name);
  if (!value.is_boolean()) fail(name, "true or false");
  return value.get<bool>();
}

std::vector<std::int32_t> JsonReader::integers(const char* name) const {
  const Json& list = member(name);
  if (!list.is_array()) fail(name, "a list");
  std::vector<std::int32_t> values;
  values.reserve(list.size());
  for (const Json& value : list) {
    if (!value.is_number_integer()) fail(name, "a list of whole numbers");
    const auto number = value.get<std::int64_t>();
    if (number != static_cast<std::int32_t>(number)) fail(name, "a list of 32-bit numbers");
    values.push_back(static_cast<std::int32_t>(number));
  }
  return values;
}

std::vector<std::uint64_t> JsonReader::naturals(const char* name) const {
  const Json& list = member(name);
  if (!list.is_array()) fail(name, "a list");
  std::vector<std::uint64_t> values;
  for (const Json& value : list) {
    if (!value.is_number_unsigned()) fail(name, "a list of whole numbers from 0");
    values.push_back(value.get<std::uint64_t>());
  }
  return values;
}

std::vector<float> JsonReader::floats(const char* name) const {
  const Json& list = member(name);
  if (!list.is_array()) fail(name, "a list");
  std::vector<float> values;
  values.reserve(list.size());
  for (const Json& value : list) values.push_back(static_cast<float>(number_of(name, value)));
  return values;
}

std::map<std::string, std::string> JsonReader::texts(const char* name) const {
  const Json& all = member(name);
  if (!all.is_object()) fail(name, "an object");
  const JsonReader inside(all);
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : all.items()) {
    const bool exact_form = key.ends_with("_bytes") && all.contains(key.substr(0, key.size() - 6));
    if (!exact_form) values[key] = inside.text_of(key, value);
  }
  return values;
}

std::map<std::string, float> JsonReader::float_map(const char* name) const {
  const Json& all = member(name);
  if (!all.is_object()) fail(name, "an object");
  std::map<std::string, float> values;
  for (const auto& [key, value] : all.items())
    values[key] = static_cast<float>(number_of(name, value));
  return values;
}

std::map<std::string, JsonReader> JsonReader::object_map(const char* name) const {
  const Json& all = member(name);
  if (!all.is_object()) fail(name, "an object");
  std::map<std::string, JsonReader> values;
  for (const auto& [key, value] : all.items()) {
    if (!value.is_object()) fail(name, "an object of objects");
    values.emplace(key, JsonReader(value));
  }
  return values;
}

JsonReader JsonReader::object(const char* name) const {
  const Json& value = member(name);
  if (!value.is_object()) fail(name, "an object");
  return JsonReader(value);
}

std::vector<JsonReader> JsonReader::objects(const char* name) const {
  const Json& list = member(name);
  if (!list.is_array()) fail(name, "a list");
  std::vector<JsonReader> values;
  for (const Json& value : list) {
    if (!value.is_object()) fail(name, "a list of objects");
    values.emplace_back(value);
  }
  return values;
}

}  // namespace cairn::store
