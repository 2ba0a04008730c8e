#pragma once
// app/tool_command.h — `cairn tool NAME [FILE|-]`: one call by hand.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_tool_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
