// The solver: Z3 on SMT-LIB 2 or on the logic form of tool/logic.h, in a sandboxed interpreter that
// hands the script to libz3 (tool/solver_worker.py).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/embedded.h"
#include "base/text.h"
#include "tool/hexadecimal.h"
#include "tool/logic.h"
#include "tool/registry.h"

namespace cairn::tool {
namespace {

constexpr int kNoLibrary = 252;  // tool/solver_worker.py
constexpr int kNoMemory = 101;   // how libz3 ends a process
constexpr int kAborted = 134, kFaulted = 139;
constexpr std::size_t kInterpreter = 96u << 20;  // bytes of a call's memory that are not for Z3
constexpr double kShare = 0.8;                   // of a call's time, for the checks

// The first word of an SMT-LIB 2 script is one of these commands.
bool is_smtlib(std::string_view text) {
  while ((text = base::trim(text)).starts_with(';'))
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  if (!text.starts_with('(')) return false;
  text = base::trim(text.substr(1));
  const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n()"));
  constexpr std::array<std::string_view, 12> kBeginnings = {
      "assert", "check-", "declare-", "define-", "echo", "exit",
      "get-",   "pop",    "push",     "reset",   "set-", "simplify"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(), [word](std::string_view beginning) {
    return beginning.ends_with('-') ? word.starts_with(beginning) : word == beginning;
  });
}

std::vector<std::string> lines_of(const std::string& output) {
  std::vector<std::string> lines;
  for (std::string_view rest = output; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

// A question from its two checks: of its negation, and of itself, beside the premises.
std::string_view verdict(const std::string& against, const std::string& with) {
  const bool follows = against == "unsat", fails = with == "unsat";
  return follows && fails ? "inconsistent"
         : follows        ? "entailed"
         : fails          ? "contradicted"
                          : "unknown";
}

// What the checks of a logic text say: a line for each question, or one for the premises.
std::string verdicts(const std::vector<std::string>& checks, int questions) {
  if (questions == 0)
    return checks[0] == "sat"     ? "consistent\n"
           : checks[0] == "unsat" ? "inconsistent\n"
                                  : "unknown\n";
  std::string text;
  for (std::size_t i = 0; i + 1 < checks.size(); i += 2)
    text += fmt::format("{}\n", verdict(checks[i], checks[i + 1]));
  return text;
}

class Solver : public Tool {
 public:
  explicit Solver(const ToolOptions& options)
      : limits_(options.limits), interpreter_(make_python(options)) {}

  std::string name() const override { return "solver"; }

  asio::awaitable<ToolResult> call(std::string input) override {
    if (is_smtlib(input)) {
      ToolResult result = co_await solved(std::move(input));
      co_return result;
    }
    const Logic logic = read_logic(input, milliseconds());
    if (!logic.trouble.empty())
      co_return ToolResult{
          .status = ToolStatus::error, .message = logic.trouble + "\n", .exit_status = 1};
    ToolResult result = co_await solved(logic.smtlib);
    const std::vector<std::string> checks = lines_of(result.output);
    if (result.status != ToolStatus::ok) co_return result;
    if (std::count(checks.begin(), checks.end(), "unknown") > 0)
      result.message += "the solver came to no end on one of the checks\n";
    result.output = verdicts(checks, logic.questions);
    co_return result;
  }

 private:
  int milliseconds() const { return static_cast<int>(1000 * kShare * limits_.seconds); }

  asio::awaitable<ToolResult> solved(std::string script) {
    const std::size_t memory = std::max(limits_.memory, 2 * kInterpreter) - kInterpreter;
    std::string program(base::solver_worker());
    program += fmt::format("solve(bytes.fromhex(\"{}\"), {}, {})\n", hexadecimal(script),
                           milliseconds(), memory >> 20);
    ToolResult result = co_await interpreter_->call(std::move(program));
    if (result.exit_status == kNoLibrary) result.status = ToolStatus::refused;
    for (const int ended : {kNoMemory, kAborted, kFaulted}) {
      if (result.exit_status != ended) continue;
      result.status = ToolStatus::limit;
      result.message += "the solver wanted more memory than it may have\n";
    }
    co_return result;
  }

  const ToolLimits limits_;
  const std::unique_ptr<Tool> interpreter_;
};

}  // namespace

std::unique_ptr<Tool> make_solver(const ToolOptions& options) {
  return std::make_unique<Solver>(options);
}

}  // namespace cairn::tool
