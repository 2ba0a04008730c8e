#include "store/json_reader.h"

#include <fmt/format.h>

#include <limits>

#include "cairn/error.h"
#include "store/json_writer.h"

namespace cairn::store {
namespace {

namespace dom = simdjson::dom;

constexpr const char* kWriteAgain = "Write the line again, or leave it out";

}  // namespace

JsonReader JsonReader::parse(std::string_view line) {
  thread_local dom::parser parser;
  dom::object object;
  if (parser.parse(line.data(), line.size()).get(object))
    throw Error(Fault::store, "trace", "the line is not one JSON object", kWriteAgain);
  return JsonReader(object);
}

void JsonReader::fail(std::string_view name, const char* wanted) {
  throw Error(Fault::store, "trace", fmt::format("\"{}\" is not {}", name, wanted), kWriteAgain);
}

bool JsonReader::has(const char* name) const {
  Json value;
  return !object_.at_key(name).get(value) && !value.is_null();
}

JsonReader::Json JsonReader::member(const char* name) const {
  Json value;
  if (object_.at_key(name).get(value)) fail(name, "there");
  return value;
}

dom::array JsonReader::list(const char* name) const {
  dom::array values;
  if (member(name).get(values)) fail(name, "a list");
  return values;
}

std::string JsonReader::text_of(std::string_view name, Json value) const {
  std::string_view text, exact;
  if (value.get(text)) fail(name, "a text");
  const std::string exact_name = std::string(name) + "_bytes";
  Json other;
  if (object_.at_key(exact_name).get(other)) return std::string(text);
  if (other.get(exact)) fail(exact_name, "a text");
  auto bytes = from_base64(exact);
  if (!bytes) fail(exact_name, "base64");
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
  std::uint64_t number = 0;
  if (member(name).get(number)) fail(name, "a whole number from 0");
  return number;
}

std::int64_t JsonReader::integer(const char* name, std::int64_t low, std::int64_t high) const {
  std::int64_t number = 0;
  if (member(name).get(number)) fail(name, "a whole number");
  if (number < low || number > high)
    throw Error(Fault::store, "trace",
                fmt::format("\"{}\" is {}, outside {} to {}", name, number, low, high),
                kWriteAgain);
  return number;
}

double JsonReader::number_of(const char* name, Json value) {
  double number = 0;
  if (!value.get(number)) return number;
  std::string_view text;
  if (!value.get(text)) {
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  }
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
  bool flag = false;
  if (member(name).get(flag)) fail(name, "true or false");
  return flag;
}

std::vector<std::int32_t> JsonReader::integers(const char* name) const {
  std::vector<std::int32_t> values;
  for (const Json value : list(name)) {
    std::int64_t number = 0;
    if (value.get(number)) fail(name, "a list of whole numbers");
    if (number != static_cast<std::int32_t>(number)) fail(name, "a list of 32-bit numbers");
    values.push_back(static_cast<std::int32_t>(number));
  }
  return values;
}

std::vector<std::uint64_t> JsonReader::naturals(const char* name) const {
  std::vector<std::uint64_t> values;
  for (const Json value : list(name)) {
    if (value.get(values.emplace_back())) fail(name, "a list of whole numbers from 0");
  }
  return values;
}

std::vector<float> JsonReader::floats(const char* name) const {
  std::vector<float> values;
  for (const Json value : list(name)) values.push_back(static_cast<float>(number_of(name, value)));
  return values;
}

std::map<std::string, std::string> JsonReader::texts(const char* name) const {
  const JsonReader all = object(name);
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : all.object_) {
    const bool exact_form =
        key.ends_with("_bytes") && !all.object_.at_key(key.substr(0, key.size() - 6)).error();
    if (!exact_form) values.try_emplace(std::string(key), all.text_of(key, value));
  }
  return values;
}

std::map<std::string, float> JsonReader::float_map(const char* name) const {
  std::map<std::string, float> values;
  for (const auto& [key, value] : object(name).object_)
    values.try_emplace(std::string(key), static_cast<float>(number_of(name, value)));
  return values;
}

std::map<std::string, JsonReader> JsonReader::object_map(const char* name) const {
  std::map<std::string, JsonReader> values;
  for (const auto& [key, value] : object(name).object_) {
    dom::object one;
    if (value.get(one)) fail(name, "an object of objects");
    values.emplace(std::string(key), JsonReader(one));
  }
  return values;
}

JsonReader JsonReader::object(const char* name) const {
  dom::object object;
  if (member(name).get(object)) fail(name, "an object");
  return JsonReader(object);
}

std::vector<JsonReader> JsonReader::objects(const char* name) const {
  std::vector<JsonReader> values;
  for (const Json value : list(name)) {
    dom::object object;
    if (value.get(object)) fail(name, "a list of objects");
    values.push_back(JsonReader(object));
  }
  return values;
}

}  // namespace cairn::store
