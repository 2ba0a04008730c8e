#pragma once
// app/trace_command.h — `cairn trace show | stats | export | validate`.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_trace_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
