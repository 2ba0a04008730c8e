#include "cairn/code.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cairn/error.h"
#include "cairn/rng.h"
#include "cairn/tool_step.h"

namespace cairn::code {
namespace {

namespace asio = boost::asio;

// Reads its parts from standard input, so that no text of a model is part of it.
constexpr std::string_view kHarness = R"py(import json, os, sys, types
passed, program, tests = json.load(sys.stdin)
sys.modules["tested"] = tested = types.ModuleType("tested")
exec(compile(program, "answer", "exec"), tested.__dict__)
exec(compile(tests, "tests", "exec"), tested.__dict__)
os.write(1, passed.encode())
)py";

// Empty: the tests passed. Otherwise what ended them.
asio::awaitable<std::string> failure(Tool& python, const Problem& problem,
                                     const std::string& program) {
  // Nothing that a program could hold, since it depends on the program.
  const std::string passed = fmt::format("passed {:016x}", mix(mix(0, program), problem.tests));
  std::string call = call_of(problem, program, passed);
  const ToolResult result = co_await python.call(std::move(call));
  throw_if_refused("python", result);
  if (result.status == ToolStatus::ok && result.output.find(passed) != std::string::npos)
    co_return "";
  const bool crashed = result.status == ToolStatus::error && result.exit_status >= 128;
  if (crashed) co_return "crash";
  const bool ended = result.status == ToolStatus::ok || result.status == ToolStatus::error;
  co_return ended ? "unit tests" : std::string(name_of(result.status));
}

}  // namespace

std::string call_of(const Problem& problem, std::string_view program, std::string_view passed) {
  const nlohmann::json parts = {passed, problem.prelude + std::string(program), problem.tests};
  const std::string input =
      parts.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
  return std::string(kHarness) + '\0' + input;
}

asio::awaitable<Comparison> checked(Tool& python, const Problem& problem, std::string program) {
  if (base::trim(program).empty() || problem.tests.empty())
    co_return Comparison{Equality::no_answer, "empty"};
  const std::string why = co_await failure(python, problem, program);
  if (why.empty()) co_return Comparison{Equality::equal, "unit tests"};
  if (why != "unit tests" && problem.answer) {
    const std::string control = co_await failure(python, problem, *problem.answer);
    if (!control.empty())
      throw Error(Fault::input, "code",
                  fmt::format("the program for \"{}\" was ended by: {}; its own answer by: {}",
                              problem.id, why, control),
                  "Run it again with less beside it, or leave the problem out");
  }
  co_return Comparison{Equality::different, why};
}

}  // namespace cairn::code
