#include "app/recipes_command.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/option_text.h"
#include "cairn/recipe.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Recipe& recipe) {
  Json options = Json::array();
  for (const Option& option : recipe.options()) options.push_back(option_json(option));
  return {{"name", recipe.name},   {"family", recipe.family}, {"summary", recipe.summary},
          {"paper", recipe.paper}, {"status", recipe.status}, {"judge", recipe.judge},
          {"options", options}};
}

// May a second model be given, must one be, or none?
std::string_view name_of(Draft draft) {
  return draft == Draft::none ? "none" : draft == Draft::may ? "may" : "must";
}

void print_recipe(const Recipe& recipe) {
  fmt::print("{} ({}, {})\n  {}\n  {}\n", recipe.name, recipe.family, recipe.status, recipe.summary,
             recipe.paper);
  if (!recipe.judge.empty())
    fmt::print("  judge: {} (--judge NAME; `cairn judges` lists them)\n", recipe.judge);
  if (recipe.draft != Draft::none)
    fmt::print("  second model: {} be given (--draft MODEL)\n", name_of(recipe.draft));
  for (const Option& option : recipe.options()) fmt::print("  --set {}\n", option_text(option));
}

void list_recipes(bool json) {
  Json all = Json::array();
  for (const Recipe& recipe : catalog())
    json ? all.push_back(to_json(recipe))
         : (fmt::print("{:<18} {}\n", recipe.name, recipe.summary), void());
  if (json) fmt::print("{}\n", all.dump());
}

struct RecipesArguments {
  std::string name;
  bool json = false;
};

}  // namespace

void add_recipes_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<RecipesArguments>();
  CLI::App* command =
      app.add_subcommand("recipes", "List the recipes, or describe one with its options");
  command->add_option("name", arguments->name, "a recipe");
  command->add_flag("--json", arguments->json, "JSON on standard output");
  command->callback([arguments, &exit_code] {
    if (arguments->name.empty()) {
      list_recipes(arguments->json);
    } else {
      const Recipe& recipe = find_recipe(arguments->name);
      arguments->json ? fmt::print("{}\n", to_json(recipe).dump()) : print_recipe(recipe);
    }
    exit_code = kOk;
  });
}

}  // namespace cairn::app
