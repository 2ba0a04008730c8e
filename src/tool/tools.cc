#include "cairn/tools.h"

#include <fmt/format.h>

#include "base/nearest.h"
#include "cairn/error.h"
#include "tool/registry.h"
#include "tool/sandbox.h"

namespace cairn {

std::string_view name_of(ToolStatus status) {
  switch (status) {
    case ToolStatus::ok:
      return "ok";
    case ToolStatus::error:
      return "error";
    case ToolStatus::timeout:
      return "timeout";
    case ToolStatus::limit:
      return "limit";
    case ToolStatus::refused:
      break;
  }
  return "refused";
}

std::string_view tools_bounded_by() {
  return tool::bounded_by();
}

const std::vector<ToolInfo>& tool_list() {
  static const std::vector<ToolInfo> list = {
      {"calculator", "expressions, one a line; the value of the last"},
      {"python", "a Python program in a sandbox: it may compute and print, nothing else"},
      {"sql", "a query on an SQLite database, in a sandbox: it may read, nothing else"}};
  return list;
}

std::unique_ptr<Tool> make_tool(std::string_view name, const ToolOptions& options) {
  if (name == "calculator") return tool::make_calculator();
  if (name == "python") return tool::make_python(options);
  if (name == "sql") return tool::make_sql(options);
  std::vector<std::string> names;
  for (const ToolInfo& tool : tool_list()) names.push_back(tool.name);
  throw Error(Fault::input, "tool", fmt::format("there is no tool \"{}\"", name),
              base::did_you_mean(name, names));
}

Tool& Toolbox::get(const std::string& name) {
  std::unique_ptr<Tool>& tool = tools_[name];
  if (!tool) tool = make_tool(name, options_);
  return *tool;
}

void Toolbox::put(std::unique_ptr<Tool> tool) {
  const std::string name = tool->name();
  tools_[name] = std::move(tool);
}

}  // namespace cairn
