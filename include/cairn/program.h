#pragma once
// cairn/program.h — programs as reasoning: the model goes on after "def solution():" in a fence,
// and the function is run.  Gao et al. 2022 (PAL), arXiv:2211.10435.

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "cairn/kit.h"

namespace cairn::program {

// What ends a program.
inline constexpr const char* kFence = "```";

// The whole program of what the model wrote after "def solution():": up to the fence, with a call
// whose result is printed. A function that the model wrote in full is taken as it is.
std::string program_of(std::string_view written);

// The trace with its program run by the kit's python tool as its last step. The answer is what the
// function returned; nothing where the program failed, printed nothing or returned None. A trace
// that a limit cut, or that says nothing, comes back as it is, without an answer.
// Errors: as tool_step.
boost::asio::awaitable<Trace> executed(Kit& kit, const Problem& problem, Trace trace);

// Why a call brought no answer, for the model to read.
std::string complaint(const ToolUse& use);

}  // namespace cairn::program
