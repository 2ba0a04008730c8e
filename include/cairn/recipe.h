#pragma once
// cairn/recipe.h — one published method: its name, its options, and how to run it.
//
// A recipe is a coroutine (Kit&, const Problem&, Options) -> Outcome with a plain options struct.
// The struct lists its fields once, in
//     void describe(OptionSet& set, MyOptions& options);
// and that list feeds the command line, the documentation and the trace.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/kit.h"

namespace cairn {

// One option of a recipe.
struct Option {
  std::string name;
  std::string type;  // "integer", "number", "text", "flag"
  std::string default_value;
  double min = 0, max = 0;           // numbers: the range, both ends allowed
  std::vector<std::string> allowed;  // text: the values it may take; empty: any
  std::string help;
};

using Settings = std::map<std::string, std::string>;  // name -> value, as a user wrote it

class OptionSet {
 public:
  void add(std::string_view name, int& field, int min, int max, std::string_view help);
  void add(std::string_view name, float& field, float min, float max, std::string_view help);
  void add(std::string_view name, bool& field, std::string_view help);
  void add(std::string_view name, std::string& field, std::vector<std::string> allowed,
           std::string_view help);

  // Writes the settings into the fields that were added. `where` is the recipe's name.
  // Errors: Fault::input for an unknown name (with the nearest), a wrong type, a value out of
  // range.
  void assign(std::string_view where, const Settings& settings);

  const std::vector<Option>& options() const { return options_; }

 private:
  std::vector<Option> options_;
  std::vector<std::function<void(std::string_view where, const std::string& value)>> setters_;
};

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
  recipe.options = [] {
    Options options;
    OptionSet set;
    describe(set, options);
    return set.options();
  };
  recipe.check = [name = recipe.name](const Settings& settings) {
    Options options;
    OptionSet set;
    describe(set, options);
    set.assign(name, settings);
  };
  recipe.run = [name = recipe.name, run](Kit& kit, const Problem& problem,
                                         const Settings& settings) {
    Options options;
    OptionSet set;
    describe(set, options);
    set.assign(name, settings);
    return run(kit, problem, options);
  };
  return recipe;
}

// Every recipe, sorted by name (recipes/catalog.cc).
const std::vector<Recipe>& catalog();
// Errors: Fault::input with the nearest name.
const Recipe& find_recipe(std::string_view name);

}  // namespace cairn
