// The calculator: one expression a line, by our own parser; the value of the last line.

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "base/expression.h"
#include "base/text.h"
#include "tool/registry.h"

namespace cairn::tool {
namespace {

// Whole numbers as such; others with the 15 digits that a double holds for sure.
std::string text_of(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return fmt::format("{:.0f}", value + 0.0);
  return fmt::format("{:.15g}", value);
}

ToolResult failed(std::string message) {
  return {.status = ToolStatus::error, .message = std::move(message) + "\n", .exit_status = 1};
}

ToolResult computed(std::string_view line) {
  const auto expression = base::parse_expression(line);
  if (!expression) return failed("this is no expression: " + std::string(line.substr(0, 200)));
  if (base::has_variables(*expression)) return failed("the expression has a variable");
  const auto value = base::value_of(*expression, 0);
  if (!value) return failed("the expression has no value");
  if (std::abs(value->imag()) > 1e-12 * std::abs(*value))
    return failed("the value is no real number");
  return {.output = text_of(value->real()) + "\n"};
}

class Calculator : public Tool {
 public:
  std::string name() const override { return "calculator"; }

  asio::awaitable<ToolResult> call(std::string input) override {
    const auto start = std::chrono::steady_clock::now();
    ToolResult last = failed("there is no expression");
    for (std::string_view rest = input; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = base::trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.empty()) continue;
      last = computed(line);
      if (last.status != ToolStatus::ok) break;
    }
    last.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    co_return last;
  }
};

}  // namespace

std::unique_ptr<Tool> make_calculator() {
  return std::make_unique<Calculator>();
}

}  // namespace cairn::tool
