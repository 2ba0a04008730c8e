// A database as a model reads it, from a real one; expected texts are written by hand.

#include "cairn/sql_schema.h"

#include <gtest/gtest.h>

#include "cairn/runner.h"
#include "model/scripted.h"
#include "testkit/database.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"

namespace cairn::sql {
namespace {

// What the schema of a problem reads as, with the samples of all columns.
asio::awaitable<Outcome> described(Kit& kit, const Problem& problem) {
  const Schema schema = co_await read_schema(kit, problem);
  Outcome outcome;
  outcome.answer = schema_text(schema, all_columns(schema));
  outcome.confidence = is_small(schema) ? 1 : 0;
  co_return outcome;
}

class SqlSchemaTest : public testing::Test {
 protected:
  Outcome schema_of(const std::string& statements, const std::string& question) {
    const auto path = folder_ / "some.sqlite";
    testkit::make_database(path, statements);
    Recipe recipe = find_recipe("cot");
    recipe.run = [](Kit& kit, const Problem& problem, const Settings&) {
      return described(kit, problem);
    };
    const Problem problem{.id = "p", .question = question, .database = path.string()};
    ScriptedModel model({});
    return testkit::run(run_problem(model, recipe, problem, {}));
  }
  testkit::TempDir folder_;
};

TEST_F(SqlSchemaTest, TablesSamplesAndMatches) {
  const Outcome got = schema_of(R"sql(
    CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT, town TEXT);
    CREATE TABLE book (title TEXT, author INTEGER REFERENCES author(id), year INT, day DATE);
    INSERT INTO author VALUES (1, 'Ann', 'New York'), (2, 'Bob', 'Rome'), (3, 'O''Hara', NULL),
                              (4, 'York', 'Rome');
    INSERT INTO book VALUES ('Alder', 1, 1999, '2024-01-02'), ('Birch', 1, 2004, '2024-01-02'),
                            ('Cedar', 2, 2004, '2023-05-06');)sql",
                                "Which books did O'hara of new york write about Romeo in 2004?");
  EXPECT_EQ(*got.answer,
            "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT, town TEXT);\n"
            "CREATE TABLE book (title TEXT, author INTEGER REFERENCES author(id), year INT, "
            "day DATE);\n"
            "-- author.name: 'Ann', 'Bob', 'O''Hara', 'York'\n"
            "-- author.town: NULL, 'Rome', 'New York'\n"
            "-- book.title: 'Alder', 'Birch', 'Cedar'\n"
            "-- book.year: 2004, 1999\n"
            "-- book.day: '2024-01-02'\n"
            "-- in the question: author.town = 'New York'\n"
            "-- in the question: author.name = 'O''Hara'\n"
            "-- in the question: author.name = 'York'\n");
  EXPECT_EQ(got.confidence, 1);  // 7 columns in 2 tables
  EXPECT_EQ(got.usage.tool_calls, 3);
}

TEST_F(SqlSchemaTest, WhatIsLongOrAnAddressOrManyNumbersHasNoSamples) {
  std::string statements =
      "CREATE TABLE t (site TEXT, home_url TEXT, essay TEXT, n INT, few INT, \"odd \"\"name\" "
      "TEXT);";
  for (int i = 0; i < 11; ++i)
    statements += "INSERT INTO t VALUES ('http://a.org/" + std::to_string(i) + "', 'a', '" +
                  std::string(51, 'x') + "', " + std::to_string(i) + ", " + std::to_string(i % 2) +
                  ", 'v');";
  const Outcome got = schema_of(statements, "?");
  EXPECT_EQ(*got.answer,
            "CREATE TABLE t (site TEXT, home_url TEXT, essay TEXT, n INT, few INT, odd \"name "
            "TEXT);\n"
            "-- t.few: 0, 1\n"
            "-- t.odd \"name: 'v'\n");
  EXPECT_EQ(got.confidence, 0);  // six columns a table
}

// More columns than one query can ask about.
TEST_F(SqlSchemaTest, AWideTableIsReadInParts) {
  std::string statements = "CREATE TABLE t (c0 TEXT";
  for (int i = 1; i < 250; ++i) statements += ", c" + std::to_string(i) + " TEXT";
  statements += "); INSERT INTO t (c249) VALUES ('last');";
  const Outcome got = schema_of(statements, "The last one?");
  EXPECT_NE(got.answer->find("-- t.c249: 'last'\n-- in the question: t.c249 = 'last'\n"),
            std::string::npos);
  EXPECT_EQ(got.usage.tool_calls, 7);  // 1 + 3 + 3
}

}  // namespace
}  // namespace cairn::sql
