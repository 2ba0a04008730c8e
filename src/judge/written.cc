#include "judge/written.h"

#include <fmt/format.h>

#include "cairn/error.h"

namespace cairn::judge {
namespace {

// The parts between separators that stand outside brackets.
std::vector<std::string_view> split_outside(std::string_view text, char separator) {
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
    throw Error(Fault::input, "judge", fmt::format("the brackets of \"{}\" do not match", text),
                "Write NAME(option=value) inside a list of judges");
  parts.push_back(text.substr(begin));
  return parts;
}

Settings read_settings(std::string_view text) {
  Settings settings;
  for (const std::string_view part : split_outside(text, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw Error(Fault::input, "judge", fmt::format("\"{}\" is no option=value", part),
                  "Write NAME:option=value,option=value");
    settings[std::string(part.substr(0, equals))] = part.substr(equals + 1);
  }
  return settings;
}

}  // namespace

Written read_written(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return {std::string(text), {}};
  return {std::string(text.substr(0, colon)), read_settings(text.substr(colon + 1))};
}

std::vector<std::string> read_list(std::string_view text) {
  std::vector<std::string> judges;
  for (const std::string_view part : split_outside(text, '+')) {
    const auto open = part.find('(');
    if (part.empty() || open == 0 || (open != std::string_view::npos && part.back() != ')'))
      throw Error(Fault::input, "judge", fmt::format("\"{}\" is no list of judges", text),
                  "Write NAME+NAME(option=value)");
    std::string judge(part.substr(0, open));
    if (open != std::string_view::npos)
      judge += fmt::format(":{}", part.substr(open + 1, part.size() - open - 2));
    judges.push_back(std::move(judge));
  }
  return judges;
}

}  // namespace cairn::judge
