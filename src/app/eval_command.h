#pragma once
// app/eval_command.h — `cairn eval`: recipes over a data set, with statistics; docs/evaluation.md.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_eval_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
