#pragma once
// store/json_writer.h — one JSON object written member by member, in the order given. Floats are
// written with the fewest digits that read back the same; see records.h for texts that are not
// UTF-8.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::store {

class JsonWriter {
 public:
  JsonWriter& text(std::string_view name, std::string_view value);
  JsonWriter& maybe_text(std::string_view name,
                         const std::optional<std::string>& value);  // or null
  JsonWriter& integer(std::string_view name, std::int64_t value);
  JsonWriter& natural(std::string_view name, std::uint64_t value);
  JsonWriter& number(std::string_view name, double value);
  JsonWriter& number(std::string_view name, float value);
  JsonWriter& number(std::string_view name, std::optional<float> value);  // or null
  JsonWriter& flag(std::string_view name, bool value);
  JsonWriter& numbers(std::string_view name, std::span<const std::int32_t> values);
  JsonWriter& numbers(std::string_view name, std::span<const float> values);
  JsonWriter& naturals(std::string_view name, std::span<const std::uint64_t> values);
  JsonWriter& object(std::string_view name, const JsonWriter& value);
  JsonWriter& objects(std::string_view name, std::span<const JsonWriter> values);

  std::string str() const { return out_ + "}"; }

 private:
  void name(std::string_view name);
  std::string out_ = "{";
};

bool is_utf8(std::string_view text);
// Each byte that is not part of valid UTF-8 becomes U+FFFD.
std::string repaired_utf8(std::string_view text);

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // nothing when it is not base64

}  // namespace cairn::store
