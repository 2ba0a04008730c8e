#pragma once
// app/models_command.h — `cairn models list | info | pull | verify`.

#include <CLI/CLI.hpp>

#include "model/hub/pull.h"

namespace cairn::app {

// Adds the subcommand; when it ran, `exit_code` is 0, 2 (unknown name), 5 (model unavailable), or
// 130 or 143 (a signal). Data goes to standard output, everything else to standard error.
void add_models_command(CLI::App& app, int& exit_code);

// How models are fetched by the program: a bar on a terminal, lines on standard error, the cache
// folder and indexes of the environment. Ends on a signal while a hub::Interrupt lives.
hub::PullOptions pull_options();

}  // namespace cairn::app
