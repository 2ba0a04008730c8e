#pragma once
// base/columns.h — how much room a line takes on a terminal.
//
// East Asian characters and emoji take two columns, combining marks none.
// Requires, of every line: well-formed UTF-8, as printable() leaves it (base/text.h).

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::base {

std::size_t columns(std::string_view line);

// The line if it fits into `most` columns, else its beginning and "…".
std::string clipped(std::string_view line, std::size_t most);

}  // namespace cairn::base
