#pragma once
// cairn/code_step.h — steps with code: a text that ends with a block of Python, and the block's
// output, which the model reads before it goes on.  Chen et al. 2024 (AlphaMath),
// arXiv:2405.03553.
//
//   The bagels cost five times $3.
//   ```python
//   spent = 5 * 3
//   print(spent)
//   ```
//   ```output          a step of kind "tool"
//   15
//   ```

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/kit.h"

namespace cairn {

// What stands in the block of Python that the text ends with; nothing where it ends otherwise.
std::optional<std::string> code_at_end(std::string_view text);

// The program that a block is run as: the blocks of the trace's earlier calls of python come first,
// in names that all of them share, and what they write and raise is dropped; those that were ended
// by their time or a limit are left out. So branches share nothing but text.
std::string with_earlier_code(const Trace& trace, const std::string& code);

// As Policy::extend. A trace whose new step ends with a block of Python is longer by the block's
// call as well, and open, unless it states an answer or a limit cut it. After kFailuresInARow calls
// that failed it is done, without an answer.
// Errors: those of the policy; Fault::tool when python refuses to run.
boost::asio::awaitable<std::vector<Trace>> extend_with_code(Kit& kit, const Problem& problem,
                                                            std::vector<Trace> traces,
                                                            Proposal proposal);

inline constexpr int kFailuresInARow = 3;  // the paper: 3

}  // namespace cairn
