#include "base/columns.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/text.h"

namespace cairn::base {
namespace {

struct Range {
  std::uint32_t first, last;
};

bool within(std::uint32_t code, std::span<const Range> ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

// After Unicode's East_Asian_Width (W and F) and Mn, coarsely.
std::size_t columns_of(std::uint32_t code) {
  static constexpr Range kNone[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                    {0x610, 0x61a},   {0x64b, 0x65f},   {0x200b, 0x200d},
                                    {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}};
  static constexpr Range kTwo[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                                   {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};
  return within(code, kNone) ? 0 : within(code, kTwo) ? 2 : 1;
}

// Takes the first character off.
std::uint32_t next_character(std::string_view& line) {
  const std::size_t length = std::max<std::size_t>(1, utf8_length(line));
  const auto first = static_cast<unsigned char>(line[0]);
  std::uint32_t code = length == 1 ? first : first & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i)
    code = (code << 6) | (static_cast<unsigned char>(line[i]) & 0x3f);
  line.remove_prefix(length);
  return code;
}

}  // namespace

std::size_t columns(std::string_view line) {
  std::size_t used = 0;
  while (!line.empty()) used += columns_of(next_character(line));
  return used;
}

std::string clipped(std::string_view line, std::size_t most) {
  std::size_t used = 0, kept = 0;  // bytes that leave a column for the mark
  for (std::string_view rest = line; !rest.empty();) {
    used += columns_of(next_character(rest));
    if (used > most) return std::string(line.substr(0, kept)) + "\xe2\x80\xa6";
    if (used < most) kept = line.size() - rest.size();
  }
  return std::string(line);
}

}  // namespace cairn::base
