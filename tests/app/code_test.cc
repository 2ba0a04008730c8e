// Programs as answers, as a user meets them: checked by running the tests of their line.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testkit/program.h"

namespace cairn::testkit {
namespace {

using Json = nlohmann::json;

class CodeProgram : public testing::Test {
 protected:
  CodeProgram() {
    write_text(
        dir_ / "script",
        R"({"after": "<|assistant|>", "then": ["```python\ndef f(x):\n    return x + 1\n```"]})"
        "\n");
    const Json right = {{"id", "right"},
                        {"question", "Write f."},
                        {"answer", "def f(x):\n    return 1 + x"},
                        {"tests", "assert f(1) == 2"}};
    const Json wrong = {{"id", "wrong"},
                        {"question", "Write f."},
                        {"answer", "def f(x):\n    return x + x"},
                        {"tests", {"assert f(1) == 2", "assert f(2) == 4"}}};
    write_text(dir_ / "data", right.dump() + "\n" + wrong.dump() + "\n");
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  Finished eval(const std::map<std::string, std::string>& environment = {}) const {
    return run_program({"eval", path("data"), "--recipe", "cot", "-m", "scripted:" + path("script"),
                        "--out", path("run"), "-q"},
                       environment);
  }
  Json row() const { return Json::parse(read_text(dir_ / "run/report.json"))["rows"][0]; }

  TempDir dir_;
};

TEST_F(CodeProgram, EvalRunsTheTests) {
  const Finished got = eval();
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_EQ(row()["right"], 1);
  EXPECT_EQ(row()["failed"], 0);
}

TEST_F(CodeProgram, CheckRunsThemOnTheOwnAnswers) {
  const Finished got = run_program({"eval", path("data"), "--check"});
  EXPECT_EQ(got.exit_code, 0) << got.out;
  EXPECT_NE(got.out.find("2 questions, 0 with a wrong answer"), std::string::npos) << got.out;
}

// One that nothing can be said of does not keep the others from being looked at.
TEST_F(CodeProgram, CheckNamesOwnAnswersThatDoNotEndByThemselves) {
  const Json crash = {{"id", "crash"},
                      {"question", "Write f."},
                      {"answer", "import ctypes\nctypes.string_at(0)"},
                      {"tests", "assert f(1) == 2"}};
  write_text(dir_ / "data", crash.dump() + "\n" + read_text(dir_ / "data"));
  const Finished got = run_program({"eval", path("data"), "--check"});
  EXPECT_EQ(got.exit_code, 3) << got.out;
  EXPECT_NE(got.out.find("crash: code: the program for \"crash\" was ended by: crash"),
            std::string::npos)
      << got.out;
  EXPECT_NE(got.out.find("3 questions, 1 with a wrong answer"), std::string::npos) << got.out;
}

// Where nothing can be run the attempts fail, and are not wrong answers.
TEST_F(CodeProgram, AttemptsFailWhereTheSandboxDoes) {
  const Finished got = eval({{"CAIRN_PYTHON", "/usr/bin/false"}});
  EXPECT_EQ(got.exit_code, 3) << got.err;
  EXPECT_NE(got.err.find("was refused"), std::string::npos) << got.err;
  EXPECT_EQ(row()["failed"], 2);
  // On a machine where it works they are made again.
  const Finished again =
      run_program({"eval", path("data"), "--recipe", "cot", "-m", "scripted:" + path("script"),
                   "--out", path("run"), "--resume", "-q"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(row()["failed"], 0);
  EXPECT_EQ(row()["right"], 1);
}

}  // namespace
}  // namespace cairn::testkit
