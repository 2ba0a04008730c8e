#pragma once
// store/json_reader.h — the members of one JSON object, each checked for its type and range.
// Errors: Fault::store, naming the member.

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cairn::store {

class JsonReader {
 public:
  using Json = nlohmann::json;

  // Errors: what is not one JSON object.
  static Json parse(std::string_view line);

  explicit JsonReader(const Json& object) : object_(object) {}

  std::string text(const char* name) const;
  std::optional<std::string> optional_text(const char* name) const;
  std::uint64_t natural(const char* name) const;
  std::int64_t integer(const char* name, std::int64_t low, std::int64_t high) const;
  double number(const char* name) const;
  std::optional<float> optional_number(const char* name) const;
  bool flag(const char* name) const;
  std::vector<std::int32_t> integers(const char* name) const;
  std::vector<std::uint64_t> naturals(const char* name) const;
  std::vector<float> floats(const char* name) const;
  std::map<std::string, std::string> texts(const char* name) const;
  std::map<std::string, float> float_map(const char* name) const;
  std::map<std::string, JsonReader> object_map(const char* name) const;
  JsonReader object(const char* name) const;
  std::vector<JsonReader> objects(const char* name) const;
  bool has(const char* name) const;  // present and not null

 private:
  const Json& member(const char* name) const;
  std::string text_of(const std::string& name, const Json& value) const;
  [[noreturn]] static void fail(const std::string& name, const char* wanted);
  static double number_of(const char* name, const Json& value);

  const Json& object_;
};

}  // namespace cairn::store
