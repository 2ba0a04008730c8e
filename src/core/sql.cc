#include "cairn/sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "cairn/tool_step.h"
#include "cairn/vote.h"

namespace cairn::sql {
namespace {

constexpr std::string_view kNull = "n";

// ---- reading a result

// A text that is a number as one would write it: no zeros before it, no white space.
std::optional<double> number_in(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') return {};
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::string value_of(std::string_view cell, bool quoted) {
  if (!quoted && cell.empty()) return std::string(kNull);
  if (!quoted && cell.starts_with("X'")) return "x" + std::string(cell.substr(2, cell.size() - 3));
  if (const auto number = number_in(cell)) return fmt::format("={:.10g}", *number + 0.0);
  return "'" + std::string(cell);
}

// Takes a cell and the sign after it off the text; nothing where a quote is not closed.
struct Cell {
  std::string text;
  bool quoted = false, last = false;  // of its line
};
std::optional<Cell> take_cell(std::string_view& csv) {
  Cell cell;
  cell.quoted = csv.starts_with('"');
  if (cell.quoted) {
    csv.remove_prefix(1);
    for (;;) {
      const auto quote = csv.find('"');
      if (quote == std::string_view::npos) return {};
      cell.text += csv.substr(0, quote);
      csv.remove_prefix(quote + 1);
      if (!csv.starts_with('"')) break;
      cell.text += '"';
      csv.remove_prefix(1);
    }
  }
  const auto end = csv.find_first_of(",\n");
  if (end == std::string_view::npos || (cell.quoted && end != 0)) return {};
  if (!cell.quoted) cell.text = csv.substr(0, end);
  cell.last = csv[end] == '\n';
  csv.remove_prefix(end + 1);
  return cell;
}

std::optional<std::vector<Cell>> take_line(std::string_view& csv) {
  std::vector<Cell> line;
  do {
    std::optional<Cell> cell = take_cell(csv);
    if (!cell) return {};
    line.push_back(std::move(*cell));
  } while (!line.back().last);
  return line;
}

// ---- comparing results

using Cells = std::vector<std::string>;  // of a column, from the first row

std::vector<Cells> columns_of(const Result& result) {
  std::vector<Cells> columns(result.columns.size());
  for (const auto& row : result.rows)
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].push_back(row[i]);
  return columns;
}

template <class T>
std::vector<T> sorted(std::vector<T> list) {
  std::sort(list.begin(), list.end());
  return list;
}

// Looks for a pairing of b's columns with a's under which the rows are the same.
class Pairing {
 public:
  Pairing(const std::vector<Cells>& a, const std::vector<Cells>& b) : b_(b), taken_(b.size()) {
    for (const Cells& column : a) content_of_a_.push_back(sorted(column));
    for (const Cells& column : b) content_of_b_.push_back(sorted(column));
    rows_of_a_ = rows_of(a);
  }

  bool found() {
    if (chosen_.size() == content_of_a_.size()) return ++tried_, rows_of(chosen_) == rows_of_a_;
    const auto& wanted = content_of_a_[chosen_.size()];
    for (std::size_t i = 0; i < b_.size() && tried_ < kPairings; ++i) {
      if (taken_[i] || content_of_b_[i] != wanted || like_one_before(i)) continue;
      taken_[i] = true;
      chosen_.push_back(b_[i]);
      if (found()) return true;
      chosen_.pop_back();
      taken_[i] = false;
    }
    return false;
  }

 private:
  static std::vector<Cells> rows_of(const std::vector<Cells>& columns) {
    std::vector<Cells> rows(columns.empty() ? 0 : columns[0].size());
    for (const Cells& column : columns)
      for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(column[i]);
    return sorted(std::move(rows));
  }

  // The same column was there to be taken, so this one brings nothing new.
  bool like_one_before(std::size_t i) const {
    for (std::size_t j = 0; j < i; ++j)
      if (!taken_[j] && b_[j] == b_[i]) return true;
    return false;
  }

  const std::vector<Cells>& b_;
  std::vector<Cells> content_of_a_, content_of_b_, rows_of_a_, chosen_;
  std::vector<bool> taken_;
  int tried_ = 0;
};

// An ORDER BY outside parentheses and quotes.
bool orders(std::string_view query) {
  const std::string low = base::lower(query);
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < low.size(); ++i) {
    const char c = low[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '(' || c == ')') {
      depth += c == '(' ? 1 : -1;
    } else if (depth == 0 && low.compare(i, 5, "order") == 0) {
      const auto by = low.find_first_not_of(" \t\r\n", i + 5);
      if (by != std::string::npos && by > i + 5 && low.compare(by, 2, "by") == 0) return true;
    }
  }
  return false;
}

// The result of a query; nothing where it failed or was cut.
boost::asio::awaitable<std::optional<Result>> result_of(Tool& tool, const Problem& problem,
                                                        const std::string& query) {
  std::string call = call_of(problem, query);
  const ToolResult result = co_await tool.call(std::move(call));
  throw_if_refused("sql", result);
  co_return result.status == ToolStatus::ok ? read_result(result.output) : std::nullopt;
}

// The result of an executed trace; nothing where it has no answer.
std::optional<Result> result_of(const Trace& trace) {
  return trace.answer() ? read_result(trace.last().tool->output) : std::nullopt;
}

bool some_but_not_all_null(const Result& result) {
  std::size_t nulls = 0;
  for (const auto& row : result.rows) nulls += std::count(row.begin(), row.end(), kNull);
  return nulls > 0 && nulls < result.rows.size() * result.columns.size();
}

}  // namespace

std::string query_of(std::string_view written) {
  const auto last = written.rfind("```sql\n");
  if (last != std::string_view::npos) written.remove_prefix(last + 7);
  return std::string(base::trim(written.substr(0, written.find(kFence))));
}

std::string call_of(const Problem& problem, std::string_view query) {
  if (problem.database.empty())
    throw Error(Fault::input, "sql", fmt::format("problem \"{}\" names no database", problem.id),
                "Give --database FILE, or \"database\" with the problem");
  return fmt::format("-- database: {}\n{}", problem.database, query);
}

std::optional<Result> read_result(std::string_view csv) {
  Result result;
  const auto names = take_line(csv);
  if (!names) return {};
  for (const Cell& cell : *names) result.columns.push_back(cell.text);
  while (!csv.empty()) {
    const auto line = take_line(csv);
    if (!line || line->size() != names->size()) return {};
    std::vector<std::string>& row = result.rows.emplace_back();
    for (const Cell& cell : *line) row.push_back(value_of(cell.text, cell.quoted));
  }
  return result;
}

bool same(const Result& a, const Result& b, bool ordered) {
  if (a.columns.size() != b.columns.size() || a.rows.size() != b.rows.size()) return false;
  const std::vector<Cells> columns_of_a = columns_of(a), columns_of_b = columns_of(b);
  if (ordered) return sorted(columns_of_a) == sorted(columns_of_b);
  return Pairing(columns_of_a, columns_of_b).found();
}

bool order_is_asked(std::string_view question) {
  constexpr std::array<std::string_view, 11> kWords = {"order",  "ordered",   "ordering",  "sort",
                                                       "sorted", "arrange",   "arranged",  "rank",
                                                       "ranked", "ascending", "descending"};
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string word;
  for (const char c : base::lower(question) + ".") {
    if (is_letter(c)) {
      word += c;
    } else {
      if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return true;
      word.clear();
    }
  }
  return false;
}

boost::asio::awaitable<Trace> executed(Kit& kit, const Problem& problem, Trace trace) {
  const std::string query = query_of(trace.text());
  if (trace.end() != End::done || query.empty()) co_return trace.answerless();
  std::string call = call_of(problem, query);
  Trace run = co_await tool_step(kit, problem, trace, "sql", std::move(call), End::done, query);
  co_return run;
}

std::string complaint(const ToolUse& use) {
  constexpr std::size_t kMost = 600;
  if (use.status != "ok") return base::printable(use.message).substr(0, kMost);
  const auto result = read_result(use.output);
  if (!result || result->rows.empty()) return "The result has no rows.";
  if (result->rows.size() > 1 && some_but_not_all_null(*result))
    return "Some values of the result are NULL.";
  return "";
}

Outcome majority(std::span<const Trace> executed, const Problem& problem) {
  const bool ordered = order_is_asked(problem.question);
  std::vector<std::optional<Result>> results;
  for (const Trace& trace : executed) results.push_back(result_of(trace));
  return vote::majority(executed, [&](std::size_t i, std::size_t j) {
    return results[i] && results[j] && same(*results[i], *results[j], ordered);
  });
}

boost::asio::awaitable<bool> right(Tool& tool, const Problem& problem, std::string query) {
  const std::optional<Result> result = co_await result_of(tool, problem, query);
  if (!result || !problem.answer) co_return false;
  std::vector<std::string> golds = {*problem.answer};
  golds.insert(golds.end(), problem.alternatives.begin(), problem.alternatives.end());
  bool ran = false;
  for (const std::string& gold : golds) {
    const std::optional<Result> wanted = co_await result_of(tool, problem, gold);
    if (!wanted) continue;
    ran = true;
    const bool ordered = order_is_asked(problem.question) && orders(gold);
    if (same(*result, *wanted, ordered)) co_return true;
  }
  if (!ran)
    throw Error(Fault::input, "sql", fmt::format("no gold query of \"{}\" runs", problem.id),
                "Run it with `cairn tool sql` to see why");
  co_return false;
}

}  // namespace cairn::sql
