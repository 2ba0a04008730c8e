#include "app/tool_command.h"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/cli.h"
#include "app/result_json.h"
#include "base/file.h"
#include "base/text.h"
#include "cairn/error.h"
#include "cairn/tools.h"

namespace cairn::app {
namespace {

namespace asio = boost::asio;

struct ToolArguments {
  std::string name, file = "-", database;
  ToolOptions options;
  bool json = false;
};

std::string read_call(const std::string& name) {
  if (name == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::optional<std::string> call = base::file_content(name);
  if (!call)
    throw Error(Fault::input, "tool", fmt::format("{} cannot be read", name),
                "Name a file, or - for standard input");
  return *call;
}

ToolResult called(Tool& tool, std::string input) {
  asio::io_context io;
  ToolResult result;
  std::exception_ptr failed;
  asio::co_spawn(io, tool.call(std::move(input)), [&](std::exception_ptr error, ToolResult r) {
    failed = error;
    result = std::move(r);
  });
  io.run();
  if (failed) std::rethrow_exception(failed);
  return result;
}

std::string call_of(const ToolArguments& arguments) {
  if (arguments.database.empty()) return read_call(arguments.file);
  if (arguments.name != "sql")
    throw Error(Fault::input, arguments.name,
                "it reads no database, so --database would do nothing",
                "Leave it out, or use the tool sql");
  return "-- database: " + arguments.database + "\n" + read_call(arguments.file);
}

int run_tool(const ToolArguments& arguments) {
  const std::unique_ptr<Tool> tool = make_tool(arguments.name, arguments.options);
  const ToolResult result = called(*tool, call_of(arguments));
  if (arguments.json) {
    fmt::print("{}\n", one_line({{"status", name_of(result.status)},
                                 {"stdout", result.output},
                                 {"stderr", result.message},
                                 {"exit_status", result.exit_status},
                                 {"seconds", result.seconds}}));
  } else {
    fmt::print("{}", base::printable(result.output));
    fmt::print(stderr, "{}", base::printable(result.message));
    if (result.status != ToolStatus::ok)
      fmt::print(stderr, "tool {}: {}\n", arguments.name, name_of(result.status));
  }
  return result.status == ToolStatus::ok || arguments.json ? kOk : kRuntimeError;
}

// The tools and what bounds them here.
std::string footer() {
  std::string text;
  for (const ToolInfo& tool : tool_list())
    text += fmt::format("  {:<12} {}\n", tool.name, tool.summary);
  return text + fmt::format("Sandboxed programs are bounded by {} here.", tools_bounded_by());
}

}  // namespace

void add_tool_command(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<ToolArguments>();
  CLI::App* command = app.add_subcommand("tool", "Run one tool call by hand");
  command->footer(footer);
  command->add_option("name", a->name, "calculator, python, solver or sql")->required();
  command->add_option("file", a->file, "the call; - or nothing: standard input");
  command->add_option("--database", a->database, "the SQLite file that the tool sql reads");
  command->add_option("--seconds", a->options.limits.seconds, "wall clock of the call")
      ->check(CLI::Range(0.01, 3600.0));
  command->add_option("--memory", a->options.limits.memory, "bytes it may have")
      ->check(CLI::Range(std::size_t{64} << 20, std::size_t{1} << 40));
  command->add_option("--output", a->options.limits.output, "bytes it may write")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30));
  command->add_flag("--unsafe-tools", a->options.unsafe, "run it without a sandbox");
  command->add_flag("--json", a->json, "one JSON object on standard output");
  command->callback([a, &exit_code] {
    a->options.warm = 0;
    exit_code = run_tool(*a);
  });
}

}  // namespace cairn::app
