#pragma once
// app/gym_command.h — `cairn gym list | sample | check | chains`.

#include <CLI/CLI.hpp>

namespace cairn::app {

void add_gym_command(CLI::App& app, int& exit_code);

}  // namespace cairn::app
