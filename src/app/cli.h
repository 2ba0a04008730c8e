#pragma once
// app/cli.h — the program: subcommands, exit codes, and how mistakes are told.

#include <stdexcept>

#include "cairn/error.h"

namespace cairn::app {

// docs/architecture.md, "The command line".
enum ExitCode {
  kOk = 0,
  kRuntimeError = 1,
  kUsage = 2,
  kSomeFailed = 3,
  kPartial = 4,      // a budget or deadline ended it, with the best answer so far
  kUnavailable = 5,  // the model or its backend
  kInterrupted = 130,
  kTerminated = 143,
};

int run_cli(int argc, char** argv);

int exit_code_of(const Error& error);

}  // namespace cairn::app
