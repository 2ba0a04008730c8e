#pragma once
// cairn/tools.h — the tools by name.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/tool.h"

namespace cairn {

struct ToolOptions {
  ToolLimits limits = {};
  bool unsafe = false;  // without a sandbox; only ever because a user typed it
  int parallel = 8;     // calls that run at once, of each tool
  int warm = 2;         // interpreters started ahead, once the first call was made
};

struct ToolInfo {
  std::string name, summary;
};

// What bounds memory and processes of what runs in a sandbox on this machine: "rlimits" or
// "rlimits and a cgroup".
std::string_view tools_bounded_by();

// Every tool, sorted by name.
const std::vector<ToolInfo>& tool_list();

// Makes nothing run yet.
// Errors: Fault::input with the nearest name.
std::unique_ptr<Tool> make_tool(std::string_view name, const ToolOptions& options = {});

// The tools of a run, each made when it is first asked for.
class Toolbox {
 public:
  explicit Toolbox(ToolOptions options = {}) : options_(options) {}
  // Errors: Fault::input with the nearest name.
  Tool& get(const std::string& name);
  // Takes the place of the tool of its name: for tests, and for tools of one's own.
  void put(std::unique_ptr<Tool> tool);

 private:
  const ToolOptions options_;
  std::map<std::string, std::unique_ptr<Tool>> tools_;
};

}  // namespace cairn
