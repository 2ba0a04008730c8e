#pragma once
// testkit/scripted_python.h — tools that look at a program or a query instead of running it.

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

// A database of one table with six columns. A division fails, a sum gives 72, another query
// nothing.
class ScriptedSql : public Tool {
 public:
  std::string name() const override { return "sql"; }
  boost::asio::awaitable<ToolResult> call(std::string query) override {
    const auto asks = [&](const char* what) { return query.find(what) != std::string::npos; };
    ToolResult result;
    if (asks("pragma_table_info"))
      result.output =
          "name,name,type,pk,table,to\nclip,id,INT,1,,\nclip,month,TEXT,0,,\nclip,sold,INT,0,,\n"
          "clip,price,INT,0,,\nclip,buyer,TEXT,0,,\nclip,note,TEXT,0,,\n";
    else if (asks("WHERE EXISTS"))
      result.output = "i,v\n1,April\n1,May\n";
    else if (asks("asked(question)"))
      result.output = "i,v\n1,May\n";
    else if (asks("/ 0"))
      result = {.status = ToolStatus::error, .message = "division by zero", .exit_status = 1};
    else
      result.output = asks("+") ? "n\n72\n" : "n\n";
    co_return result;
  }
};

struct ScriptedTools : Toolbox {
  ScriptedTools() {
    put(std::make_unique<ScriptedPython>());
    put(std::make_unique<ScriptedSql>());
  }
};

}  // namespace cairn::testkit
