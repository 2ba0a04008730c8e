#pragma once
// cairn/tool_step.h — a call of a tool as a step of a trace.

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "cairn/kit.h"
#include "cairn/tool.h"

namespace cairn {

// Calls the kit's tool of that name and extends the trace by a step of kind "tool": the call, what
// came back, the status and the seconds. The step's text is what a model reads of it: the output,
// or the message of a call that failed, cut to kToolText bytes. A call that failed is an
// observation like any other; it is counted in Usage::tool_errors.
// `end`: whether the trace goes on. When it does not, the step's answer is the last line of the
// output, if the call ended well and wrote one; `answer` instead, where it is given.
// Errors: Fault::input for a tool that there is not; Fault::tool when the tool refuses to run.
boost::asio::awaitable<Trace> tool_step(Kit& kit, const Problem& problem, Trace trace,
                                        std::string tool, std::string call, End end,
                                        std::string answer = {});

// The call as a step of no trace yet, open, and counted in the budget. `input`: what the tool is
// given, where that is more than the call.
boost::asio::awaitable<Step> called(Kit& kit, std::string tool, std::string call,
                                    std::string input);

inline constexpr std::size_t kToolText = 2000;

// A call that was not run says nothing of what was called.
// Errors: Fault::tool when the tool refused to run it.
void throw_if_refused(std::string_view tool, const ToolResult& result);

}  // namespace cairn
