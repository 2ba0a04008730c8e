#pragma once
// app/solve_command.h — `cairn solve QUESTION | - | --file PROBLEMS.jsonl`.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_solve_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
