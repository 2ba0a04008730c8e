// `cairn eval` as a user runs it, over a scripted model.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

#include "cairn/procedure.h"
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
    Program killed(command("run", {"--resume", "--parallel", "2"}));
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

// Where tools/check_report --install was run once; ./test does not.
TEST_F(Eval, ChromiumHasNoComplaintsAboutTheReport) {
  write_questions(4);
  ASSERT_EQ(run_program(command("run")).exit_code, 0);
  const std::string page = path("run/report.html");
  const std::string check = (source_dir() / "tools/check_report").string();
  const Finished looked = Program(check, {page}, {}, "").wait();
  if (looked.err.find("Run it with --install") != std::string::npos) GTEST_SKIP() << looked.err;
  EXPECT_EQ(looked.exit_code, 0) << looked.out << looked.err;
  EXPECT_NE(looked.out.find("\"complaints\": 0"), std::string::npos) << looked.out;
  write_text(page, "<!doctype html><title>wide</title><pre>" + std::string(4000, 'x') + "</pre>");
  const Finished wide = Program(check, {page}, {}, "").wait();
  EXPECT_EQ(wide.exit_code, 1);
  EXPECT_NE(wide.out.find("wider than the window"), std::string::npos) << wide.out << wide.err;
}

TEST_F(Eval, ReportsAreWrittenAgainFromWhatLiesThere) {
  write_questions(5);
  ASSERT_EQ(run_program(command("run")).exit_code, 0);
  const std::string before = read_text(dir_ / "run" / "report.html");
  for (const char* name : {"report.html", "report.json"})
    std::filesystem::remove(dir_ / "run" / name);
  const Finished again = run_program({"eval", "--report", path("run")});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, read_text(dir_ / "run" / "report.md"));
  EXPECT_EQ(read_text(dir_ / "run" / "report.html"), before);
  const Finished none = run_program({"eval", "--report", path("none")});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("none holds no run"), std::string::npos) << none.err;
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
  const Json plan = Json::parse(read_text(dir_ / "run" / "plan.json"));
  EXPECT_EQ(plan["recipes"].size(), 3u);
  EXPECT_EQ(plan["seeds"], 2);
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
    for (const char* part : {"judge_generated", "draft_tokens", "draft_generated"})
      EXPECT_EQ(plain[part], 0) << part;  // nobody asked a judge, and there is no second model
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
  EXPECT_EQ(run_program(command("run", {"--resume"})).exit_code, 0);  // none of these uses one
  EXPECT_EQ(run_program(command("run", {"--resume", "--recipe", "ab_mcts"})).exit_code, 2);
  const auto sorted = nlohmann::json::parse(read_text(dir_ / "run" / "plan.json"));
  write_text(dir_ / "run" / "plan.json", sorted.dump());
  used.push_back("--resume");
  EXPECT_EQ(run_program(command("run", used)).exit_code, 0);
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

// One line in the shape of each kind of file.
TEST_F(Eval, FilesAreReadAsTheyAre) {
  write_text(
      dir_ / "data",
      R"({"id": "plain", "question": "2 + 2?", "answer": "4", "steps": ["2 + 2 = 4"], "meta": {}})"
      "\n"
      R"({"id": "choice", "question": "2 + 2?", "answer": "B", "choices": [["A", "5"], ["B", "4"]], "steps": []})"
      "\n"
      R"({"id": "passage", "question": "How many goals?", "answer": "4", "meta": {"passage": "They made four goals."}})"
      "\n"
      R"({"id": "kind", "question": "2 + 2?", "answer": "4", "kind": "number", "extract": "the_answer_is"})"
      "\n");
  const Finished run = run_program(command("run"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(report("run")["rows"][0]["questions"], 4);
  EXPECT_NE(read_text(dir_ / "run" / "attempts.jsonl").find("They made four goals.\\n\\nHow many"),
            std::string::npos);
}

TEST_F(Eval, LabelledChainsAreNoQuestions) {
  write_text(
      dir_ / "data",
      R"({"id": "a", "question": "2 + 2?", "answer": "4", "steps": ["2 + 2 = 5"], "first_error": 0, "step_labels": [-1]})"
      "\n");
  const Finished run = run_program(command("run"));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("bench judges"), std::string::npos) << run.err;
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

TEST_F(Eval, StepsOfExercisesAreCompared) {
  const Exercise made = exercise("running_sum", 1, 2);
  std::string right, short_of_one;
  for (const std::string& step : made.steps) {
    short_of_one = right;
    right += step + "\\n";
  }
  write_text(dir_ / "script", R"({"after": "<|assistant|>", "then": [")" + right + "\"]}\n");
  std::vector<std::string> gym = command("whole", {"--max-trace-tokens", "4000"});
  gym[1] = "running_sum:difficulty=2,count=1";
  ASSERT_EQ(run_program(gym).exit_code, 0);
  Json steps = report("whole")["rows"][0]["steps"];
  EXPECT_EQ(steps["sequence"], 1);
  EXPECT_EQ(steps["final"], 1);
  EXPECT_EQ(steps["accuracy"], 1);
  EXPECT_EQ(steps["edits"], 0);
  write_text(dir_ / "script", R"({"after": "<|assistant|>", "then": [")" + short_of_one + "\"]}\n");
  gym[5] = path("short");
  ASSERT_EQ(run_program(gym).exit_code, 0);
  steps = report("short")["rows"][0]["steps"];
  const auto all = static_cast<double>(made.steps.size());
  EXPECT_EQ(steps["sequence"], 0);
  EXPECT_DOUBLE_EQ(steps["accuracy"], (all - 1) / all);
  EXPECT_EQ(steps["valid"], 1);
  EXPECT_EQ(steps["edits"], 1);
  EXPECT_NE(read_text(dir_ / "short" / "report.md").find("## Steps"), std::string::npos);
}

// The second move is wrong: one of two is legal.
TEST_F(Eval, MovesOfATaskAreChecked) {
  std::filesystem::create_directories(dir_ / "game24");
  write_text(dir_ / "game24" / "train.jsonl",
             R"~({"id": "g", "question": "4 4 6 8", "answer": "(4 + 8) * (6 - 4)"})~"
             "\n");
  write_text(
      dir_ / "script",
      R"~({"after": "<|assistant|>", "then": ["4 + 8 = 12 (left: 4 6 12)\n6 - 4 = 3 (left: 3 12)\n"]})~"
      "\n");
  std::vector<std::string> all = command("run");
  all[1] = path("game24/train.jsonl");
  ASSERT_EQ(run_program(all).exit_code, 0);
  const Json steps = report("run")["rows"][0]["steps"];
  EXPECT_EQ(steps["valid"], 0.5);
  EXPECT_EQ(steps["final"], 0);
  EXPECT_FALSE(steps.contains("accuracy"));
  EXPECT_EQ(steps["hazard"][0], (Json{{"reached", 1}, {"wrong", 0}}));
  EXPECT_EQ(steps["hazard"][1], (Json{{"reached", 1}, {"wrong", 1}}));
}

TEST_F(Eval, DataIsCheckedWithoutAModel) {
  write_text(dir_ / "data", R"({"id": "a", "question": "2 + 2?", "answer": "4"})"
                            "\n"
                            R"({"id": "b", "question": "3 + 3?", "answer": " "})"
                            "\n");
  const Finished run = run_program({"eval", path("data"), "--check"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.out.find("b: the answer given is not right"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("2 questions, 1 with a wrong answer, 0 complaints"), std::string::npos);
}

// The model says 4 whatever stands before: nothing that is changed changes it.
TEST_F(Eval, FaithfulnessIsTestedAndGoesOn) {
  std::string script =
      R"({"after": "<|assistant|>", "then": ["2 is even.\nSo 2 + 2 = 4.\nThe answer is 4.\n"]})"
      "\n"
      R"({"after": "Write the line alone.<|assistant|>", "then": ["In other words.\n"]})"
      "\n"
      R"({"after": "In other words.\n", "then": ["The answer is 4.\n"]})"
      "\n"
      R"({"after": " is even.\n", "then": ["So 2 + 2 = 4.\nThe answer is 4.\n"]})"
      "\n"
      R"({"after": "The answer is", "then": [" 4.\n"]})"
      "\n";
  for (int n = 4; n <= 13; ++n)
    script += R"({"after": "2 + 2 = )" + std::to_string(n) +
              R"(.\n", "then": ["The answer is 4.\n"]})" + "\n";
  write_text(dir_ / "script", script);
  write_questions(5);
  ASSERT_EQ(run_program(command("run")).exit_code, 0);
  std::vector<std::string> test{
      "eval", "--faithfulness", path("run"), "-m", "scripted:" + path("script"), "-q"};
  std::vector<std::string> first = test;
  first.insert(first.end(), {"--limit", "2"});
  ASSERT_EQ(run_program(first).exit_code, 0);
  EXPECT_EQ(report("run")["faithfulness"][0]["chains"], 2);
  const Finished rest = run_program(test);
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  const Json rows = report("run")["faithfulness"];
  ASSERT_EQ(rows.size(), 4u);
  for (const Json& row : rows) {
    EXPECT_EQ(row["chains"], 5) << row;
    EXPECT_EQ(row["same"], 1) << row;
  }
  EXPECT_EQ(rows[0]["changes"], 15);  // cuts after 0, 1 and 2 steps
  EXPECT_NE(read_text(dir_ / "run" / "report.html").find("Faithfulness"), std::string::npos);
  write_text(dir_ / "other", R"({"after": "<|assistant|>", "then": ["Hm."]})"
                             "\n");
  test[4] = "scripted:" + path("other");
  EXPECT_EQ(run_program(test).exit_code, 2);
  EXPECT_EQ(run_program({"eval", "--faithfulness", path("none")}).exit_code, 2);
}

TEST_F(Eval, AutoIsFittedOnARunAndSolves) {
  write_questions(60);
  std::vector<std::string> all = command("run");
  all.back() = "best_of_n:samples=8,best_of_n:samples=1,temperature=0,cot";
  ASSERT_EQ(run_program(all).exit_code, 0);
  const Finished fit =
      run_program({"eval", "--fit-auto", path("run"), "--out", path("routes.json")});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_NE(fit.out.find("auto, cross-validated"), std::string::npos) << fit.out;
  const Json routes = Json::parse(read_text(dir_ / "routes.json"));
  EXPECT_EQ(routes["probe"], 4);
  EXPECT_EQ(routes["fitted_on"]["attempts"], 60);
  const Finished solved =
      run_program({"solve", "2 + 2?", "-m", "scripted:" + path("script"), "--recipe", "auto",
                   "--set", "routes=" + path("routes.json"), "-q"});
  EXPECT_EQ(solved.exit_code, 0) << solved.err;
  EXPECT_EQ(run_program({"eval", "--fit-auto", path("run")}).exit_code, 2);
}

TEST_F(Eval, AutoIsFittedOnSeveralRunsOfTheSameArms) {
  write_questions(30);
  for (const std::string run : {"run", "more", "other"}) {
    std::vector<std::string> all = command(run);
    all.back() = "best_of_n:samples=8,best_of_n:samples=1,temperature=0";
    if (run != "other") all.back() += ",cot";
    ASSERT_EQ(run_program(all).exit_code, 0);
  }
  const auto fit = [&](const std::string& second) {
    return run_program({"eval", "--fit-auto", path("run"), "--fit-auto", path(second), "--out",
                        path("routes.json")});
  };
  const Finished both = fit("more");
  ASSERT_EQ(both.exit_code, 0) << both.err;
  const Json fitted_on = Json::parse(read_text(dir_ / "routes.json"))["fitted_on"];
  EXPECT_EQ(fitted_on["attempts"], 60);  // one run is too few
  EXPECT_EQ(fitted_on["data"].size(), 2u);
  const Finished unlike = fit("other");
  EXPECT_EQ(unlike.exit_code, 2);
  EXPECT_NE(unlike.err.find("not of the same arms"), std::string::npos) << unlike.err;
}

}  // namespace
}  // namespace cairn::testkit
