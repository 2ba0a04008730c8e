#include "judge/statements.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.h"

namespace cairn::judge {
namespace {

constexpr int kLongestRange = 64;

// A number of at most four digits at the start; it is taken away.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < 4 && base::is_digit(text[digits]))
    number = number * 10 + (text[digits++] - '0');
  if (digits == 0) return {};
  text.remove_prefix(digits);
  return number;
}

// The numbers of "#1 #2, #4-#6".
std::vector<int> read_citations(std::string_view text) {
  std::vector<int> numbers;
  bool range = false;
  while (!text.empty()) {
    const char c = text.front();
    const auto number = take_number(text);
    if (!number) {
      range = c == '-' ? true : range && (c == '#' || c == ' ');
      text.remove_prefix(1);
      continue;
    }
    const int from = range && !numbers.empty() ? numbers.back() + 1 : *number;
    for (int i = std::max(from, *number - kLongestRange); i <= *number; ++i) numbers.push_back(i);
    range = false;
  }
  return numbers;
}

// Takes "(by …)" out of a statement.
void take_citation(Statement& statement, std::string& text) {
  const std::string lower = base::lower(text);
  const auto open = lower.find("(by ");
  const auto close = lower.find(')', open);
  if (open == std::string::npos || close == std::string::npos) return;
  if (lower.find('#', open) > close) return;  // "(by hand)" names nothing
  statement.derived = true;
  statement.premises = read_citations(std::string_view(text).substr(open + 4, close - open - 4));
  text.erase(open, close + 1 - open);
}

// The number of a line "#k. …" or "#k: …"; its text is what is left.
std::optional<int> statement_number(std::string_view& line) {
  std::string_view rest = base::trim(line);
  if (!rest.starts_with('#')) return {};
  rest.remove_prefix(1);
  const auto number = take_number(rest);
  if (!number) return {};
  if (rest.starts_with('.') || rest.starts_with(':')) rest.remove_prefix(1);
  line = rest;
  return number;
}

}  // namespace

std::vector<Statement> read_statements(std::string_view text) {
  std::vector<Statement> statements;
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (const auto number = statement_number(line)) {
      statements.push_back({.number = *number, .begin = at});
      texts.emplace_back(line);
    } else if (!texts.empty()) {
      texts.back().append("\n").append(line);
    }
    at = end + 1;
  }
  for (std::size_t i = 0; i < statements.size(); ++i) {
    take_citation(statements[i], texts[i]);
    statements[i].text = base::trim(texts[i]);
  }
  return statements;
}

}  // namespace cairn::judge
