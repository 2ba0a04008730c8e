#include "cairn/recipe.h"

#include <fmt/format.h>

#include "base/nearest.h"
#include "cairn/error.h"

namespace cairn {

const Recipe& find_recipe(std::string_view name) {
  std::vector<std::string> names;
  for (const Recipe& recipe : catalog()) {
    if (recipe.name == name) return recipe;
    names.push_back(recipe.name);
  }
  throw Error(Fault::input, "recipe", fmt::format("there is no recipe \"{}\"", name),
              base::did_you_mean(name, names));
}

}  // namespace cairn
