#pragma once
// app/recipes_command.h — `cairn recipes [NAME]`.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_recipes_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
