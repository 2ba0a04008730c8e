#include "cairn/error.h"

#include <fmt/format.h>

namespace cairn {

Error::Error(Fault fault, std::string_view where, std::string_view what, std::string_view remedy)
    : std::runtime_error(fmt::format("{}: {}. {}.", where, what, remedy)), fault_(fault) {}

}  // namespace cairn
