#include "store/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "base/text.h"

namespace cairn::store {
namespace {

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    out.append(text.begin(), special);
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()));
    if (text.empty()) break;
    const char c = text.front();
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    text.remove_prefix(1);
  }
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"";
    return;
  }
  char digits[32];
  out.append(digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr);
}

template <class Number>
void append_list(std::string& out, std::span<const Number> values) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_number(out, values[i]);
  }
  out += ']';
}

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = base::utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = base::utf8_length(text);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t pad = !last ? 0 : text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    unsigned group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t digit = k < 4 - pad ? kDigits.find(text[i + k]) : 0;
      if (digit == std::string_view::npos) return {};
      group = group << 6 | static_cast<unsigned>(digit);
    }
    for (std::size_t k = 0; k < 3 - pad; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255);
  }
  return out;
}

void JsonWriter::name(std::string_view name) {
  if (out_.size() > 1) out_ += ',';
  append_quoted(out_, name);
  out_ += ':';
}

JsonWriter& JsonWriter::text(std::string_view member, std::string_view value) {
  name(member);
  if (is_utf8(value)) {
    append_quoted(out_, value);
    return *this;
  }
  append_quoted(out_, repaired_utf8(value));
  name(std::string(member) + "_bytes");
  append_quoted(out_, to_base64(value));
  return *this;
}

JsonWriter& JsonWriter::maybe_text(std::string_view member,
                                   const std::optional<std::string>& value) {
  if (value) return text(member, *value);
  name(member);
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::integer(std::string_view member, std::int64_t value) {
  name(member);
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::natural(std::string_view member, std::uint64_t value) {
  name(member);
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view member, double value) {
  name(member);
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view member, float value) {
  name(member);
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view member, std::optional<float> value) {
  if (value) return number(member, *value);
  name(member);
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::flag(std::string_view member, bool value) {
  name(member);
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::numbers(std::string_view member, std::span<const std::int32_t> values) {
  name(member);
  append_list(out_, values);
  return *this;
}

JsonWriter& JsonWriter::numbers(std::string_view member, std::span<const float> values) {
  name(member);
  append_list(out_, values);
  return *this;
}

JsonWriter& JsonWriter::naturals(std::string_view member, std::span<const std::uint64_t> values) {
  name(member);
  append_list(out_, values);
  return *this;
}

JsonWriter& JsonWriter::object(std::string_view member, const JsonWriter& value) {
  name(member);
  out_ += value.str();
  return *this;
}

JsonWriter& JsonWriter::objects(std::string_view member, std::span<const JsonWriter> values) {
  name(member);
  out_ += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out_ += ',';
    out_ += values[i].str();
  }
  out_ += ']';
  return *this;
}

}  // namespace cairn::store
