#include "cairn/written.h"

#include <fmt/format.h>

#include "cairn/error.h"

namespace cairn {
namespace {

// The parts between separators that stand outside brackets.
std::vector<std::string_view> split_outside(std::string_view where, std::string_view text,
                                            char separator) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth < 0) break;
    if (text[i] != separator || depth > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  if (depth != 0)
    throw Error(Fault::input, where, fmt::format("the brackets of \"{}\" do not match", text),
                "Close each one");
  parts.push_back(text.substr(begin));
  return parts;
}

}  // namespace

Written read_written(std::string_view where, std::string_view text) {
  const auto colon = text.find(':');
  Written written{std::string(text.substr(0, colon)), {}};
  if (colon == std::string_view::npos) return written;
  for (const std::string_view part : split_outside(where, text.substr(colon + 1), ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw Error(Fault::input, where, fmt::format("\"{}\" is no option=value", part),
                  fmt::format("Write {}:option=value,option=value", written.name));
    written.settings[std::string(part.substr(0, equals))] = part.substr(equals + 1);
  }
  return written;
}

std::vector<std::string> split_written(std::string_view where, std::string_view text) {
  std::vector<std::string> all;
  for (const std::string_view part : split_outside(where, text, ',')) {
    const auto name_end = part.find_first_of(":=(");
    const bool setting = name_end != std::string_view::npos && part[name_end] == '=';
    if (setting && !all.empty())
      all.back().append(",").append(part);
    else
      all.emplace_back(part);
  }
  return all;
}

std::vector<std::string> read_sum(std::string_view where, std::string_view text) {
  std::vector<std::string> judges;
  for (const std::string_view part : split_outside(where, text, '+')) {
    const auto open = part.find('(');
    const bool bracket = open != std::string_view::npos;
    if (part.empty() || open == 0 || (bracket && part.back() != ')'))
      throw Error(Fault::input, where, fmt::format("\"{}\" is no list of names", text),
                  "Write NAME+NAME(option=value)");
    std::string judge(part.substr(0, open));
    if (bracket) judge.append(":").append(part.substr(open + 1, part.size() - open - 2));
    judges.push_back(std::move(judge));
  }
  return judges;
}

}  // namespace cairn
