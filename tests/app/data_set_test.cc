// Public data sets: a sample of each, made up in its shape (tests/data/data_sets.json).

#include "app/data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/eval_data.h"
#include "cairn/answer.h"
#include "cairn/error.h"
#include "cairn/task.h"
#include "testkit/paths.h"
#include "testkit/temp_dir.h"

namespace cairn::app {
namespace {

using nlohmann::json;
using testkit::TempDir;
using testkit::write_text;

json samples() {
  return json::parse(testkit::read_text(testkit::source_dir() / "tests/data/data_sets.json"));
}

// The samples as they would lie on a disk.
class DataSets : public testing::Test {
 protected:
  std::string write(const std::string& name, const json& lines) const {
    std::string text;
    for (const json& line : lines) text += line.dump() + "\n";
    std::filesystem::create_directories(dir_ / name);
    write_text(dir_ / name / "train.jsonl", text);
    return (dir_ / name / "train.jsonl").string();
  }

  std::vector<Problem> read(const std::string& name) const {
    if (name == "path_question") write_base();
    const ProblemFile file = read_eval_data(write(name, samples().at(name)), false, 0);
    EXPECT_TRUE(file.complaints.empty()) << name << ": " << file.complaints.front();
    return file.problems;
  }

  void write_base() const {
    std::filesystem::create_directories(dir_ / "path_question");
    write_text(dir_ / "path_question" / "kb_2h.jsonl",
               R"({"s": "ann_lee", "r": "children", "o": "bob_lee"})"
               "\n"
               R"({"s": "bob_lee", "r": "profession", "o": "ship_builder"})"
               "\n"
               R"({"s": "bob_lee", "r": "profession", "o": "poet"})"
               "\n"
               R"({"s": "poet", "r": "far", "o": "away"})"
               "\n");
  }

  TempDir dir_;
};

TEST_F(DataSets, EverySetHasASampleThatIsReadAndRightByItsOwnRules) {
  const json all = samples();
  for (const std::string& name : data_set_names()) {
    ASSERT_TRUE(all.contains(name)) << name;
    const std::vector<Problem> problems = read(name);
    EXPECT_GE(problems.size(), all[name].size()) << name;
    const std::string task = DataSet(write(name, all[name])).task();
    const auto wrong = wrong_golds(problems, task.empty() ? nullptr : &find_task(task));
    EXPECT_TRUE(wrong.empty()) << name << ": " << wrong.front().id << ": " << wrong.front().why;
  }
}

bool right(const Problem& problem, const std::string& text) {
  const auto answer = extract_answer(text, problem);
  return answer && check_answer(answer->answer, problem).verdict == Equality::equal;
}

// As a model would write it, and another answer.
TEST_F(DataSets, AnswersAreFoundAndComparedAsTheSetWants) {
  EXPECT_TRUE(right(read("strategyqa")[0], "It floats.\nSo the answer is \\boxed{No}."));
  EXPECT_FALSE(right(read("strategyqa")[0], "So the answer is \\boxed{Yes}."));
  EXPECT_TRUE(right(read("path_question")[0], "The answer is Poet."));
  EXPECT_TRUE(right(read("bbh")[1], "The answer is (B)."));
  EXPECT_TRUE(right(read("drop_decomp")[0], "The answer is 47."));
}

TEST_F(DataSets, ListsSetsAndRows) {
  const std::vector<Problem> asdiv = read("asdiv");
  EXPECT_TRUE(right(asdiv[1], "So the answer is 11 and 9."));
  EXPECT_FALSE(right(asdiv[1], "So the answer is 9 and 10."));
  EXPECT_TRUE(right(asdiv[3], "\\boxed{-\\frac{1}{3}}"));
  EXPECT_FALSE(right(asdiv[3], "\\boxed{\\frac{1}{3}}"));
  EXPECT_TRUE(right(asdiv[2], "The answer is 3:4."));
  EXPECT_FALSE(right(asdiv[2], "The answer is 4:3."));
  const std::vector<Problem> babi = read("babi");
  EXPECT_TRUE(right(babi[1], "\\boxed{cow, owl}"));
  EXPECT_FALSE(right(babi[1], "\\boxed{cow}"));
  EXPECT_TRUE(right(babi[2], "\\boxed{n, e}"));
  EXPECT_FALSE(right(babi[2], "\\boxed{e, n}"));
  EXPECT_TRUE(right(read("commaqa_e")[0], "The answer is Wax, Con, and Hay."));
  EXPECT_TRUE(right(read("inductive")[0], "The outputs are:\n[\"[9]\", \"[]\"]"));
  EXPECT_TRUE(right(read("inductive")[1], "[[[0,0],[1,1]]]"));
  EXPECT_FALSE(right(read("inductive")[1], "[[[0,0],[1,0]]]"));
  EXPECT_TRUE(
      right(read("logicgame")[0],
            "```json\n{\"answer\": [\"0\", \"0\", \"7\"], \"process\": [\"[A] -> [C]\"]}\n```"));
  EXPECT_TRUE(right(read("mini_crosswords")[0], "\\boxed{agend, wirer, amove, risen, exert}"));
  EXPECT_FALSE(right(read("mini_crosswords")[0], "\\boxed{agend, wirer, amove, risen, exact}"));
}

TEST_F(DataSets, SolutionsThatAreToBeJudgedAreShown) {
  const std::vector<Problem> problems = read("mathcheck_gsm");
  ASSERT_EQ(problems.size(), 4u);
  EXPECT_EQ(problems[2].question,
            "Ann has 2 owls and Bob 3. How many in all?\n\nA solution:\nStep 1: Ann has 2.\n"
            "Step 2: 2 + 3 = 6.\n\nWhich step is the first that is wrong?");
  EXPECT_TRUE(right(problems[2], "The answer is step 2."));
  EXPECT_FALSE(right(problems[2], "The answer is step 1."));
  EXPECT_FALSE(right(problems[3], "The answer is Correct."));
}

std::string refusal(const std::string& path) {
  try {
    read_eval_data(path, false, 0);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(DataSets, WhatHoldsNoQuestionsIsRefusedWithTheReason) {
  const auto refused = [&](const std::string& name, const json& line) {
    return refusal(write(name, json::array({line})));
  };
  const json question = {{"id", "u"}, {"question", "Write a file."}, {"answer", "1. Write"}};
  EXPECT_THAT(refused("ultratool_planning", question), testing::HasSubstr("plans in free words"));
  EXPECT_THAT(refused("kb", {{"s", "ann"}, {"r", "is"}, {"o", "old"}}),
              testing::HasSubstr("facts of a knowledge base"));
  EXPECT_THAT(refused("raw", {{"labeler", "x"}, {"question", json::object()}}),
              testing::HasSubstr("labels of steps"));
  EXPECT_THAT(refused("raw", {{"input", "1 + 1"}, {"label", "1 + 1"}}),
              testing::HasSubstr("labels of steps"));
  json chain = question;
  chain["step_labels"] = {1, -1};
  EXPECT_THAT(refused("chains", chain), testing::HasSubstr("cairn bench judges"));
}

TEST_F(DataSets, QuestionsAreWhole) {
  EXPECT_EQ(read("path_question")[0].question,
            "ann lee -> children -> bob lee\nbob lee -> profession -> ship builder\n"
            "bob lee -> profession -> poet\n\nwhat is ann lee 's child 's job ?\n"
            "Answer with the last name alone.");
  EXPECT_EQ(read("bbh")[1].question, "Which one is a bird?");  // its options are choices
  EXPECT_NE(read("bbh")[2].question.find("- Yes"), std::string::npos);
  EXPECT_EQ(read("breakpoint_samples").size(), 4u);
  EXPECT_EQ(read("breakpoint_samples")[1].question,
            "Ann went to the hall\nIs this so? Ann is in the bath\nAnswer yes, no or maybe.");
  EXPECT_NE(read("drop_decomp")[0].question.find("A goal of 40 yards"), std::string::npos);
}

TEST_F(DataSets, WhatCannotBeAskedIsToldOfOnce) {
  json lines = samples().at("mathcheck_gsm");
  for (int i = 0; i < 3; ++i)
    lines.push_back({{"id", std::to_string(i)},
                     {"question", "?"},
                     {"answer", "Correct"},
                     {"meta", {{"task_type", "drawing"}}}});
  const ProblemFile file = read_eval_data(write("mathcheck_gsm", lines), false, 0);
  EXPECT_EQ(file.problems.size(), 4u);
  ASSERT_EQ(file.complaints.size(), 1u);
  EXPECT_NE(file.complaints[0].find("(3 lines)"), std::string::npos) << file.complaints[0];
}

TEST_F(DataSets, LinesOfAnotherShapeAreNamed) {
  json lines = samples().at("mathcheck_gsm");
  lines.push_back({{"id", "other"}, {"question", "?"}, {"answer", "x"}});
  const ProblemFile file = read_eval_data(write("mathcheck_gsm", lines), false, 0);
  EXPECT_EQ(file.problems.size(), 4u);
  ASSERT_EQ(file.complaints.size(), 1u);
  EXPECT_NE(file.complaints[0].find("line 5"), std::string::npos) << file.complaints[0];
}

TEST(EvalData, AnOpenProcedureBringsItsTaskAndAnotherNone) {
  for (const char* name : {"countdown", "game24", "blocksworld", "igsm"}) {
    const ProblemFile file = read_eval_data(std::string(name) + ":difficulty=2,count=3", false, 0);
    EXPECT_EQ(file.task, name);
    EXPECT_EQ(file.problems.size(), 3u);
    EXPECT_TRUE(wrong_golds(file.problems, &find_task(file.task)).empty());
  }
  EXPECT_EQ(read_eval_data("gcd:count=1", false, 0).task, "");
}

}  // namespace
}  // namespace cairn::app
