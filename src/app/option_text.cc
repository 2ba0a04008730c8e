#include "app/option_text.h"

#include <fmt/format.h>

namespace cairn::app {
namespace {

bool is_number(const Option& option) {
  return option.type == "integer" || option.type == "number";
}

}  // namespace

std::string option_text(const Option& option) {
  std::string range = fmt::format("{}", fmt::join(option.allowed, " | "));
  if (is_number(option)) range = fmt::format("{} to {}", option.min, option.max);
  return fmt::format("{}={}  {}{}{}: {}", option.name, option.default_value, option.type,
                     range.empty() ? "" : ", ", range, option.help);
}

nlohmann::ordered_json option_json(const Option& option) {
  nlohmann::ordered_json json{
      {"name", option.name}, {"type", option.type}, {"default", option.default_value}};
  if (is_number(option)) json["range"] = {option.min, option.max};
  if (!option.allowed.empty()) json["allowed"] = option.allowed;
  json["help"] = option.help;
  return json;
}

}  // namespace cairn::app
