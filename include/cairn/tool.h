#pragma once
// cairn/tool.h — what a step can call outside the model: a program run, a sum.
//
//   python       code from a model, in a sandbox: it may compute and print, nothing else
//   calculator   one expression, by cairn's own parser; no process
//   sql          a query on an SQLite database that its first line names, in the same sandbox
//
// A call never throws because of what was called: a program that fails, hangs or floods is a
// result, an observation that the model can react to.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

//   ok        it ran to its end
//   error     it ran and failed: a syntax error, an exception, an exit status other than 0
//   timeout   its time was over
//   limit     it wanted more memory, processes, files or output than it may have
//   refused   it was not run: the sandbox cannot be set up, or the call is not allowed
enum class ToolStatus { ok, error, timeout, limit, refused };

std::string_view name_of(ToolStatus status);

struct ToolResult {
  ToolStatus status = ToolStatus::ok;
  std::string output;   // standard output, or the value; exact bytes, capped (ToolLimits::output)
  std::string message;  // standard error, or why it failed; exact bytes, capped likewise
  int exit_status = 0;  // of the process, where there is one; 128 + n for signal n
  double seconds = 0;   // wall clock, waiting for a place included
};

struct ToolLimits {
  double seconds = 5;               // wall clock of a call
  std::size_t memory = 256u << 20;  // bytes
  std::size_t output = 64u << 10;   // bytes of output and of message, each
};

class Tool {
 public:
  virtual ~Tool() = default;
  virtual std::string name() const = 0;

  // One call; cancelling it ends what runs. Calls do not see one another.
  // Threads: any number of coroutines may be inside at once, on one executor.
  // Errors: none but operation_aborted; what goes wrong is in the result.
  virtual boost::asio::awaitable<ToolResult> call(std::string input) = 0;
};

}  // namespace cairn
