#include "cairn/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/nearest.h"
#include "cairn/error.h"

namespace cairn {
namespace {

template <class T>
T parse_number(std::string_view where, const std::string& name, const std::string& value, T min,
               T max) {
  T number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  if (!whole)
    throw Error(Fault::input, where,
                fmt::format("option {} wants a number, got \"{}\"", name, value),
                fmt::format("Give a number from {} to {}", min, max));
  if (!(number >= min && number <= max))
    throw Error(Fault::input, where,
                fmt::format("option {} is {}, outside {} to {}", name, value, min, max),
                "Give a value inside the range");
  return number;
}

}  // namespace

void OptionSet::add(std::string_view name, int& field, int min, int max, std::string_view help) {
  options_.push_back({std::string(name),
                      "integer",
                      fmt::to_string(field),
                      double(min),
                      double(max),
                      {},
                      std::string(help)});
  setters_.push_back([&field, min, max, key = std::string(name)](std::string_view where,
                                                                 const std::string& value) {
    field = parse_number(where, key, value, min, max);
  });
}

void OptionSet::add(std::string_view name, float& field, float min, float max,
                    std::string_view help) {
  options_.push_back(
      {std::string(name), "number", fmt::to_string(field), min, max, {}, std::string(help)});
  setters_.push_back([&field, min, max, key = std::string(name)](std::string_view where,
                                                                 const std::string& value) {
    field = parse_number(where, key, value, min, max);
  });
}

void OptionSet::add(std::string_view name, bool& field, std::string_view help) {
  options_.push_back({std::string(name),
                      "flag",
                      field ? "true" : "false",
                      0,
                      0,
                      {"true", "false"},
                      std::string(help)});
  setters_.push_back(
      [&field, key = std::string(name)](std::string_view where, const std::string& value) {
        if (value != "true" && value != "false")
          throw Error(Fault::input, where,
                      fmt::format("option {} wants true or false, got \"{}\"", key, value),
                      "Write true or false");
        field = value == "true";
      });
}

void OptionSet::add(std::string_view name, std::string& field, std::vector<std::string> allowed,
                    std::string_view help) {
  options_.push_back({std::string(name), "text", field, 0, 0, allowed, std::string(help)});
  setters_.push_back([&field, allowed = std::move(allowed), key = std::string(name)](
                         std::string_view where, const std::string& value) {
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end())
      throw Error(Fault::input, where, fmt::format("option {} cannot be \"{}\"", key, value),
                  fmt::format("Use one of: {}", fmt::join(allowed, ", ")));
    field = value;
  });
}

void OptionSet::assign(std::string_view where, const Settings& settings) {
  std::vector<std::string> names;
  for (const Option& option : options_) names.push_back(option.name);
  for (const auto& [name, value] : settings) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      throw Error(Fault::input, where, fmt::format("there is no option \"{}\"", name),
                  base::did_you_mean(name, names));
    setters_[found - names.begin()](where, value);
  }
}

}  // namespace cairn
