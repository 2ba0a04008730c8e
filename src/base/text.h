#pragma once
// base/text.h — small things about text.

#include <string>
#include <string_view>

namespace cairn::base {

std::string_view trim(std::string_view text);  // without white space at both ends
std::string lower(std::string_view text);      // ASCII letters

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_letter(char c) {  // of ASCII
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Bytes that belong to the UTF-8 character at the start of `text`: 1 to 4; 0 when it is malformed.
// Requires: !text.empty().
std::size_t utf8_length(std::string_view text);

// Text from outside, safe to show on a terminal: control characters (escape sequences begin with
// one), bidirectional overrides and bytes that are no UTF-8 become U+FFFD; newline and tab stay.
std::string printable(std::string_view text);
std::string one_line(std::string_view text);  // the same, trimmed, its newlines and tabs as spaces

}  // namespace cairn::base
