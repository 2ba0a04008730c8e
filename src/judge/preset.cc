#include "judge/preset.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/nearest.h"
#include "cairn/error.h"
#include "cairn/prompt.h"

namespace cairn::judge {
namespace {

using nlohmann::json;
using Form = Preset::Form;

const std::map<std::string, Form, std::less<>> kForms = {{"tags", Form::tags},
                                                         {"turns", Form::turns},
                                                         {"question", Form::question},
                                                         {"outcome", Form::outcome}};

// Reads the fields of one object and refuses what is left over.
class Fields {
 public:
  Fields(std::string_view where, const json& object) : where_(where), object_(object) {
    if (!object.is_object()) refuse("it is no JSON object", "Write {\"form\": …}");
  }

  // A string, or a list of lines.
  std::string text(const std::string& name) {
    const json& value = required(name);
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) refuse(name + " is no text", "Write a string or a list of lines");
    std::string joined;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (!value[i].is_string()) refuse(name + " holds a line that is no text", "Write strings");
      joined += (i > 0 ? "\n" : "") + value[i].get<std::string>();
    }
    return joined;
  }
  std::string text_or(const std::string& name, std::string otherwise) {
    seen_.insert(name);
    return object_.contains(name) ? text(name) : otherwise;
  }
  std::vector<std::string> labels(const std::string& name) {
    const json& value = required(name);
    std::vector<std::string> labels;
    for (const json& label : value.is_array() ? value : json::array({value})) {
      if (!label.is_string() || label.get<std::string>().empty())
        refuse(name + " holds what is no label", "Write a list of strings");
      labels.push_back(label);
    }
    if (labels.empty()) refuse(name + " is empty", "Name a label");
    return labels;
  }
  std::vector<Message> turns(const std::string& name) {
    std::vector<Message> turns;
    for (const json& turn : required(name)) {
      Fields fields(where_, turn);
      turns.push_back({fields.text("role"), fields.text("content")});
      fields.end();
      const std::vector<std::string> roles = {"system", "user", "assistant"};
      if (std::find(roles.begin(), roles.end(), turns.back().role) == roles.end())
        refuse(fmt::format("there is no role \"{}\"", turns.back().role),
               base::did_you_mean(turns.back().role, roles));
    }
    return turns;
  }
  void end() const {
    const std::vector<std::string> known(seen_.begin(), seen_.end());
    for (const auto& [name, value] : object_.items())
      if (!seen_.contains(name))
        refuse(fmt::format("nothing reads \"{}\"", name), base::did_you_mean(name, known));
  }
  // A text that has to have these places in it.
  void places(const std::string& text, std::initializer_list<const char*> names) const {
    for (const char* name : names)
      if (text.find(fmt::format("{{{}}}", name)) == std::string::npos)
        refuse(fmt::format("{{{}}} stands nowhere", name), "Write it where it belongs");
  }
  [[noreturn]] void refuse(const std::string& what, const std::string& advice) const {
    throw Error(Fault::input, where_, what, advice);
  }

 private:
  const json& required(const std::string& name) {
    seen_.insert(name);
    if (!object_.contains(name)) refuse(fmt::format("\"{}\" is missing", name), "Add it");
    return object_.at(name);
  }

  const std::string where_;
  const json& object_;
  std::set<std::string> seen_;
};

void read_form(Preset& preset, Fields& fields) {
  switch (preset.form) {
    case Form::tags:
      preset.begin = fields.text("begin");
      preset.step = fields.text("step");
      preset.between = fields.text_or("between", "");
      fields.places(preset.begin, {"question"});
      fields.places(preset.step, {"step"});
      return;
    case Form::turns:
      preset.system = fields.text_or("system", "");
      preset.first = fields.text("first");
      preset.next = fields.text("next");
      preset.reply = fields.text("reply");
      fields.places(preset.first, {"question", "step"});
      fields.places(preset.next, {"step"});
      return;
    case Form::question:
    case Form::outcome:
      break;
  }
  preset.turns = fields.turns("turns");
  std::string all;
  for (const Message& turn : preset.turns) all += turn.content;
  fields.places(all, {"question", "solution"});
}

std::string preset_text(const std::string& path) {
  std::string text = base::file_content(path).value_or("");
  if (text.empty())
    throw Error(Fault::input, "preset", fmt::format("{} cannot be read, or is empty", path),
                "Name a file as in prompts/judge");
  return text;
}

constexpr std::string_view kFolder = "judge/";

}  // namespace

Preset parse_preset(std::string_view where, std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  Fields fields(where, object);
  Preset preset;
  const std::string form = fields.text("form");
  const auto found = kForms.find(form);
  if (found == kForms.end()) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : kForms) names.push_back(name);
    fields.refuse(fmt::format("there is no form \"{}\"", form), base::did_you_mean(form, names));
  }
  preset.form = found->second;
  read_form(preset, fields);
  preset.good = fields.labels("good");
  preset.bad = fields.labels("bad");
  const std::string labels = fields.text_or("labels", "tokens");
  if (labels != "tokens" && labels != "classes")
    fields.refuse(fmt::format("labels are no \"{}\"", labels), "Write tokens or classes");
  preset.classes = labels == "classes";
  preset.aggregate = fold_named(fields.text_or("aggregate", "min"));
  fields.text_or("about", "");
  fields.text_or("paper", "");
  fields.end();
  return preset;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const std::string& name : prompt_names())
    if (name.starts_with(kFolder) && prompt_text(name).starts_with("{"))
      names.push_back(name.substr(kFolder.size()));
  return names;
}

Preset find_preset(const std::string& name) {
  if (name.ends_with(".json")) {
    Preset preset = parse_preset(name, preset_text(name));
    preset.name = name;
    return preset;
  }
  const std::vector<std::string> names = preset_names();
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw Error(Fault::input, "preset", fmt::format("there is no preset \"{}\"", name),
                base::did_you_mean(name, names));
  const std::string path(kFolder);
  Preset preset = parse_preset("prompts/" + path + name + ".json", prompt_text(path + name));
  preset.name = name;
  return preset;
}

}  // namespace cairn::judge
