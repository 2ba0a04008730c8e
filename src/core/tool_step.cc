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

Step step_of(const std::string& tool, std::string call, ToolResult result) {
  Step step;
  step.kind = "tool";
  const bool ok = result.status == ToolStatus::ok;
  step.text = ok ? result.output : result.output + result.message;
  if (step.text.size() > kToolText) {
    step.text.resize(kToolText);
    step.text += "\n…\n";
  }
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

boost::asio::awaitable<Step> called(Kit& kit, std::string tool, std::string call,
                                    std::string input) {
  Tool& named = kit.tools.get(tool);
  ToolResult result = co_await named.call(std::move(input));
  throw_if_refused(tool, result);
  kit.budget.note_tool(result.status != ToolStatus::ok, result.seconds);
  co_return step_of(tool, std::move(call), std::move(result));
}

boost::asio::awaitable<Trace> tool_step(Kit& kit, const Problem& problem, Trace trace,
                                        std::string tool, std::string call, End end,
                                        std::string answer) {
  std::string input = call;
  Step step = co_await called(kit, std::move(tool), std::move(call), std::move(input));
  if (step.tool->status == name_of(ToolStatus::ok) && end != End::open)
    step.answer = answer.empty() ? last_line(step.tool->output) : std::optional(answer);
  Trace longer = co_await kit.policy.append(problem, std::move(trace), std::move(step), end);
  co_return longer;
}

}  // namespace cairn
