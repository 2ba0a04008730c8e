#pragma once
// cairn/options.h — what can be set: a plain struct lists its fields once, in
//     void describe(OptionSet& set, MyOptions& options);
// and that list feeds the command line, the documentation and the trace.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// One option of a recipe or a judge.
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

  // Writes the settings into the fields that were added. `where` is the owner's name.
  // Errors: Fault::input for an unknown name (with the nearest), a wrong type, a value out of
  // range.
  void assign(std::string_view where, const Settings& settings);

  const std::vector<Option>& options() const { return options_; }

 private:
  std::vector<Option> options_;
  std::vector<std::function<void(std::string_view where, const std::string& value)>> setters_;
};

// The options of a struct with their defaults.
template <class Options>
std::vector<Option> options_of() {
  Options options;
  OptionSet set;
  describe(set, options);
  return set.options();
}

// The struct with the settings written into it.
// Errors: as OptionSet::assign.
template <class Options>
Options assigned(std::string_view where, const Settings& settings) {
  Options options;
  OptionSet set;
  describe(set, options);
  set.assign(where, settings);
  return options;
}

}  // namespace cairn
