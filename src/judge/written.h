#pragma once
// judge/written.h — a judge as a user writes it: NAME:option=value,option=value; inside another
// judge's options NAME(option=value,option=value), joined by "+".

#include <string>
#include <string_view>
#include <vector>

#include "cairn/options.h"

namespace cairn::judge {

struct Written {
  std::string name;
  Settings settings;
};

// Commas inside brackets belong to the judge before them.
// Errors: Fault::input for a part that is no option=value, or brackets that do not close.
Written read_written(std::string_view text);

// The judges of "a+b(of=step)+c", each as read_written reads it.
// Errors: Fault::input for an empty name, or brackets that do not close.
std::vector<std::string> read_list(std::string_view text);

}  // namespace cairn::judge
