// Execution match: when two results are equal; all expected values are worked out by hand.

#include "cairn/sql.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cairn/tools.h"
#include "testkit/database.h"
#include "testkit/instrumented.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"

namespace cairn::sql {
namespace {

using testkit::run;

bool alike(const std::string& a, const std::string& b, bool ordered = false) {
  const auto x = read_result(a), y = read_result(b);
  EXPECT_TRUE(x && y) << a << b;
  return x && y && same(*x, *y, ordered);
}

TEST(SqlResultTest, RowsAreCountedAndTheirOrderIsNot) {
  EXPECT_TRUE(alike("a\n1\n2\n", "a\n2\n1\n"));
  EXPECT_FALSE(alike("a\n1\n2\n", "a\n1\n2\n2\n"));
  EXPECT_FALSE(alike("a\n1\n1\n2\n", "a\n1\n2\n2\n"));
  EXPECT_TRUE(alike("a\n", "b\n"));  // no rows
}

TEST(SqlResultTest, TheOrderOfRowsCountsWhereItIsAskedFor) {
  EXPECT_FALSE(alike("a\n1\n2\n", "a\n2\n1\n", /*ordered=*/true));
  EXPECT_TRUE(alike("a,b\n1,x\n2,y\n", "b,a\nx,1\ny,2\n", /*ordered=*/true));
  EXPECT_FALSE(alike("a,b\n1,x\n2,y\n", "b,a\nx,2\ny,1\n", /*ordered=*/true));
}

TEST(SqlResultTest, ColumnsAreToldByWhatTheyHold) {
  EXPECT_TRUE(alike("name,n\nAnn,2\nBob,1\n", "count(*),who\n1,Bob\n2,Ann\n"));
  EXPECT_FALSE(alike("a,b\n1,2\n", "a\n1\n"));
  EXPECT_FALSE(alike("a\n1\n", "a,b\n1,1\n"));
  // Both columns hold 1 and 2 on either side, but not in the same rows.
  EXPECT_FALSE(alike("a,b\n1,2\n2,1\n", "a,b\n1,1\n2,2\n"));
  EXPECT_TRUE(alike("a,b\n1,2\n2,1\n", "a,b\n2,1\n1,2\n"));
  // c is a turned round: only one of the six pairings fits.
  EXPECT_TRUE(alike("a,b,c\n1,2,3\n2,3,1\n3,1,2\n", "c,a,b\n3,1,2\n1,2,3\n2,3,1\n"));
  EXPECT_FALSE(alike("a,b,c\n1,2,3\n2,3,1\n3,1,2\n", "a,b,c\n1,2,3\n2,1,3\n3,3,1\n"));
}

TEST(SqlResultTest, ValuesAreEqualWhateverTheyAreWrittenAs) {
  EXPECT_TRUE(alike("a\n3\n", "a\n3.0\n"));
  EXPECT_TRUE(alike("a\n3\n", "a\n\"3\"\n"));              // the text '3'
  EXPECT_TRUE(alike("a\n0.1\n", "a\n0.1000000000001\n"));  // ten digits alike
  EXPECT_FALSE(alike("a\n0.1\n", "a\n0.10000001\n"));
  EXPECT_TRUE(alike("a\n0\n", "a\n-0.0\n"));
  EXPECT_FALSE(alike("a\n\"007\"\n", "a\n7\n"));  // a code, no number
  EXPECT_FALSE(alike("a\n\n", "a\n\"\"\n"));      // NULL is not the empty text
  EXPECT_FALSE(alike("a\n\n", "a\nn\n"));
  EXPECT_FALSE(alike("a\nX'41'\n", "a\nA\n"));
  EXPECT_FALSE(alike("a\nX'41'\n", "a\n\"X'41'\"\n"));
  EXPECT_FALSE(alike("a\nrome\n", "a\nRome\n"));
}

TEST(SqlResultTest, WhatIsNoTableIsNoResult) {
  for (const char* text : {"", "a", "a\n1", "a,b\n1\n", "a\n1,2\n", "a\n\"1\n", "a\n\"1\"2\n"})
    EXPECT_FALSE(read_result(text)) << text;
  EXPECT_EQ(read_result("a,\"b \"\"c\"\"\nd\"\n")->columns[1], "b \"c\"\nd");
}

// Results with rows and columns drawn anew are the same; `same` is an equivalence.
TEST(SqlResultTest, SameIsAnEquivalence) {
  std::mt19937 random(11);
  const auto drawn = [&] {
    Result result{.columns = {"a", "b", "c"}};
    for (int i = 0; i < 3; ++i)
      result.rows.push_back({std::to_string(random() % 2), std::to_string(random() % 2), "0"});
    return result;
  };
  const auto shuffled = [&](const Result& from) {
    std::vector<std::size_t> places = {0, 1, 2};
    std::shuffle(places.begin(), places.end(), random);
    Result result = from;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) result.rows[i][j] = from.rows[i][places[j]];
    std::shuffle(result.rows.begin(), result.rows.end(), random);
    return result;
  };
  for (int i = 0; i < 2000 / testkit::one_in(10); ++i) {
    const Result a = drawn(), b = drawn(), c = drawn();
    EXPECT_TRUE(same(a, shuffled(a), false));
    EXPECT_EQ(same(a, b, false), same(b, a, false));
    EXPECT_EQ(same(a, b, false), same(shuffled(a), shuffled(b), false));
    if (same(a, b, false)) {
      EXPECT_EQ(same(a, c, false), same(b, c, false));
    }
  }
}

// Twenty columns alike in themselves could be paired in ever so many ways. (No two columns of a are
// equal, and columns 2 and 8 of b are: the results differ.)
TEST(SqlResultTest, PairingColumnsEnds) {
  Result a, b;
  for (int i = 0; i < 20; ++i) a.columns.push_back("c");
  b.columns = a.columns;
  for (int row = 0; row < 20; ++row) {
    a.rows.emplace_back();
    b.rows.emplace_back();
    for (int i = 0; i < 20; ++i) {
      a.rows.back().push_back(std::to_string((row + i) % 20));
      b.rows.back().push_back(std::to_string((row + i * i) % 20));
    }
  }
  EXPECT_FALSE(same(a, b, false));
}

TEST(SqlQueryTest, IsWhatTheModelWroteInFences) {
  EXPECT_EQ(query_of("SELECT 1"), "SELECT 1");
  EXPECT_EQ(query_of("SELECT 1;\n```\nIt returns 1."), "SELECT 1;");
  EXPECT_EQ(query_of("First:\n```sql\nSELECT 1\n```\nBetter:\n```sql\nSELECT 2\n```"), "SELECT 2");
  EXPECT_EQ(query_of(" \n```"), "");
}

TEST(SqlQueryTest, AnOrderIsAskedForInWords) {
  EXPECT_TRUE(order_is_asked("List the towns, sorted by name."));
  EXPECT_TRUE(order_is_asked("Order by price."));
  EXPECT_FALSE(order_is_asked("How many orders were there in Border City?"));
}

TEST(SqlComplaintTest, SaysWhatToThinkOver) {
  EXPECT_EQ(complaint({.status = "error", .message = "no such column: x\n"}),
            "no such column: x\n");
  EXPECT_EQ(complaint({.status = "ok", .output = "a\n"}), "The result has no rows.");
  EXPECT_EQ(complaint({.status = "ok", .output = "a\n1\n\n"}),
            "Some values of the result are NULL.");
  EXPECT_EQ(complaint({.status = "ok", .output = "a\n\n\n"}), "");  // all of them
  EXPECT_EQ(complaint({.status = "ok", .output = "a\n\n"}), "");    // a single row
}

class SqlRightTest : public testing::Test {
 protected:
  SqlRightTest() {
    testkit::make_library(folder_ / "library.sqlite");
    problem_.database = (folder_ / "library.sqlite").string();
  }
  bool is_right(const std::string& query) { return run(right(*tool_, problem_, query)); }

  testkit::TempDir folder_;
  const std::unique_ptr<Tool> tool_ = make_tool("sql");
  Problem problem_{.id = "p",
                   .question = "Which titles are from 2004?",
                   .answer = "SELECT title FROM book WHERE year = 2004 ORDER BY title",
                   .alternatives = {"SELECT title, price FROM book WHERE year = 2004"},
                   .kind = AnswerKind::sql};
};

TEST_F(SqlRightTest, AQueryIsRightWhenItReturnsWhatAGoldOneDoes) {
  EXPECT_TRUE(is_right("SELECT title FROM book WHERE year > 2003 AND year < 2005 ORDER BY 1 DESC"));
  EXPECT_TRUE(is_right("SELECT price, title AS t FROM book WHERE year IN (2004)"));
  EXPECT_FALSE(is_right("SELECT title, year FROM book WHERE year = 2004"));
  EXPECT_FALSE(is_right("SELECT title FROM book"));
  EXPECT_FALSE(is_right("SELECT titel FROM book"));
}

TEST_F(SqlRightTest, TheOrderCountsWhereQuestionAndGoldQueryAskForIt) {
  problem_.alternatives.clear();
  problem_.question = "The titles of 2004 in alphabetical order?";
  EXPECT_TRUE(is_right("SELECT title FROM book WHERE year = 2004 ORDER BY title"));
  EXPECT_FALSE(is_right("SELECT title FROM book WHERE year = 2004 ORDER BY title DESC"));
  problem_.answer = "SELECT title FROM (SELECT title FROM book WHERE year = 2004 ORDER BY title)";
  EXPECT_TRUE(is_right("SELECT title FROM book WHERE year = 2004 ORDER BY title DESC"));
}

TEST_F(SqlRightTest, WithoutDatabaseOrGoldQueryThereIsNoVerdict) {
  problem_.answer = "SELECT nothing";
  problem_.alternatives.clear();
  EXPECT_THROW(is_right("SELECT 1"), Error);
  problem_.database = "";
  EXPECT_THROW(is_right("SELECT 1"), Error);
  problem_.database = "no/such/file";
  EXPECT_THROW(is_right("SELECT 1"), Error);
}

}  // namespace
}  // namespace cairn::sql
