#pragma once
// cairn/code.h — programs as answers: a program is right when the problem's own unit tests pass
// (functional correctness, Chen et al. 2021, arXiv:2107.03374, section 2.1).
//
// Program and tests run in the sandbox of the python tool, in one interpreter: a program that sets
// out to make its tests pass can do so, and one that ends before them does not pass.

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "cairn/answer.h"
#include "cairn/tool.h"

namespace cairn::code {

// A call of the python tool: the problem's prelude and the program, then its tests as a module of
// their own. Where all of it ends well the call prints `passed`.
std::string call_of(const Problem& problem, std::string_view program, std::string_view passed);

// Does a program pass the problem's unit tests? The rule says how it was found out:
//   unit tests   they passed, or the program or a test failed
//   timeout, limit, crash   it did not end by itself, and the gold program passes
// no_answer where there is no program or there are no tests.
// Errors: Fault::tool when the sandbox refuses to run; Fault::input when a program did not end by
// itself and the gold one does not pass either, so that it may not be the program's doing.
boost::asio::awaitable<Comparison> checked(Tool& python, const Problem& problem,
                                           std::string program);

}  // namespace cairn::code
