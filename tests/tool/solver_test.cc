// The solver tool, over every sandbox that this machine has.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cairn/error.h"
#include "cairn/tools.h"
#include "testkit/instrumented.h"
#include "testkit/paths.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"
#include "testkit/text.h"

namespace cairn {
namespace {

using testkit::repeated;
using testkit::run;

class SolverTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    setenv("CAIRN_SANDBOX", GetParam().c_str(), 1);
    const ToolResult probe = result("(check-sat)");
    if (probe.status == ToolStatus::refused) GTEST_SKIP() << probe.message;
  }
  void TearDown() override { unsetenv("CAIRN_SANDBOX"); }

  static ToolResult result(const std::string& text, ToolLimits limits = {.seconds = 20}) {
    return run(make_tool("solver", {.limits = limits, .warm = 0})->call(text));
  }
};

TEST_P(SolverTest, SmtLibIsAnswered) {
  const ToolResult got = result(
      "; a remark\n(declare-const x Int)(assert (= (* 6 x) 42))\n"
      "(check-sat)(get-value (x))(assert (> x 7))(check-sat)");
  EXPECT_EQ(got.status, ToolStatus::ok) << got.message;
  EXPECT_EQ(got.output, "sat\n((x 7))\nunsat\n");
  EXPECT_EQ(got.message, "");
}

const char* const kCats =
    "all x: cat(x) and hungry(x) -> not asleep(x)\ncat(Tom)\nhungry(Tom)\ncat(Tim)\n";

// Tom is awake by the rule; of Tim's hunger nothing is said.
TEST_P(SolverTest, LogicIsDecided) {
  const ToolResult got = result(std::string(kCats) +
                                "question: not asleep(Tom)\nquestion: asleep(Tom)\n"
                                "question: asleep(Tim)\nquestion: asleep(Tim) -> not hungry(Tim)");
  EXPECT_EQ(got.status, ToolStatus::ok) << got.message;
  EXPECT_EQ(got.output, "entailed\ncontradicted\nunknown\nentailed\n");
  EXPECT_EQ(got.message, "");
}

TEST_P(SolverTest, PremisesThatContradictOneAnotherAreSaid) {
  EXPECT_EQ(result(std::string(kCats) + "asleep(Tom)\nquestion: cat(Tom)").output,
            "inconsistent\n");
  EXPECT_EQ(result(std::string(kCats) + "asleep(Tom)").output, "inconsistent\n");
  EXPECT_EQ(result(kCats).output, "consistent\n");
}

TEST_P(SolverTest, WhatIsMalformedIsAnObservation) {
  const ToolResult logic = result("cat(Tom\nquestion: cat(Tom)");
  EXPECT_EQ(logic.status, ToolStatus::error);
  EXPECT_EQ(logic.message,
            "line 1: a comma or a closing bracket is missing at the end of the line\n");
  for (const char* script : {"(assert", "(assert x)", "(declare-const x)", "(assert 7)(check-sat)",
                             "(get-model)", "(echo \"a\") )"}) {
    const ToolResult got = result(script);
    EXPECT_EQ(got.status, ToolStatus::error) << script << got.output;
    EXPECT_EQ(got.message.substr(0, 13), "(error \"line ") << script;
    EXPECT_EQ(got.exit_status, 1);
  }
}

struct Attack {
  std::string name, expected, script;
};

// What each may end with; @FILE@ is a file that must not come to be.
std::vector<Attack> attacks() {
  return {
      {"factors", "ok|timeout",
       "(declare-const a (_ BitVec 64))(declare-const b (_ BitVec 64))(assert (= (bvmul a b) "
       "#x123456789abcdef1))(assert (bvult #x01 ((_ extract 7 0) a)))(assert (bvult a "
       "#x00000000ffffffff))(assert (bvult b #x00000000ffffffff))(check-sat)"},
      {"arithmetic", "ok|timeout",
       "(declare-fun f (Int) Int)(assert (forall ((x Int) (y Int)) (= (f (+ (* x x) y)) (+ 1 (* (f "
       "x) (f y))))))(assert (> (f 3) (f 2)))(check-sat)"},
      {"quantifiers", "ok|timeout|limit",
       "(declare-fun p (Int Int) Bool)(assert (forall ((x Int)) (exists ((y Int)) (and (> y x) (p "
       "x "
       "y) (forall ((z Int)) (=> (p y z) (exists ((w Int)) (and (p z w) (p w "
       "x)))))))))(check-sat)"},
      {"wide_quantifier", "ok|timeout|limit",
       "(declare-fun p (Int) Bool)(assert (forall (" + repeated("(x Int)", 20000) +
           ") (p x)))(check-sat)"},
      {"huge_bit_vector", "limit|timeout",
       "(declare-const b (_ BitVec 4000000000))(declare-const c (_ "
       "BitVec 4000000000))(assert (distinct b c))(check-sat)"},
      {"wide_multiplication", "limit|timeout",
       "(declare-const a (_ BitVec 400000))(declare-const b (_ BitVec 400000))(assert (= (bvmul a "
       "b) (bvadd a b)))(check-sat)"},
      {"repeat", "limit|error|timeout",
       "(assert (= ((_ repeat 1000000000) #x1) ((_ repeat 1000000000) #x2)))(check-sat)"},
      {"power", "ok|limit|timeout|error", "(assert (= (^ 7 10000000) (^ 7 9999999)))(check-sat)"},
      {"nested_not", "ok|limit|timeout|error",
       "(assert " + repeated("(not ", 100000) + "true" + repeated(")", 100000) + ")(check-sat)"},
      {"nested_let", "ok|limit|timeout|error",
       "(assert " + repeated("(let ((x true)) ", 50000) + "x" + repeated(")", 50000) +
           ")(check-sat)"},
      {"doubling_let", "ok|error|limit|timeout",
       "(set-option :interactive-mode true)(declare-fun f (Int Int) Int)(declare-const c "
       "Int)(assert (let ((x0 c)) " +
           [] {
             std::string lets;
             for (int i = 1; i <= 60; ++i)
               lets += "(let ((x" + std::to_string(i) + " (f x" + std::to_string(i - 1) + " x" +
                       std::to_string(i - 1) + "))) ";
             return lets;
           }() +
           "(= x60 c)" + repeated(")", 61) + ")(check-sat)(get-assertions)"},
      {"open_brackets", "error|timeout", "(assert " + repeated("(", 1000000)},
      {"stack", "ok|error|limit|timeout", repeated("(push 100000000)", 1000) + "(check-sat)"},
      {"echo_flood", "limit|timeout", repeated("(echo \"" + std::string(1000, 'a') + "\")", 500)},
      {"exit", "ok", "(exit)(echo \"ESCAPED\")"},
      {"output_file", "ok|error", "(set-option :regular-output-channel \"@FILE@\")(echo \"x\")"},
      {"diagnostics_file", "ok|error",
       "(set-option :diagnostic-output-channel \"@FILE@\")(check-sat)"},
      {"dump_models", "ok|error",
       "(set-option :model.dump true)(set-option :trace true)(set-option :trace_file_name "
       "\"@FILE@\")(declare-const x Int)(assert (> x 3))(check-sat)(get-model)"},
      {"proof_log", "ok|error",
       "(set-option :produce-proofs true)(set-option :proof_log \"@FILE@\")(set-option "
       ":sat.drat.file \"@FILE@\")(set-option :smt.proof.log \"@FILE@\")(assert false)(check-sat)"},
      {"include", "error", "(include \"/etc/passwd\")(get-include \"/etc/passwd\")"},
      {"more_memory", "limit|timeout|ok",
       "(set-option :memory_max_size 1000000)(set-option :memory_high_watermark 0)(declare-const a "
       "(_ BitVec 300000))(declare-const b (_ BitVec 300000))(assert (= (bvmul a b) (bvadd a "
       "b)))(check-sat)"},
      {"more_time", "timeout|limit|ok",
       "(set-option :timeout 4000000000)(declare-const a (_ BitVec 256))(declare-const b (_ BitVec "
       "256))(assert (= (bvurem (bvmul a a b) #x" +
           std::string(63, 'd') + "7) #x" + std::string(64, '1') +
           "))(assert (bvugt a b))(check-sat)"},
      {"python", "error|ok", "(echo \"\") \"))\nimport os; print('ESCAPED')\n"},
      {"nul", "error|ok", std::string("(check-sat)\0(echo \"x\")", 22)},
      {"bytes", "error|ok", "(echo \"\xff\xfe\x1b[2J\")(declare-const |\xff| Int)(check-sat"},
      {"logic_blow_up", "ok|timeout|limit",
       "all x: some y: p(x, y) and x != y\nall x, y, z: p(x, y) and p(y, z) -> p(x, z)\nall x: not "
       "p(x, x)\nquestion: some x: all y: p(y, x)"},
      {"logic_colours", "ok|timeout|limit", [] {
         std::string text = "all x: r(x) or g(x)\n";  // 40 things, each unlike 19 others
         for (int i = 0; i < 40; ++i)
           for (int j = i + 1; j < i + 20; ++j)
             text += "not (r(a" + std::to_string(i) + ") and r(a" + std::to_string(j % 40) + "))\n";
         return text + "question: g(a1)";
       }()}};
}

TEST_P(SolverTest, AttacksEndWithinTheirLimits) {
  const testkit::TempDir folder;
  const std::string file = (folder / "written").string();
  const ToolLimits limits{.seconds = 3, .memory = 256u << 20, .output = 20000};
  const auto tool = make_tool("solver", {.limits = limits, .parallel = 6});
  std::vector<Attack> list = attacks();
  std::vector<asio::awaitable<ToolResult>> calls;
  for (Attack& attack : list) {
    for (std::size_t at; (at = attack.script.find("@FILE@")) != std::string::npos;)
      attack.script.replace(at, 6, file);
    calls.push_back(tool->call(attack.script));
  }
  const std::vector<ToolResult> results = testkit::run_all(std::move(calls));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ToolResult& got = results[i];
    const std::string status(name_of(got.status));
    EXPECT_NE(("|" + list[i].expected + "|").find("|" + status + "|"), std::string::npos)
        << list[i].name << ": " << status << " " << got.exit_status << " "
        << got.output.substr(0, 200) << got.message.substr(0, 300);
    EXPECT_EQ(got.output.find("ESCAPED"), std::string::npos) << list[i].name;
    EXPECT_EQ(got.output.find("root:"), std::string::npos) << list[i].name;
    EXPECT_LE(got.output.size(), limits.output) << list[i].name;
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(run(tool->call("(check-sat)")).output, "sat\n");  // the pool goes on
}

INSTANTIATE_TEST_SUITE_P(Sandbox, SolverTest, testing::Values("bubblewrap", "landlock"),
                         [](const auto& info) { return info.param; });

// The tests above skip what this machine does not have; one of the two it must have.
TEST(SolverToolTest, ItRunsHere) {
  const ToolResult got = run(make_tool("solver")->call("(check-sat)"));
  EXPECT_EQ(got.output, "sat\n") << got.message;
}

}  // namespace
}  // namespace cairn
