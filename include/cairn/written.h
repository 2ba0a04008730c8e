#pragma once
// cairn/written.h — a recipe or a judge as a user writes it: NAME or
// NAME:option=value,option=value. A judge inside another judge's options:
// NAME(option=value,option=value).

#include <string>
#include <string_view>
#include <vector>

#include "cairn/options.h"

namespace cairn {

struct Written {
  std::string name;
  Settings settings;
};

// Commas inside brackets belong to what stands before them.
// Errors: Fault::input, at `where`, for a part that is no option=value or brackets that do not
// match.
Written read_written(std::string_view where, std::string_view text);

// "a:x=1,y=2,b" is "a:x=1,y=2" and "b": an option=value belongs to the name before it.
// Errors: as read_written.
std::vector<std::string> split_written(std::string_view where, std::string_view text);

// The judges of "a+b(of=step)+c", each as read_written reads it: "b:of=step".
// Errors: as read_written, and for an empty name.
std::vector<std::string> read_sum(std::string_view where, std::string_view text);

}  // namespace cairn
