#pragma once
// app/check_command.h — `cairn check ANSWER GOLD | --file PAIRS.jsonl`.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_check_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
