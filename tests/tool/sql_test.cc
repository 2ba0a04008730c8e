// The sql tool: what it answers, and that nothing hostile gets further than its limits.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "base/text.h"
#include "cairn/tools.h"
#include "testkit/database.h"
#include "testkit/instrumented.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"
#include "testkit/text.h"

namespace cairn {
namespace {

using testkit::repeated;
using testkit::run;

class SqlTest : public testing::Test {
 protected:
  SqlTest() { testkit::make_library(path()); }

  std::filesystem::path path() const { return folder_ / "library.sqlite"; }
  std::string call(const std::string& query) const { return call(path(), query); }
  static std::string call(const std::filesystem::path& database, const std::string& query) {
    return "-- database: " + database.string() + "\n" + query;
  }
  ToolResult result(const std::string& query, ToolLimits limits = {}) const {
    return run(make_tool("sql", {.limits = limits, .warm = 0})->call(call(query)));
  }

  testkit::TempDir folder_;
};

TEST_F(SqlTest, AResultIsATableWithItsColumns) {
  const ToolResult got = result(
      "SELECT name, count(title) AS books FROM author LEFT JOIN book ON author = id GROUP BY id "
      "ORDER BY id;");
  EXPECT_EQ(got.status, ToolStatus::ok) << got.message;
  EXPECT_EQ(got.output, "name,books\nAnn,2\nBob,2\nCy,0\n");
}

TEST_F(SqlTest, NoTwoValuesAreWrittenAlike) {
  const ToolResult got = result(
      "SELECT NULL n, '' e, 1 i, '1' t, 0.1 r, 1e999 f, 'inf' w, x'00ff' b, 'X''00''' q, 'a,\"b' "
      "c, "
      "'two' || char(10) || 'lines' l");
  EXPECT_EQ(got.output,
            "n,e,i,t,r,f,w,b,q,c,l\n,\"\",1,\"1\",0.1,inf,\"inf\",X'00ff',\"X'00'\",\"a,\"\"b\","
            "\"two\nlines\"\n")
      << got.message;
}

TEST_F(SqlTest, TheSchemaCanBeRead) {
  EXPECT_EQ(result("SELECT name FROM pragma_table_info('author')").output,
            "name\nid\nname\ntown\n");
  EXPECT_EQ(result("SELECT count(*) FROM sqlite_master").output, "count(*)\n2\n");
  EXPECT_EQ(result("SELECT value FROM json_each('[4,5]')").output, "value\n4\n5\n");
}

TEST_F(SqlTest, WhatIsTooLongIsCutAtARow) {
  const std::string numbers =
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1001) SELECT x FROM n";
  const ToolResult rows = result(numbers);
  EXPECT_EQ(rows.status, ToolStatus::limit);
  EXPECT_TRUE(rows.output.ends_with("\n999\n1000\n"));
  EXPECT_NE(rows.message.find("1000 rows"), std::string::npos) << rows.message;
  const ToolResult bytes = result(numbers, {.output = 100});
  EXPECT_EQ(bytes.status, ToolStatus::limit);
  EXPECT_TRUE(bytes.output.ends_with("\n34\n35\n"));  // 2 + 9 * 2 + 26 * 3 = 98 bytes
  EXPECT_NE(bytes.message.find("35 rows"), std::string::npos) << bytes.message;
}

TEST_F(SqlTest, AnErrorSaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"SELECT nam FROM author", "no such column: nam"},
      {"SELECT 1 FROM writer", "no such table: writer"},
      {"SELEC 1", "syntax error"},
      {"", "there is no SELECT"},
      {"-- nothing", "there is no SELECT"},
      {"SELECT random()", "the function random is not among those that may be called"},
      {"DROP TABLE book", "only a SELECT that reads the database is run"}};
  for (const auto& [query, message] : cases) {
    const ToolResult got = result(query);
    EXPECT_EQ(got.status, ToolStatus::error) << query;
    EXPECT_NE(got.message.find(message), std::string::npos) << query << ": " << got.message;
  }
}

struct HostileQuery {
  std::string query, expected;
};

std::vector<HostileQuery> hostile_queries() {
  const std::string numbers =
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT ";
  return {// time
          {numbers + "count(*) FROM n", "timeout"},
          {numbers + "max(x) FROM n", "timeout"},
          {"SELECT count(*) FROM book a" + repeated(", book", 20), "timeout"},
          {"SELECT printf('%.*c', 1000000000, 'x')", "timeout"},
          {numbers + "group_concat(printf('%10000d', x)) FROM n", "timeout"},
          // rows and bytes
          {numbers + "x FROM n", "limit"},
          {"SELECT a.title FROM book a" + repeated(", book", 20), "limit"},
          {"SELECT printf('%.*c', 1000000, 'x')", "limit"},
          {"SELECT hex(zeroblob(1000000))", "limit"},
          // memory
          {"SELECT zeroblob(1000000000)", "limit"},
          {"SELECT zeroblob(99999999999999)", "limit"},
          {"SELECT hex(zeroblob(100000000))", "limit"},
          {"SELECT replace(hex(zeroblob(100000)), '0', hex(zeroblob(100000)))", "limit"},
          {numbers + "json_group_array(printf('%10000d', x)) FROM n", "limit"},
          {numbers + "count(DISTINCT printf('%100000d', x)) FROM n", "limit"},
          {numbers + "printf('%100000d', x) FROM n ORDER BY 1", "limit"},
          {"WITH RECURSIVE n(x) AS (SELECT 'a' UNION SELECT x || x FROM n) SELECT max(x) FROM n",
           "limit"},
          // other files
          {"ATTACH DATABASE '/etc/passwd' AS p", "error"},
          {"ATTACH DATABASE ':memory:' AS m", "error"},
          {"ATTACH DATABASE 'file:/tmp/x?mode=rwc' AS m", "error"},
          {"DETACH DATABASE main", "error"},
          {"VACUUM", "error"},
          {"VACUUM INTO '/tmp/cairn-stolen.sqlite'", "error"},
          {"SELECT readfile('/etc/passwd')", "error"},
          {"SELECT writefile('/tmp/cairn-written', 'x')", "error"},
          {"SELECT load_extension('/tmp/x.so')", "error"},
          {"SELECT edit('x', 'sh')", "error"},
          {"SELECT fts3_tokenizer('simple')", "error"},
          {"SELECT * FROM fsdir('/')", "error"},
          {".shell id", "error"},
          {".read /etc/passwd", "error"},
          // changes
          {"INSERT INTO author VALUES (4, 'Di', NULL)", "error"},
          {"INSERT INTO author VALUES (4, 'Di', NULL) RETURNING *", "error"},
          {"UPDATE author SET name = ''", "error"},
          {"DELETE FROM author", "error"},
          {"WITH a AS (SELECT 1) DELETE FROM author RETURNING name", "error"},
          {"DROP TABLE author", "error"},
          {"CREATE TABLE t (x)", "error"},
          {"CREATE TEMP TABLE t AS SELECT 1", "error"},
          {"CREATE VIEW v AS SELECT 1", "error"},
          {"CREATE VIRTUAL TABLE t USING fts5(x)", "error"},
          {"CREATE TRIGGER t AFTER INSERT ON author BEGIN SELECT 1; END", "error"},
          {"ALTER TABLE author RENAME TO writer", "error"},
          {"UPDATE sqlite_master SET sql = ''", "error"},
          {"BEGIN", "error"},
          {"SAVEPOINT s", "error"},
          {"REINDEX", "error"},
          {"ANALYZE", "error"},
          {"EXPLAIN DELETE FROM author", "error"},
          // settings
          {"PRAGMA writable_schema = ON", "error"},
          {"PRAGMA hard_heap_limit = 0", "error"},
          {"PRAGMA trusted_schema = ON", "error"},
          {"PRAGMA temp_store_directory = '/tmp'", "error"},
          {"PRAGMA journal_mode = DELETE", "error"},
          {"PRAGMA mmap_size = 1000000000", "error"},
          {"SELECT * FROM pragma_database_list", "error"},
          {"SELECT * FROM pragma_compile_options", "error"},
          // the parser
          {"SELECT 1; DROP TABLE author", "error"},
          {"SELECT 1; SELECT 2", "error"},
          {std::string("SELECT 1\0; DROP TABLE author", 28), "error"},
          {"SELECT '\xff\xfe'", "error"},
          {"SELECT " + repeated("(", 40000) + "1" + repeated(")", 40000), "error"},
          {"SELECT 1" + repeated(" + 1", 20000), "error"},
          {"SELECT " + repeated("NOT ", 20000) + "1", "error"},
          {repeated("SELECT * FROM (", 3000) + "SELECT 1" + repeated(")", 3000), "error"},
          {"SELECT 1" + repeated(" UNION ALL SELECT 1", 1000), "error"},
          {"SELECT 1" + repeated(", 1", 3000), "error"},
          {"SELECT 1 FROM book" + repeated(", book", 70), "error"},
          {"SELECT max(1" + repeated(", 1", 300) + ")", "error"},
          {"SELECT '" + repeated("x", 200000) + "'", "limit"},
          {"SELECT ?1", "error"},
          {"SELECT * FROM json_each('" + repeated("[", 5000) + repeated("]", 5000) + "')", "error"},
          {"SELECT 'abc' REGEXP '(a+)+$'", "error"},
          // what the database itself holds
          {"SELECT * FROM loads", "error"},
          {"SELECT * FROM floods", "limit"}};
}

TEST_F(SqlTest, HostileQueriesEndWithinTheirLimits) {
  testkit::make_database(path(), R"sql(
    CREATE VIEW loads AS SELECT load_extension('/tmp/x.so');
    CREATE VIEW floods AS SELECT zeroblob(1000000000);)sql");
  const std::string before = testkit::read_text(path());
  const ToolLimits limits{.seconds = 3, .memory = 192u << 20, .output = 20000};
  const auto tool = make_tool("sql", {.limits = limits, .parallel = 6});
  std::vector<HostileQuery> queries = hostile_queries();
  std::size_t place = 0;  // what these test is the other process, which is not instrumented
  std::erase_if(queries, [&](const HostileQuery&) { return place++ % testkit::one_in(8) != 0; });
  std::vector<asio::awaitable<ToolResult>> calls;
  for (const HostileQuery& hostile : queries) calls.push_back(tool->call(call(hostile.query)));
  const std::vector<ToolResult> results = testkit::run_all(std::move(calls));
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::string what = base::printable(queries[i].query.substr(0, 120)) + ": " +
                             base::printable(results[i].message.substr(0, 300));
    EXPECT_EQ(name_of(results[i].status), queries[i].expected) << what;
    EXPECT_FALSE(results[i].message.empty()) << what;
    EXPECT_EQ(results[i].message.find("Traceback"), std::string::npos) << what;
    EXPECT_LT(results[i].output.size(), limits.output) << what;
  }
  EXPECT_EQ(testkit::read_text(path()), before);
  EXPECT_FALSE(std::filesystem::exists("/tmp/cairn-stolen.sqlite"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/cairn-written"));
  EXPECT_EQ(run(tool->call(call("SELECT 6 * 7 AS x"))).output, "x\n42\n");  // the pool goes on
}

TEST_F(SqlTest, WhatIsNoDatabaseIsRefused) {
  testkit::write_text(folder_ / "text", repeated("This is no database. ", 50));
  testkit::write_text(folder_ / "empty", "");
  testkit::write_text(folder_ / "big", "SQLite format 3");
  std::filesystem::resize_file(folder_ / "big", 200u << 20);
  mkfifo((folder_ / "fifo").c_str(), 0600);
  testkit::make_library(folder_ / "logged");
  testkit::write_text(folder_ / "logged-wal", "frames");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"text", "is no SQLite database"}, {"empty", "is no SQLite database"},
      {"big", "209715200 bytes"},        {"fifo", "there is no file"},
      {"missing", "there is no file"},   {".", "there is no file"},
      {"logged", "logged-wal"}};
  for (const auto& [name, message] : cases) {
    const ToolResult got = run(make_tool("sql")->call(call(folder_ / name, "SELECT 1")));
    EXPECT_EQ(got.status, ToolStatus::refused) << name;
    EXPECT_NE(got.message.find(message), std::string::npos) << got.message;
  }
  const ToolResult none = run(make_tool("sql")->call("SELECT 1"));
  EXPECT_EQ(none.status, ToolStatus::refused);
  EXPECT_NE(none.message.find("-- database: FILE"), std::string::npos) << none.message;
}

// Databases with bytes changed: SQLite may answer, or say what is wrong; nothing else happens.
TEST_F(SqlTest, ACorruptDatabaseIsAnError) {
  const std::string whole = testkit::read_text(path());
  std::string torn = whole.substr(0, whole.size() / 2);
  testkit::write_text(folder_ / "torn", torn);
  const ToolResult half = run(make_tool("sql")->call(call(folder_ / "torn", "SELECT * FROM book")));
  EXPECT_EQ(half.status, ToolStatus::error);
  EXPECT_NE(half.message.find("malformed"), std::string::npos) << half.message;
  std::mt19937 random(7);
  const auto tool = make_tool("sql", {.limits = {.seconds = 20}});
  std::vector<asio::awaitable<ToolResult>> calls;
  for (int i = 0; i < 24 / testkit::one_in(8); ++i) {
    std::string bytes = whole;
    for (int change = 0; change < 40; ++change)
      bytes[16 + random() % (bytes.size() - 16)] = static_cast<char>(random());
    const auto file = folder_ / ("broken" + std::to_string(i));
    testkit::write_text(file, bytes);
    calls.push_back(
        tool->call(call(file, "SELECT * FROM author, book ORDER BY price, name, title")));
  }
  for (const ToolResult& got : testkit::run_all(std::move(calls))) {
    EXPECT_TRUE(got.status == ToolStatus::ok || got.status == ToolStatus::error ||
                got.status == ToolStatus::limit)
        << name_of(got.status) << ": " << got.message;
    EXPECT_EQ(got.message.find("Traceback"), std::string::npos) << got.message;
  }
}

}  // namespace
}  // namespace cairn
