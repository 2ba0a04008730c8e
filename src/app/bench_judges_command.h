#pragma once
// app/bench_judges_command.h — `cairn bench judges`: judges on chains whose wrong steps are known.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_bench_judges_command(CLI::App& bench, int& exit_code);

}  // namespace cairn::app
