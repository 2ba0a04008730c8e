#pragma once
// tool/hexadecimal.h — bytes as text, for a program that is handed over as text.

#include <string>
#include <string_view>

namespace cairn::tool {

inline std::string hexadecimal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace cairn::tool
