// `cairn eval` as a user runs it, over a scripted model.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

#include "testkit/paths.h"
#include "testkit/program.h"

namespace cairn::testkit {
namespace {

using Json = nlohmann::json;

class Eval : public testing::Test {
 protected:
  Eval() {
    // Of the samples two thirds say 4, one third 5; greedy says 5.
    write_text(
        dir_ / "script",
        R"({"after": "<|assistant|>", "then": ["Two and two.\nThe answer is 4.\n", "Let me count.\nThe answer is 4.\n", "Hm <script>alert(1)</script>.\nThe answer is 5.\n"]})"
        "\n");
  }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  void write_questions(int count) const {
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines += R"({"id": "p)" + std::to_string(i) + R"(", "question": "2 + 2, number )" +
               std::to_string(i) + R"(?", "answer": "4"})" + "\n";
    write_text(dir_ / "data", lines);
  }

  std::vector<std::string> command(const std::string& out,
                                   std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"eval",
                                 path("data"),
                                 "-m",
                                 "scripted:" + path("script"),
                                 "--out",
                                 path(out),
                                 "-q",
                                 "--recipe",
                                 "cot,self_consistency:samples=8,stop_early=false"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  Json report(const std::string& out) const {
    return Json::parse(read_text(dir_ / out / "report.json"));
  }

  // Each attempt without its seconds, by arm, question and seed; fails on one that stands twice.
  std::map<std::string, std::string> attempts(const std::string& out) const {
    std::map<std::string, std::string> all;
    std::istringstream lines(read_text(dir_ / out / "attempts.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      Json json = Json::parse(line);
      json["usage"].erase("seconds");
      const std::string key =
          json["arm"].dump() + json["budget"].dump() + json["id"].dump() + json["seed"].dump();
      EXPECT_TRUE(all.emplace(key, json["answer"].dump() + json["traces"].dump()).second) << key;
    }
    return all;
  }

  std::size_t written(const std::string& out) const {  // bytes of attempts
    const auto file = dir_ / out / "attempts.jsonl";
    return std::filesystem::exists(file) ? std::filesystem::file_size(file) : 0;
  }

  TempDir dir_;
};

TEST_F(Eval, ARunIsCountedComparedAndReported) {
  write_questions(30);
  const Finished run = run_program(command("run", {"--seeds", "2"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(attempts("run").size(), 120u);
  const Json json = report("run");
  EXPECT_EQ(json["version"], 1);
  const Json &greedy = json["rows"][0], &vote = json["rows"][1];
  EXPECT_EQ(greedy["right"], 0);
  EXPECT_EQ(vote["attempts"], 60);
  EXPECT_EQ(vote["questions"], 30);
  // A vote of eight is won by 4 nearly always.
  EXPECT_GT(vote["accuracy"], 0.7);
  EXPECT_EQ(vote["fixed"], vote["right"]);
  EXPECT_EQ(vote["broken"], 0);
  EXPECT_NEAR(vote["at_k"][0]["pass"].get<double>(), 2.0 / 3, 0.08);
  EXPECT_EQ(vote["at_k"].size(), 4u);  // k = 1, 2, 4, 8
  ASSERT_EQ(json["pairs"].size(), 1u);
  EXPECT_LT(json["pairs"][0]["p"], 0.001);
  EXPECT_NE(run.out.find("| cot |"), std::string::npos);
  const std::string html = read_text(dir_ / "run" / "report.html");
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(1)"), std::string::npos);
}

TEST_F(Eval, BudgetsMakeACurve) {
  write_questions(10);
  const Finished run = run_program(command("run", {"--budget-tokens", "30,1000"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json json = report("run");
  ASSERT_EQ(json["rows"].size(), 4u);
  for (const Json& row : json["rows"])
    EXPECT_LE(row["generated_tokens"], row["budget"].get<int>() * 10);
  EXPECT_EQ(json["pairs"].size(), 2u);  // of equal budgets alone
  EXPECT_EQ(json["rows"][0]["recipe"], "cot");
  EXPECT_EQ(json["rows"][0]["budget"], 30);
  EXPECT_EQ(json["rows"][2]["recipe"], "cot");
  EXPECT_TRUE(json["rows"][1]["at_k"].empty());  // the budget cut the samples short
  for (const Json& curve : json["curves"]) EXPECT_EQ(curve["points"].size(), 2u);
}

// One question for all arms: none finds its prompt evaluated by another.
TEST_F(Eval, EveryArmPaysForItsPrompts) {
  write_questions(1);
  ASSERT_EQ(run_program(command("run", {"--seeds", "3"})).exit_code, 0);
  std::istringstream lines(read_text(dir_ / "run" / "attempts.jsonl"));
  std::set<int> greedy;
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    EXPECT_GT(json["usage"]["evaluated_tokens"], 0) << line;
    if (json["arm"] == "cot") greedy.insert(json["usage"]["evaluated_tokens"].get<int>());
  }
  EXPECT_EQ(greedy.size(), 1u);  // the same work each time
}

TEST_F(Eval, KilledAndResumedNothingIsLostOrDoneTwice) {
  write_questions(150);
  ASSERT_EQ(run_program(command("whole")).exit_code, 0);
  for (int kill = 0; kill < 3; ++kill) {
    const std::size_t before = written("run");
    Program killed(command("run", {"--resume", "--in-flight", "2"}));
    for (int wait = 0; wait < 2000 && written("run") <= before; ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    killed.signal(SIGKILL);
    EXPECT_EQ(killed.wait().exit_code, 128 + SIGKILL);  // it was at work
    EXPECT_GT(written("run"), before);
  }
  const Finished run = run_program(command("run", {"--resume"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(attempts("run"), attempts("whole"));
  EXPECT_EQ(report("run")["rows"][1]["right"], report("whole")["rows"][1]["right"]);
}

TEST_F(Eval, ABrokenItemIsNamedAndCounted) {
  write_text(dir_ / "data", R"({"id": "a", "question": "2 + 2?", "answer": "4"})"
                            "\nnot json\n"
                            R"({"id": "b", "question": "2 + 2?"})"
                            "\n");
  const Finished run = run_program(command("run"));
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find("line 2"), std::string::npos) << run.err;
  EXPECT_EQ(report("run")["complaints"].size(), 2u);
  EXPECT_EQ(report("run")["rows"][0]["questions"], 1);
}

TEST_F(Eval, RunsAreCompared) {
  write_questions(20);
  ASSERT_EQ(run_program(command("one")).exit_code, 0);
  ASSERT_EQ(run_program(command("two")).exit_code, 0);
  const Finished same = run_program({"eval", "--compare", path("one"), path("two")});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_NE(same.out.find("| +0.0 % |"), std::string::npos) << same.out;
  EXPECT_NE(same.out.find("noise"), std::string::npos);
  EXPECT_EQ(run_program({"eval", "--compare", path("one"), path("none")}).exit_code, 2);
}

TEST_F(Eval, AnotherPlanInTheSameFolderIsRefused) {
  write_questions(2);
  ASSERT_EQ(run_program(command("run")).exit_code, 0);
  EXPECT_EQ(run_program(command("run")).exit_code, 2);
  EXPECT_EQ(run_program(command("run", {"--resume", "--max-step-tokens", "9"})).exit_code, 2);
  EXPECT_EQ(run_program(command("run", {"--resume"})).exit_code, 0);
}

TEST_F(Eval, ArmsAreAddedToARun) {
  write_questions(2);
  ASSERT_EQ(run_program(command("run")).exit_code, 0);
  const auto before = attempts("run");
  const Finished more =
      run_program(command("run", {"--resume", "--seeds", "2", "--recipe", "best_of_n"}));
  EXPECT_EQ(more.exit_code, 0) << more.err;
  const auto after = attempts("run");
  EXPECT_EQ(before.size(), 4u);  // two recipes, two questions
  EXPECT_EQ(after.size(), 12u);  // three recipes, two seeds
  for (const auto& [key, attempt] : before) EXPECT_EQ(after.at(key), attempt);
}

// Five draws of a sample are a part of those of a larger budget.
TEST_F(Eval, WhatIsInTheCacheIsNotDrawnAgain) {
  write_questions(3);
  const std::vector<std::string> cache{"--cache", path("draws"), "--budget-tokens", "60,5"};
  ASSERT_EQ(run_program(command("first", cache)).exit_code, 0);
  ASSERT_EQ(run_program(command("second", cache)).exit_code, 0);
  ASSERT_EQ(run_program(command("plain", {"--budget-tokens", "60,5"})).exit_code, 0);
  EXPECT_EQ(attempts("first"), attempts("plain"));
  EXPECT_EQ(attempts("second"), attempts("plain"));
  for (std::size_t i = 0; i < 4; ++i) {
    const Json row = report("second")["rows"][i], plain = report("plain")["rows"][i];
    for (const char* cost : {"generated_tokens", "evaluated_tokens", "model_calls"})
      EXPECT_EQ(row[cost], plain[cost]) << row;
    if (row["recipe"] == "cot") {
      EXPECT_EQ(row["cached_tokens"], row["generated_tokens"]);
    }
    EXPECT_EQ(plain["cached_tokens"], 0);
  }
}

TEST_F(Eval, ADraftIsForTheRecipesThatUseOne) {
  write_questions(1);
  const std::vector<std::string> draft{"--draft", "scripted:" + path("script")};
  EXPECT_NE(run_program(command("run", draft)).err.find("no recipe uses"), std::string::npos);
  std::vector<std::string> used = draft;
  used.insert(used.end(), {"--recipe", "spec_reason"});
  const Finished run = run_program(command("run", used));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(report("run")["rows"].size(), 3u);
}

TEST_F(Eval, MistakesAreToldBeforeAnythingRuns) {
  write_questions(1);
  const auto with = [&](const std::string& recipe) {
    return run_program({"eval", path("data"), "--out", path("never"), "--recipe", recipe});
  };
  EXPECT_NE(with("beem").err.find("beam"), std::string::npos);
  EXPECT_NE(with("beam:widht=3").err.find("width"), std::string::npos);
  EXPECT_EQ(with("beam:width").exit_code, 2);
  EXPECT_EQ(with("cot,cot").exit_code, 2);
  EXPECT_NE(with("spec_reason").err.find("--draft"), std::string::npos);
  EXPECT_EQ(run_program({"eval", path("data")}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "never"));
}

// One line in the shape of each kind of data set: plain, with choices, with a passage apart.
TEST_F(Eval, DataSetsAreReadAsTheyAre) {
  write_text(
      dir_ / "data",
      R"({"id": "plain", "question": "2 + 2?", "answer": "4", "steps": ["2 + 2 = 4"], "meta": {}})"
      "\n"
      R"({"id": "choice", "question": "2 + 2?", "answer": "B", "choices": [["A", "5"], ["B", "4"]], "steps": []})"
      "\n"
      R"({"id": "passage", "question": "How many goals?", "answer": "4", "meta": {"passage": "They made four goals."}})"
      "\n"
      R"({"id": "chain", "question": "2 + 2?", "answer": "4", "steps": ["2 + 2 = 5"], "first_error": 0, "step_labels": [-1]})"
      "\n");
  const Finished run = run_program(command("run"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(report("run")["rows"][0]["questions"], 4);
  EXPECT_NE(read_text(dir_ / "run" / "attempts.jsonl").find("They made four goals.\\n\\nHow many"),
            std::string::npos);
}

// Each exercise is a question; "The answer is 4." is the state of none of them.
TEST_F(Eval, AProcedureOfTheGymIsData) {
  std::vector<std::string> gym = command("gym");
  gym[1] = "running_sum:difficulty=2,count=3";
  const Finished run = run_program(gym);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string attempts = read_text(std::filesystem::path(path("gym")) / "attempts.jsonl");
  for (const char* id : {"running_sum/2/1", "running_sum/2/2", "running_sum/2/3"})
    EXPECT_NE(attempts.find(id), std::string::npos) << id;
  EXPECT_EQ(std::count(attempts.begin(), attempts.end(), '\n'), 6);
  gym[1] = "running_sum:dificulty=2";
  const Finished wrong = run_program(gym);
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("difficulty"), std::string::npos) << wrong.err;
}

}  // namespace
}  // namespace cairn::testkit
