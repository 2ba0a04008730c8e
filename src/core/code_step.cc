#include "cairn/code_step.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cairn/gather.h"
#include "cairn/tool_step.h"

namespace cairn {
namespace {

// As Python reads bytes.
std::string literal(std::string_view bytes) {
  std::string text = "b'";
  for (const char c : bytes) {
    const bool plain = c >= ' ' && c <= '~' && c != '\'' && c != '\\';
    text += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text + "'";
}

bool is_call(const Step& step) {
  return step.tool && step.tool->tool == "python";
}

int failures_at_end(const Trace& trace) {
  int failures = 0;
  for (const Step* step : trace.steps())
    if (is_call(*step)) failures = step->tool->status == "ok" ? 0 : failures + 1;
  return failures;
}

// Runs the block that the trace ends with, if it ends with one that is not among its first `known`
// steps.
asio::awaitable<Trace> run_code(Kit& kit, const Problem& problem, Trace trace, std::size_t known) {
  if (trace.finished() || trace.depth() <= known) co_return trace;
  std::optional<std::string> code = code_at_end(trace.last().text);
  if (!code) co_return trace;
  std::string python = "python", program = with_earlier_code(trace, *code);
  Step step = co_await called(kit, std::move(python), std::move(*code), std::move(program));
  const bool newline = step.text.empty() || step.text.ends_with('\n');
  step.text = fmt::format("{}```output\n{}{}```\n", trace.text().ends_with('\n') ? "" : "\n",
                          step.text, newline ? "" : "\n");
  const int failures = step.tool->status == "ok" ? 0 : failures_at_end(trace) + 1;
  const End end = failures < kFailuresInARow ? End::open : End::done;
  Trace longer = co_await kit.policy.append(problem, std::move(trace), std::move(step), end);
  co_return longer;
}

}  // namespace

std::optional<std::string> code_at_end(std::string_view text) {
  constexpr std::string_view kOpen = "\n```python\n", kClose = "\n```";
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (!text.ends_with(kClose)) return {};
  text.remove_suffix(kClose.size());
  const std::string before = "\n" + std::string(text) + "\n";
  const std::size_t open = before.rfind(kOpen);
  if (open == std::string::npos) return {};
  const std::string code = before.substr(open + kOpen.size());
  const bool closed_before = ("\n" + code).find("\n```") != std::string::npos;
  return closed_before ? std::nullopt : std::optional(code);
}

std::string with_earlier_code(const Trace& trace, const std::string& code) {
  std::string earlier;
  for (const Step* step : trace.steps())
    if (is_call(*step) && (step->tool->status == "ok" || step->tool->status == "error"))
      earlier += literal(step->tool->call) + ", ";
  if (earlier.empty()) return code;
  return fmt::format(
      "import contextlib, io\n"
      "_names = {{'__name__': '__main__'}}\n"
      "for _code in [{}]:\n"
      "    with contextlib.redirect_stdout(io.StringIO()):\n"
      "        try:\n"
      "            exec(_code, _names)\n"
      "        except BaseException:\n"
      "            pass\n"
      "exec(compile({}, '<code>', 'exec'), _names)\n",
      earlier, literal(code));
}

asio::awaitable<std::vector<Trace>> extend_with_code(Kit& kit, const Problem& problem,
                                                     std::vector<Trace> traces, Proposal proposal) {
  proposal.code_goes_on = true;
  std::vector<std::size_t> depths;
  for (const Trace& trace : traces) depths.push_back(trace.depth());
  std::vector<Trace> grown = co_await kit.policy.extend(problem, std::move(traces), proposal);
  std::vector<asio::awaitable<Trace>> runs;
  for (std::size_t i = 0; i < grown.size(); ++i)
    runs.push_back(run_code(kit, problem, std::move(grown[i]), depths[i]));
  grown = co_await gather<Trace>(std::move(runs));
  co_return grown;
}

}  // namespace cairn
