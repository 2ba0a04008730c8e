#pragma once
// app/option_text.h — the options of a recipe or a judge, for people and as JSON.

#include <nlohmann/json.hpp>
#include <string>

#include "cairn/options.h"

namespace cairn::app {

// "samples=8  integer, 1 to 1024: traces per problem"
std::string option_text(const Option& option);
nlohmann::ordered_json option_json(const Option& option);

}  // namespace cairn::app
