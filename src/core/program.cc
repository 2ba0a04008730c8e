#include "cairn/program.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cairn/tool_step.h"

namespace cairn::program {
namespace {

constexpr std::string_view kHead = "def solution():";

}  // namespace

std::string program_of(std::string_view written) {
  if (const auto open = written.find("```python\n"); open != std::string_view::npos)
    written.remove_prefix(open + std::string_view("```python\n").size());
  written = written.substr(0, written.find(kFence));
  while (written.starts_with('\n')) written.remove_prefix(1);
  std::string program(written);
  const bool whole = ("\n" + program).find("\n" + std::string(kHead)) != std::string::npos;
  if (!whole) program.insert(0, fmt::format("{}\n", kHead));
  while (!program.empty() && (program.back() == '\n' || program.back() == ' ')) program.pop_back();
  return program + "\n\nprint(solution())\n";
}

boost::asio::awaitable<Trace> executed(Kit& kit, const Problem& problem, Trace trace) {
  if (trace.end() != End::done || base::trim(trace.text()).empty()) co_return trace.answerless();
  std::string program = program_of(trace.text());
  Trace run = co_await tool_step(kit, problem, trace, "python", std::move(program), End::done);
  const bool nothing = run.answer() && (*run.answer() == "None" || run.answer()->empty());
  co_return nothing ? run.answerless() : run;
}

std::string complaint(const ToolUse& use) {
  if (use.status == "ok") return "solution() returned nothing.";
  const std::string message = base::printable(use.message);
  constexpr std::size_t kMost = 600;  // the end of a traceback says what is wrong
  return message.size() > kMost ? message.substr(message.size() - kMost) : message;
}

}  // namespace cairn::program
