#pragma once
// store/json_reader.h — the members of one JSON object, each checked for its type and range. Of
// members with one name the first counts. Errors: Fault::store, naming the member.

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {

class JsonReader {
 public:
  // What is read is valid until the thread's next call. Errors: what is not one JSON object.
  static JsonReader parse(std::string_view line);

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
  using Json = simdjson::dom::element;

  explicit JsonReader(simdjson::dom::object object) : object_(object) {}
  Json member(const char* name) const;
  simdjson::dom::array list(const char* name) const;
  std::string text_of(std::string_view name, Json value) const;
  [[noreturn]] static void fail(std::string_view name, const char* wanted);
  static double number_of(const char* name, Json value);

  simdjson::dom::object object_;
};

}  // namespace cairn::store
