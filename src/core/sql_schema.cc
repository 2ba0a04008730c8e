#include "cairn/sql_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <set>

#include "base/text.h"
#include "cairn/prompt.h"
#include "cairn/sql.h"
#include "cairn/tool_step.h"

namespace cairn::sql {
namespace {

constexpr std::size_t kAtOnce = 100;  // columns that one query asks about; SQLite takes 500 terms
constexpr std::size_t kMatches = 10;

std::string in_quotes(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out + quote;
}

// A cell of a Result as SQL writes it.
std::string literal(const std::string& cell) {
  if (cell == "n") return "NULL";
  return cell[0] == '\'' ? in_quotes(cell.substr(1), '\'') : cell.substr(1);
}

std::string text_of(const std::string& cell) {
  return cell == "n" ? "" : cell.substr(1);
}

std::size_t number_of(const std::string& cell) {
  return std::stoul(cell.substr(1));
}

bool is_text(const Column& column) {
  const std::string type = base::lower(column.type);
  return type.find("char") != std::string::npos || type.find("text") != std::string::npos ||
         type.find("clob") != std::string::npos;
}

bool is_date(const Column& column) {
  const std::string both = base::lower(column.type + " " + column.name);
  return both.find("date") != std::string::npos || both.find("time") != std::string::npos;
}

bool has_samples(const Column& column) {
  const std::string name = base::lower(column.name);
  return !column.key && column.refers.empty() && !name.ends_with("id") &&
         !name.ends_with("email") && !name.ends_with("url");
}

// ---- queries

boost::asio::awaitable<Result> answered(Kit& kit, const Problem& problem, std::string query) {
  std::string call = call_of(problem, query);
  Tool& tool = kit.tools.get("sql");
  const ToolResult got = co_await tool.call(std::move(call));
  kit.budget.note_tool(got.status != ToolStatus::ok, got.seconds);
  throw_if_refused("sql", got);
  std::optional<Result> result = read_result(got.output);  // a limit leaves whole rows
  if (!result || (got.status != ToolStatus::ok && got.status != ToolStatus::limit))
    throw Error(
        Fault::input, "sql",
        fmt::format("{} cannot be described: {}", problem.database, base::printable(got.message)),
        "Check the database");
  co_return std::move(*result);
}

constexpr const char* kColumns = R"sql(
SELECT m.name, p.name, p.type, p.pk, f."table", f."to"
FROM (SELECT rowid AS place, name FROM sqlite_master
      WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\') AS m
JOIN pragma_table_info(m.name) AS p
LEFT JOIN pragma_foreign_key_list(m.name) AS f ON f."from" = p.name
GROUP BY m.place, p.cid ORDER BY m.place, p.cid)sql";

Column column_of(const std::vector<std::string>& row) {
  Column column;
  column.table = text_of(row[0]);
  column.name = text_of(row[1]);
  column.type = text_of(row[2]);
  column.key = row[3] != "=0";
  column.refers = text_of(row[4]);
  if (!column.refers.empty() && row[5] != "n") column.refers += "(" + text_of(row[5]) + ")";
  return column;
}

// The place of the column and a value, row by row.
std::string sample_query(std::size_t place, const Column& column) {
  const std::string table = in_quotes(column.table, '"'), name = in_quotes(column.name, '"');
  const std::string few =
      is_text(column) ? ""
                      : fmt::format(" AND (SELECT count(DISTINCT {}) FROM {}) <= 10", name, table);
  return fmt::format(
      "SELECT {0}, NULL WHERE EXISTS (SELECT 1 FROM {1} WHERE {2} IS NULL) UNION ALL "
      "SELECT * FROM (SELECT {0}, {2} FROM {1} WHERE {2} IS NOT NULL{3}"
      " AND NOT EXISTS (SELECT 1 FROM {1} WHERE length({2}) > 50 OR {2} LIKE '%://%'"
      " OR {2} LIKE '%_@_%') GROUP BY 2 ORDER BY count(*) DESC, 2 LIMIT {4})",
      place, table, name, few, is_date(column) ? 1 : 6);
}

std::string match_query(std::size_t place, const Column& column) {
  const std::string table = in_quotes(column.table, '"'), name = in_quotes(column.name, '"');
  return fmt::format(
      "SELECT * FROM (SELECT DISTINCT {}, {} FROM {}, asked WHERE length({}) > 1"
      " AND instr(asked.question, lower({})) > 0)",
      place, name, table, name, name);
}

// What the queries of so many columns at a time return together.
boost::asio::awaitable<Result> answered_together(Kit& kit, const Problem& problem,
                                                 std::string before,
                                                 std::vector<std::string> queries) {
  Result all;
  for (std::size_t from = 0; from < queries.size(); from += kAtOnce) {
    const auto end = std::min(queries.size(), from + kAtOnce);
    std::string query = before + queries[from];
    for (std::size_t i = from + 1; i < end; ++i) query += " UNION ALL " + queries[i];
    Result part = co_await answered(kit, problem, std::move(query));
    all.rows.insert(all.rows.end(), part.rows.begin(), part.rows.end());
  }
  co_return all;
}

// ---- values in the question

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Does the text hold these words, and not only a part of longer ones?
bool holds_words(std::string_view text, std::string_view words) {
  for (auto at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) {
    const auto end = at + words.size();
    const bool cut_before = at > 0 && is_word(text[at - 1]) && is_word(words.front());
    const bool cut_after = end < text.size() && is_word(text[end]) && is_word(words.back());
    if (!cut_before && !cut_after) return true;
  }
  return false;
}

bool only_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The longest values that the question holds as words.
std::vector<std::string> matches_of(const Result& found, const Schema& schema,
                                    const std::string& question) {
  std::vector<std::pair<std::size_t, std::string>> values;  // length and text
  for (const auto& row : found.rows) {
    const std::string value = text_of(row[1]);
    if (only_digits(value) || !holds_words(question, base::lower(value))) continue;
    const Column& column = schema.columns[number_of(row[0])];
    values.emplace_back(value.size(),
                        fmt::format("{}.{} = {}", column.table, column.name, literal(row[1])));
  }
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (values.size() > kMatches) values.resize(kMatches);
  std::vector<std::string> matches;
  for (auto& [size, text] : values) matches.push_back(std::move(text));
  return matches;
}

std::string declared(const Column& column) {
  std::string text = column.name;
  if (!column.type.empty()) text += " " + column.type;
  if (column.key) text += " PRIMARY KEY";
  if (!column.refers.empty()) text += " REFERENCES " + column.refers;
  return text;
}

}  // namespace

boost::asio::awaitable<Schema> read_schema(Kit& kit, const Problem& problem) {
  Schema schema;
  const Result columns = co_await answered(kit, problem, kColumns);
  for (const auto& row : columns.rows) schema.columns.push_back(column_of(row));
  const std::string question = base::lower(problem.question);
  std::vector<std::string> samples, matches;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    if (has_samples(column)) samples.push_back(sample_query(i, column));
    if (is_text(column)) matches.push_back(match_query(i, column));
  }
  const Result sampled = co_await answered_together(kit, problem, "", std::move(samples));
  for (const auto& row : sampled.rows)
    schema.columns[number_of(row[0])].samples.push_back(literal(row[1]));
  const std::string asked =
      fmt::format("WITH asked(question) AS (SELECT {}) ", in_quotes(question, '\''));
  const Result found = co_await answered_together(kit, problem, asked, std::move(matches));
  schema.matches = matches_of(found, schema, question);
  co_return schema;
}

bool is_small(const Schema& schema) {
  std::set<std::string> tables;
  for (const Column& column : schema.columns) tables.insert(column.table);
  return schema.columns.size() <= 25 && schema.columns.size() <= 5 * tables.size();
}

std::vector<std::size_t> all_columns(const Schema& schema) {
  std::vector<std::size_t> places(schema.columns.size());
  std::iota(places.begin(), places.end(), 0u);
  return places;
}

std::vector<std::size_t> columns_named(std::string_view text, const Schema& schema) {
  const std::string low = base::lower(text);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    if (holds_words(low, base::lower(column.table + "." + column.name))) places.push_back(i);
  }
  return places;
}

std::string schema_text(const Schema& schema, const std::vector<std::size_t>& columns) {
  std::string text, table;
  for (const Column& column : schema.columns) {
    const bool first = text.empty() || column.table != table;
    if (first) text += fmt::format("{}CREATE TABLE {} (", text.empty() ? "" : ");\n", column.table);
    text += (first ? "" : ", ") + declared(column);
    table = column.table;
  }
  if (!text.empty()) text += ");\n";
  for (const std::size_t place : columns) {
    const Column& column = schema.columns[place];
    if (!column.samples.empty())
      text +=
          fmt::format("-- {}.{}: {}\n", column.table, column.name, fmt::join(column.samples, ", "));
  }
  for (const std::string& match : schema.matches) text += "-- in the question: " + match + "\n";
  return text;
}

Problem with_schema(Problem problem, const Schema& schema,
                    const std::vector<std::size_t>& columns) {
  const Parts parts = {{"schema", schema_text(schema, columns)}, {"question", problem.question}};
  problem.question = filled(prompt_part("tool/sql_question", "question"), parts);
  return problem;
}

}  // namespace cairn::sql
