#pragma once
// cairn/sql_schema.h — a database as a model reads it: tables, columns, keys, and sample values of
// the columns that matter. The cards, value matches and soft schema linking of Xie et al. 2024
// (MAG-SQL), arXiv:2408.07930.

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/kit.h"

namespace cairn::sql {

struct Column {
  std::string table, name;
  std::string type;    // as it was declared, "VARCHAR(20)"; may be empty
  bool key = false;    // part of the primary key
  std::string refers;  // "author(id)"; empty: to nothing
  // As SQL writes them, NULL first where there are some, then the most frequent ones: 6 at most, 1
  // of a date. None of keys, of names that end in id, email or url, of numbers with more than 10
  // values, and where a value has more than 50 characters or looks like an address.
  std::vector<std::string> samples;
};

struct Schema {
  std::vector<Column> columns;       // the columns of a table stand together
  std::vector<std::string> matches;  // values that the question holds: "author.town = 'Rome'"
};

// Reads the problem's database by the kit's sql tool; counted as calls of it, and no step.
// Errors: Fault::input when there is no database or it cannot be described; Fault::tool when the
// tool refuses to run.
boost::asio::awaitable<Schema> read_schema(Kit& kit, const Problem& problem);

// At most 5 columns a table on average, and 25 in all: all of them matter.
bool is_small(const Schema& schema);

// The places in schema.columns that a text names as table.column, whatever the case; in order.
std::vector<std::size_t> columns_named(std::string_view text, const Schema& schema);
std::vector<std::size_t> all_columns(const Schema& schema);

// A line CREATE TABLE for every table; comments with the samples of these columns, and with the
// matches.
std::string schema_text(const Schema& schema, const std::vector<std::size_t>& columns);

// The problem as it is put to a model: its question after the tables (prompts/tool/sql_question).
Problem with_schema(Problem problem, const Schema& schema, const std::vector<std::size_t>& columns);

}  // namespace cairn::sql
