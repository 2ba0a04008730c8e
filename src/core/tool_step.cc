#include "cairn/tool_step.h"

#include "base/text.h"
#include "cairn/error.h"

namespace cairn {
namespace {

// The last line with something on it.
std::optional<std::string> last_line(std::string_view output) {
  output = base::trim(output);
  if (output.empty()) return {};
  return std::string(base::trim(output.substr(output.rfind('\n') + 1)));
}

Step step_of(const std::string& tool, std::string call, ToolResult result, End end,
             const std::string& answer) {
  Step step;
  step.kind = "tool";
  const bool ok = result.status == ToolStatus::ok;
  step.text = ok ? result.output : result.output + result.message;
  if (step.text.size() > kToolText) {
    step.text.resize(kToolText);
    step.text += "\n…\n";
  }
  if (ok && end != End::open)
    step.answer = answer.empty() ? last_line(result.output) : std::optional(answer);
  step.tool = {.tool = tool,
               .call = std::move(call),
               .status = std::string(name_of(result.status)),
               .output = std::move(result.output),
               .message = std::move(result.message),
               .exit_status = result.exit_status,
               .seconds = result.seconds};
  return step;
}

}  // namespace

void throw_if_refused(std::string_view tool, const ToolResult& result) {
  if (result.status == ToolStatus::refused)
    throw Error(Fault::tool, std::string(tool),
                "the call was refused: " + base::printable(result.message), "See docs/tools.md");
}

boost::asio::awaitable<Trace> tool_step(Kit& kit, const Problem& problem, Trace trace,
                                        std::string tool, std::string call, End end,
                                        std::string answer) {
  Tool& named = kit.tools.get(tool);
  ToolResult result = co_await named.call(call);
  throw_if_refused(tool, result);
  kit.budget.note_tool(result.status != ToolStatus::ok, result.seconds);
  Step step = step_of(tool, std::move(call), std::move(result), end, answer);
  Trace longer = co_await kit.policy.append(problem, std::move(trace), std::move(step), end);
  co_return longer;
}

}  // namespace cairn
