#pragma once
// app/judges_command.h — `cairn judges [NAME]`.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_judges_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
