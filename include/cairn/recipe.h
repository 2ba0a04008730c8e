#pragma once
// cairn/recipe.h — one published method: its name, its options, and how to run it.
//
// A recipe is a coroutine (Kit&, const Problem&, Options) -> Outcome with a plain options struct.
// See cairn/options.h for the struct.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/kit.h"
#include "cairn/options.h"

namespace cairn {

// Does a recipe use a second model (Kit::draft)?
enum class Draft { none, may, must };

struct Recipe {
  std::string name;
  std::string family;   // its folder in recipes/
  std::string summary;  // one sentence
  std::string paper;    // "Wang et al. 2022, arXiv:2203.11171"
  std::string status;   // reproduced | tested | draft
  std::string judge;    // name of the default judge; empty: it uses none
  std::string prompt;   // in prompts/, "family/name"; bind() fills in the recipe's own
  Draft draft = Draft::none;
  bool tools = false;  // it calls tools
  // Its lines are drawn from the question alone, so all recipes that do draw the same.
  bool samples = false;
  std::function<std::vector<Option>()> options;
  // Errors: as OptionSet::assign, before anything runs.
  std::function<void(const Settings&)> check;
  std::function<boost::asio::awaitable<Outcome>(Kit&, const Problem&, const Settings&)> run;
};

// Binds a coroutine with its options struct to the type-erased form. Settings are checked before
// anything runs.
template <class Options>
Recipe bind(Recipe recipe, boost::asio::awaitable<Outcome> (*run)(Kit&, const Problem&, Options)) {
  if (recipe.prompt.empty()) recipe.prompt = recipe.family + "/" + recipe.name;
  recipe.options = options_of<Options>;
  recipe.check = [name = recipe.name](const Settings& settings) {
    assigned<Options>(name, settings);
  };
  recipe.run = [name = recipe.name, run](Kit& kit, const Problem& problem,
                                         const Settings& settings) {
    return run(kit, problem, assigned<Options>(name, settings));
  };
  return recipe;
}

// Every recipe, sorted by name (recipes/catalog.cc).
const std::vector<Recipe>& catalog();
// Errors: Fault::input with the nearest name.
const Recipe& find_recipe(std::string_view name);

}  // namespace cairn
