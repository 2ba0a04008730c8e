// Mutation loops over what reads tool calls out of a model's text, and results out of a tool's: no
// text throws or hangs, and what is read keeps its promises.

#include <gtest/gtest.h>

#include <random>

#include "cairn/code_step.h"
#include "cairn/program.h"
#include "cairn/sql.h"
#include "cairn/sql_schema.h"
#include "testkit/instrumented.h"
#include "testkit/rounds.h"

namespace cairn {
namespace {

// A seed with some bytes changed, taken out or doubled, or a piece of another put in.
class Mutations {
 public:
  Mutations(std::vector<std::string> seeds, unsigned seed)
      : seeds_(std::move(seeds)), random_(testkit::Rounds::seed(seed)) {}

  std::string next() {
    std::string text = any();
    for (auto changes = 1 + random_() % 4; changes > 0; --changes) {
      const std::size_t at = random_() % (text.size() + 1);
      const std::string other = any();
      const std::size_t from = random_() % (other.size() + 1), size = random_() % 12;
      switch (random_() % 4) {
        case 0:
          text.insert(at, 1, static_cast<char>(random_()));
          break;
        case 1:
          text.erase(at, size);
          break;
        case 2:
          text.insert(at, other.substr(from, size));
          break;
        default:
          text.insert(at, text.substr(at / 2, size));
      }
    }
    return text;
  }

 private:
  const std::string& any() { return seeds_[random_() % seeds_.size()]; }
  const std::vector<std::string> seeds_;
  std::mt19937 random_;
};

const int kRounds = 20000 / testkit::one_in(20);

TEST(ToolCallFuzzTest, ProgramsAreAlwaysWhole) {
  Mutations texts({"\n    return 4\n```", "```python\ndef solution():\n    return 4\n```\n",
                   "Sure.\n```python\nimport math\n\ndef solution():\n    x = '```'\n", "```", ""},
                  1);
  for (testkit::Rounds rounds(kRounds); rounds.next();) {
    const std::string text = texts.next(), program = program::program_of(text);
    EXPECT_TRUE(program.ends_with("\n\nprint(solution())\n")) << text;
    EXPECT_NE(("\n" + program).find("\ndef solution():"), std::string::npos) << text;
    EXPECT_EQ(program.find("```"), std::string::npos) << text;
  }
}

TEST(ToolCallFuzzTest, CodeIsWhatStandsInTheLastBlock) {
  Mutations texts(
      {"So:\n```python\nprint(1)\n```\n", "```python\nx = 1\n```", "```\n```python\n```",
       "```python\na\n```\ntext\n```python\nb\n```\n", "\n```\n"},
      5);
  int blocks = 0;
  for (testkit::Rounds rounds(kRounds); rounds.next();) {
    const std::string text = texts.next();
    const auto code = code_at_end(text);
    if (!code) continue;
    ++blocks;
    EXPECT_NE(text.find("```python\n" + *code + "```"), std::string::npos) << text;
    EXPECT_EQ(("\n" + *code).find("\n```"), std::string::npos) << text;
  }
  EXPECT_GT(blocks, kRounds / 20);
}

TEST(ToolCallFuzzTest, QueriesAreWithoutFencesAndAgainThemselves) {
  Mutations texts({"\nSELECT 1\n```", "```sql\nSELECT 'a' FROM t;\n```\nand\n```sql\nSELECT 2\n```",
                   "SELECT '```sql\n' -- no end", "````sql\n\n", " \t```"},
                  2);
  for (testkit::Rounds rounds(kRounds); rounds.next();) {
    const std::string text = texts.next(), query = sql::query_of(text);
    EXPECT_EQ(query.find("```"), std::string::npos) << text;
    EXPECT_EQ(sql::query_of(query), query) << text;
  }
}

TEST(ToolCallFuzzTest, ResultsAreTablesOrNothing) {
  Mutations texts({"a,b\n1,x\n,\"\"\n", "n\n\"a \"\"b\"\"\nc\"\nX'00ff'\n", "x,y,z\n1e9,-0.0,inf\n",
                   "a\n\"007\"\n-\n", "\"\",\"\n\"\n1,\"2\"\n"},
                  3);
  int tables = 0;
  for (testkit::Rounds rounds(kRounds); rounds.next();) {
    const auto result = sql::read_result(texts.next());
    if (!result) continue;
    ++tables;
    EXPECT_TRUE(sql::same(*result, *result, false));
    EXPECT_TRUE(sql::same(*result, *result, true));
    for (const auto& row : result->rows) {
      ASSERT_EQ(row.size(), result->columns.size());
      for (const std::string& cell : row) EXPECT_FALSE(cell.empty());
    }
  }
  EXPECT_GT(tables, kRounds / 20);  // mutations leave some tables whole
}

TEST(ToolCallFuzzTest, LinkedColumnsAreColumnsOfTheSchema) {
  sql::Schema schema;
  for (const char* name : {"id", "name", "town"})
    schema.columns.push_back({.table = "author", .name = name});
  Mutations texts({"- writer: author.name, author.id\n", "{\"town\": [\"AUTHOR.TOWN\"]}",
                   "author.names author.id2 myauthor.id", "author . id, author..name"},
                  4);
  for (testkit::Rounds rounds(kRounds); rounds.next();) {
    const std::vector<std::size_t> places = sql::columns_named(texts.next(), schema);
    for (const std::size_t place : places) EXPECT_LT(place, schema.columns.size());
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
  }
  EXPECT_EQ(sql::columns_named("AUTHOR.Town, author.id2, xauthor.name", schema),
            std::vector<std::size_t>{2});
}

}  // namespace
}  // namespace cairn
