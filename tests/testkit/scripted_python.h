#pragma once
// testkit/scripted_python.h — a python tool that looks at a program instead of running it.

#include <memory>
#include <string>

#include "cairn/tools.h"

namespace cairn::testkit {

// A division fails, a sum prints 72, another program prints nothing.
class ScriptedPython : public Tool {
 public:
  std::string name() const override { return "python"; }
  boost::asio::awaitable<ToolResult> call(std::string program) override {
    ToolResult result;
    if (program.find('/') != std::string::npos)
      result = {.status = ToolStatus::error, .message = "ZeroDivisionError", .exit_status = 1};
    else if (program.find('+') != std::string::npos)
      result.output = "72\n";
    co_return result;
  }
};

struct ScriptedTools : Toolbox {
  ScriptedTools() { put(std::make_unique<ScriptedPython>()); }
};

}  // namespace cairn::testkit
