// Queries as a user meets them: the tool by hand, and answers that are checked by running them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "testkit/database.h"
#include "testkit/program.h"

namespace cairn::testkit {
namespace {

using Json = nlohmann::json;

class SqlProgram : public testing::Test {
 protected:
  SqlProgram() {
    std::filesystem::create_directory(dir_ / "db");
    make_library(dir_ / "db/library.sqlite");
    // Of three queries two return what the gold one does, each in its own words.
    write_text(
        dir_ / "script",
        R"({"after": "```sql", "then": ["\nSELECT title FROM book WHERE year = 2004\n```", )"
        R"("\nSELECT title t FROM book WHERE year IN (2004)\n```", "\nSELECT title FROM bok\n```"]})"
        "\n");
    write_text(
        dir_ / "data",
        R"({"id": "named", "question": "Titles of 2004?", "answer": "SELECT title FROM book WHERE price = 8", "database": "db/library.sqlite"})"
        "\n"
        R"({"id": "meta", "question": "Titles of 2004?", "answer": "SELECT 1", "meta": {"db": "library", "alternatives": ["SELECT title FROM book WHERE price = 8"]}})"
        "\n"
        R"({"id": "other", "question": "Titles of 1999?", "answer": "SELECT title FROM book WHERE year = 1999", "database": "db/library.sqlite"})"
        "\n");
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  TempDir dir_;
};

TEST_F(SqlProgram, TheToolByHand) {
  const Finished got = run_program({"tool", "sql", "--database", path("db/library.sqlite")}, {},
                                   "SELECT name FROM author WHERE id = 2");
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_EQ(got.out, "name\nBob\n");
  const Finished wrong = run_program({"tool", "calculator", "--database", "x"}, {}, "1 + 1");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("--database would do nothing"), std::string::npos) << wrong.err;
}

TEST_F(SqlProgram, AnswersOfAFileAreRun) {
  const Finished got =
      run_program({"solve", "--file", path("data"), "--recipe", "text_to_sql", "--set", "samples=9",
                   "-m", "scripted:" + path("script"), "-q"});
  EXPECT_EQ(got.exit_code, 0) << got.err;
  std::istringstream lines(got.out);
  std::map<std::string, Json> results;
  for (std::string line; std::getline(lines, line);) {
    Json json = Json::parse(line);
    const std::string id = json["id"];
    results[id] = std::move(json);
  }
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results["named"]["correct"], true);
  EXPECT_EQ(results["meta"]["correct"], true);
  EXPECT_EQ(results["other"]["correct"], false);
  EXPECT_GT(results["named"]["confidence"], 0.3);  // two queries of three, one class
}

TEST_F(SqlProgram, EvalRunsThemToo) {
  const Finished got = run_program({"eval", path("data"), "--recipe", "text_to_sql:samples=9", "-m",
                                    "scripted:" + path("script"), "--out", path("run"), "-q"});
  EXPECT_EQ(got.exit_code, 0) << got.err;
  const Json report = Json::parse(read_text(dir_ / "run/report.json"));
  EXPECT_EQ(report["rows"][0]["right"], 2);
}

TEST_F(SqlProgram, OneQuestionWithItsDatabase) {
  const std::vector<std::string> command = {
      "solve", "Titles of 2004?", "--recipe", "text_to_sql", "-m", "scripted:" + path("script"),
      "-q"};
  const Finished without = run_program(command);
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_NE(without.err.find("names no database"), std::string::npos) << without.err;
  std::vector<std::string> with = command;
  with.insert(with.end(), {"--database", path("db/library.sqlite")});
  const Finished got = run_program(with);
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_TRUE(got.out.starts_with("SELECT title")) << got.out;
}

}  // namespace
}  // namespace cairn::testkit
