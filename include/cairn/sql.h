#pragma once
// cairn/sql.h — queries as answers: the model goes on after "```sql", the query is run, and its
// result says whether it is right and how it votes. The metric is execution accuracy: Yu et al.
// 2018 (Spider), arXiv:1809.08887; Zhong et al. 2020, arXiv:2010.02840, section 2.

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/kit.h"

namespace cairn::sql {

// What ends a query.
inline constexpr const char* kFence = "```";

// The query in what a model wrote: its last block in fences, or else all of it up to a fence.
std::string query_of(std::string_view written);

// A call of the sql tool: the problem's database and a query.
// Errors: Fault::input when the problem names no database.
std::string call_of(const Problem& problem, std::string_view query);

// What a query returned. Cells are written so that equal values are equal texts:
//   NULL        n
//   numbers     =10 significant digits: 3, 3.0 and the text '3' are one value
//   text        'text, exactly
//   blobs       x and their hexadecimal digits
struct Result {
  std::vector<std::string> columns;            // their names
  std::vector<std::vector<std::string>> rows;  // [rows][columns]
};

// Reads what the sql tool prints (docs/tools.md); nothing where it is no whole table.
std::optional<Result> read_result(std::string_view csv);

// Do two results hold the same rows, as often? Whatever their columns are called and in which order
// they stand; rows in the same order when `ordered`. An equivalence; pinned by
// tests/core/sql_test.cc. Columns that are alike in themselves can be paired in many ways: of those
// kPairings are tried, and results that none of them makes equal count as different.
bool same(const Result& a, const Result& b, bool ordered);
inline constexpr int kPairings = 5000;

// Does the question ask for rows in an order (order, sort, rank, ascending, descending …)?
bool order_is_asked(std::string_view question);

// The trace with its query run by the kit's sql tool as its last step. The answer is the query;
// nothing where it failed. A trace that a limit cut, or that says nothing, comes back as it is,
// without an answer.
// Errors: as call_of and tool_step.
boost::asio::awaitable<Trace> executed(Kit& kit, const Problem& problem, Trace trace);

// Why a query should be thought over: its error; no rows; two rows or more with some but not all
// values NULL. Empty where there is no reason. The refiner of Xie et al. 2024 (MAG-SQL),
// arXiv:2408.07930.
std::string complaint(const ToolUse& use);

// The query whose result most of the executed traces have; as vote::majority.
Outcome majority(std::span<const Trace> executed, const Problem& problem);

// Does a query return what one of the gold ones does? Rows are compared in order where the question
// asks for one and the gold query has an ORDER BY that is not inside parentheses.
// Errors: Fault::input when there is no database or no gold query runs; Fault::tool when the tool
// refuses to run.
boost::asio::awaitable<bool> right(Tool& tool, const Problem& problem, std::string query);

}  // namespace cairn::sql
