// `cairn solve` and its neighbours as a user runs them, over a scripted model.

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "testkit/paths.h"
#include "testkit/program.h"

namespace cairn::testkit {
namespace {

using Json = nlohmann::json;

class Solve : public testing::Test {
 protected:
  Solve() {
    // Of the samples two thirds say 4, one third 5.
    write_text(
        dir_ / "script",
        R"({"after": "<|assistant|>", "then": ["Two and two.\nThe answer is 4.\n", "Let me count.\nThe answer is 4.\n", "Hm.\nThe answer is 5.\n"]})"
        "\n");
    model_ = "scripted:" + (dir_ / "script").string();
  }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  Finished solve(std::vector<std::string> arguments,
                 const std::map<std::string, std::string>& environment = {},
                 const std::string& input = "") const {
    std::vector<std::string> all{"solve", "-m", model_};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(all, environment, input);
  }

  void write_problems(int count) const {
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines += R"({"id": "p)" + std::to_string(i) + R"(", "question": "What is 2 + 2, number )" +
               std::to_string(i) + R"(?", "answer": "4"})" + "\n";
    write_text(dir_ / "problems", lines);
  }

  // The results by id; fails on a broken line or an id that stands twice.
  std::map<std::string, Json> results(const std::string& name) const {
    std::map<std::string, Json> all;
    std::istringstream lines(read_text(dir_ / name));
    for (std::string line; std::getline(lines, line);) {
      const Json json = Json::parse(line, nullptr, false);
      EXPECT_TRUE(json.is_object()) << line;
      if (!json.is_object()) continue;
      EXPECT_TRUE(all.emplace(json["id"], json).second) << json["id"];
    }
    return all;
  }

  TempDir dir_;
  std::string model_;
};

TEST_F(Solve, PrintsTheAnswerAndTheCost) {
  const Finished run = solve({"What is 2 + 2?"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(run.out.starts_with("4\n")) << run.out;
  EXPECT_NE(run.out.find("generated"), std::string::npos);
  EXPECT_NE(run.err.find("The answer is 4."), std::string::npos);  // the steps
  EXPECT_EQ(solve({"What is 2 + 2?", "--quiet"}).err, "");
}

TEST_F(Solve, JsonHasTheFieldsThatProgramsRead) {
  const Finished run = solve({"-", "--json", "--recipe", "cot"}, {}, "What is 2 + 2?\n");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json json = Json::parse(run.out);
  EXPECT_EQ(json["answer"], "5");  // greedy: of three first bytes as likely, the lowest, "H"
  EXPECT_EQ(json["recipe"], "cot");
  EXPECT_EQ(json["model"], "scripted");
  EXPECT_EQ(json["stopped"], "done");
  EXPECT_EQ(json["confidence"], 1.0);
  for (const char* field :
       {"generated_tokens", "evaluated_tokens", "unique_tokens", "prompt_tokens", "judge_tokens",
        "judge_generated", "draft_tokens", "draft_generated", "model_calls", "seconds"})
    EXPECT_TRUE(json["usage"].contains(field)) << field;
  ASSERT_EQ(json["traces"].size(), 1u);
  EXPECT_EQ(json["traces"][0]["answer"], "5");
  EXPECT_EQ(json["traces"][0]["steps"].size(), 2u);
}

TEST_F(Solve, ASpentBudgetIsAPartialAnswer) {
  for (const int limit : {0, 1, 7, 30, 61}) {
    const Finished run =
        solve({"What is 2 + 2?", "--json", "--budget-tokens", std::to_string(limit)});
    EXPECT_EQ(run.exit_code, 4) << run.err;
    const Json json = Json::parse(run.out);
    EXPECT_EQ(json["stopped"], "budget");
    EXPECT_LE(json["usage"]["generated_tokens"], limit);
  }
  const Finished late = solve({"What is 2 + 2?", "--json", "--deadline", "0"});
  EXPECT_EQ(late.exit_code, 4);
  EXPECT_EQ(Json::parse(late.out)["stopped"], "deadline");
}

TEST_F(Solve, AQuestionMayFollowASetting) {
  const Finished run = solve({"--set", "samples=2", "--set", "stop_early=false", "What is 2 + 2?"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(Solve, TheSeedDecidesAndAFlagBeatsItsVariable) {
  const std::vector<std::string> question{"What is 2 + 2?", "--json", "--set",
                                          "samples=3",      "--set",  "stop_early=false"};
  const auto drawn = [&](const std::string& flag, const std::string& variable) {
    std::vector<std::string> arguments = question;
    if (!flag.empty()) arguments.insert(arguments.end(), {"--seed", flag});
    const auto environment = variable.empty()
                                 ? std::map<std::string, std::string>()
                                 : std::map<std::string, std::string>{{"CAIRN_SEED", variable}};
    return Json::parse(solve(arguments, environment).out)["traces"].dump();
  };
  EXPECT_EQ(drawn("5", ""), drawn("5", ""));
  EXPECT_EQ(drawn("", "5"), drawn("5", ""));
  EXPECT_EQ(drawn("5", "6"), drawn("5", ""));
  std::set<std::string> different;
  for (const char* seed : {"1", "2", "3", "4", "5", "6"}) different.insert(drawn(seed, ""));
  EXPECT_GT(different.size(), 1u);
}

TEST_F(Solve, WhatIsUnknownIsRefusedWithTheNearestName) {
  struct Case {
    std::vector<std::string> arguments;
    const char* nearest;
  };
  for (const Case& c :
       {Case{{"q", "--recipe", "self_consistancy"}, "self_consistency"},
        Case{{"q", "--set", "sample=3"}, "samples"},
        Case{{"q", "--budget-token", "3"}, "--budget-tokens"},
        Case{{"q", "--judge", "self_eva"}, "self_eval"},
        Case{{"q", "--segmenter", "lines"}, "line"}, Case{{"q", "--kv", "splitt"}, "split"},
        Case{{"q", "--cache-type-k", "q8"}, "q8_0"}, Case{{"q", "-fa", "auto"}, "on"}}) {
    const Finished run = solve(c.arguments);
    EXPECT_EQ(run.exit_code, 2) << run.err;
    EXPECT_NE(run.err.find(c.nearest), std::string::npos) << run.err;
  }
  for (const auto& arguments : std::vector<std::vector<std::string>>{{},
                                                                     {"q", "--set", "samples=0"},
                                                                     {"q", "--set", "samples=many"},
                                                                     {"q", "--set", "samples"},
                                                                     {"q", "--resume"},
                                                                     {"q", "--out", "x"},
                                                                     {"q", "--file", "x"},
                                                                     {"--file", "/does/not/exist"},
                                                                     {"q", "--temp", "-1"}})
    EXPECT_EQ(solve(arguments).exit_code, 2);
  EXPECT_EQ(run_program({"slove", "q"}).exit_code, 2);
  const Finished inner = run_program({"trace", "export", "--problm", "a", "t", "u"});
  EXPECT_TRUE(
      inner.err.starts_with("cairn trace export: there is no option \"--problm\". The nearest"))
      << inner.err;
  EXPECT_EQ(run_program({"solve", "-m", "qwen2.5-coder-0.5b-instruc", "q"}).exit_code, 2);
}

TEST_F(Solve, LlamaCppsShortNamesAreTaken) {
  const Finished run = solve({"q", "-np", "4", "-tb", "2", "-ub", "64", "-ngl", "0", "-t", "2",
                              "-fa", "on", "-ctk", "q8_0", "-ctv", "f16", "--no-repack", "--mmap"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(solve({"q", "-np", "0"}).exit_code, 2);  // it is --parallel, and checked as that
  EXPECT_EQ(solve({"q"}, {{"CAIRN_REPACK", "0"}, {"CAIRN_MMAP", "1"}}).exit_code, 0);
  EXPECT_EQ(solve({"q"}, {{"CAIRN_REPACK", "perhaps"}}).exit_code, 2);
  const Finished other = run_program({"solve", "q", "-hf", "no-such-form"});
  EXPECT_EQ(other.exit_code, 2) << other.err;
  EXPECT_NE(other.err.find("no-such-form"), std::string::npos) << other.err;
}

TEST_F(Solve, APromptOfTheUsersOwn) {
  write_text(dir_ / "p.md", "Mine.\n\n## user\n{question}\n\n## assistant\nSo:");
  write_text(dir_ / "own", R"({"after": "So:", "then": ["the answer is 8.\n"]})"
                           "\n");
  const std::vector<std::string> asked{"solve", "-m", "scripted:" + path("own"), "q", "-q"};
  auto with = asked;
  with.insert(with.end(), {"--prompt", path("p.md")});
  EXPECT_TRUE(run_program(with).out.starts_with("8\n"));
  EXPECT_TRUE(run_program(asked).out.starts_with("(no answer)"));
  with.back() = path("missing.md");
  EXPECT_EQ(run_program(with).exit_code, 2);
  with.back() = "sample/cott";
  EXPECT_NE(run_program(with).err.find("sample/cot"), std::string::npos);
  write_text(dir_ / "p.md", "no turn at all");
  with.back() = path("p.md");
  EXPECT_EQ(run_program(with).exit_code, 2);
}

TEST_F(Solve, ATraceIsALineFileOrAStoreAndBothTellTheSame) {
  for (const std::string name : {"t.jsonl", "t.db"}) {
    ASSERT_EQ(solve({"What is 2 + 2?", "-q", "--trace", path(name)}).exit_code, 0);
    const Finished stats = run_program({"trace", "stats", "--json", path(name)});
    ASSERT_EQ(stats.exit_code, 0) << stats.err;
    const Json json = Json::parse(stats.out);
    EXPECT_EQ(json["problems"], 1) << name;
    EXPECT_EQ(json["finished"], 1) << name;
    EXPECT_EQ(json["answered"], 1) << name;
  }
  const Finished lines = run_program({"trace", "show", path("t.jsonl")});
  const Finished store = run_program({"trace", "show", path("t.db")});
  const auto steps_of = [](const std::string& shown) {
    return shown.substr(0, shown.rfind("The answer is"));
  };
  EXPECT_EQ(steps_of(lines.out), steps_of(store.out));
  EXPECT_NE(lines.out.find("The answer is"), std::string::npos);
}

TEST_F(Solve, AFileOfProblems) {
  write_problems(20);
  const Finished run =
      solve({"--file", path("problems"), "--out", path("results"), "--trace", path("trace")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto all = results("results");
  ASSERT_EQ(all.size(), 20u);
  for (const auto& [id, json] : all) EXPECT_EQ(json["correct"], json["answer"] == "4") << id;
  const Finished valid = run_program({"trace", "validate", path("trace")});
  EXPECT_EQ(valid.exit_code, 0) << valid.out << valid.err;
}

TEST_F(Solve, ABrokenLineIsNamedAndOnlyItIsLost) {
  write_text(dir_ / "problems", R"({"id": "a", "question": "2 + 2?"})"
                                "\n{\"id\": \"b\"}\nnot json\n"
                                R"({"id": "a", "question": "again"})"
                                "\n"
                                R"({"id": 7, "question": "2 + 2?", "answer": 4})"
                                "\n");
  const Finished run = solve({"--file", path("problems"), "--out", path("results")});
  EXPECT_EQ(run.exit_code, 3);
  for (const char* line : {"line 2", "line 3", "line 4"})
    EXPECT_NE(run.err.find(line), std::string::npos) << run.err;
  EXPECT_EQ(results("results").size(), 2u);
}

TEST_F(Solve, KilledAtAnyMomentAndResumedNothingIsLostOrDoneTwice) {
  write_problems(120);
  ASSERT_EQ(solve({"--file", path("problems"), "--out", path("whole"), "-q"}).exit_code, 0);
  const auto whole = results("whole");
  ASSERT_EQ(whole.size(), 120u);
  std::mt19937 rng(17);
  for (int round = 0; round < 4; ++round) {
    std::filesystem::remove(dir_ / "results");
    int kills = 0;
    for (;; ++kills) {
      Program program({"solve", "-m", model_, "--file", path("problems"), "--out", path("results"),
                       "--resume", "-q"});
      std::this_thread::sleep_for(std::chrono::milliseconds(8 + rng() % 25));
      if (kills < 12) program.signal(SIGKILL);
      if (program.wait().exit_code == 0) break;
      ASSERT_LT(kills, 200);
    }
    auto resumed = results("results");
    ASSERT_EQ(resumed.size(), 120u);
    for (const auto& [id, json] : whole) {
      EXPECT_EQ(resumed[id]["answer"], json["answer"]) << id;
      EXPECT_EQ(resumed[id]["traces"], json["traces"]) << id;
    }
  }
}

// One question, killed in the middle of a search: the steps that the trace holds are not made
// again.
TEST_F(Solve, AKilledSearchGoesOnFromItsTrace) {
  const std::vector<std::string> search{"What is 2 + 2?", "--recipe", "beam",    "--json",
                                        "--trace",        path("t"),  "--resume"};
  const Json whole = Json::parse(solve(search).out);
  const std::string lines = read_text(dir_ / "t");
  const auto steps_in = [](const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("\"type\":\"step\"", at)) != std::string::npos; ++at)
      ++count;
    return count;
  };
  const std::size_t cut = lines.find('\n', lines.size() / 3) + 1;
  write_text(dir_ / "t", lines.substr(0, cut) + "{\"torn");
  const Finished again = solve(search);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const Json resumed = Json::parse(again.out);
  EXPECT_EQ(resumed["answer"], whole["answer"]);
  EXPECT_EQ(resumed["usage"]["generated_tokens"], whole["usage"]["generated_tokens"]);
  // The episode began again and is whole.
  const std::string after = read_text(dir_ / "t");
  EXPECT_EQ(steps_in(after), steps_in(lines) + steps_in(lines.substr(0, cut)));
}

TEST_F(Solve, ATornLineIsMended) {
  write_problems(3);
  write_text(dir_ / "results", R"({"id": "p0", "answer": "4"})"
                               "\n"
                               R"({"id": "p1", "ans)");
  const Finished run = solve({"--file", path("problems"), "--out", path("results"), "--resume"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(results("results").size(), 3u);
}

TEST_F(Solve, AFullDiskIsSaid) {
  write_problems(3);
  const Finished out = solve({"--file", path("problems"), "--out", "/dev/full"});
  EXPECT_EQ(out.exit_code, 1);
  EXPECT_NE(out.err.find("/dev/full"), std::string::npos) << out.err;
}

TEST_F(Solve, ASignalEndsInOrder) {
  std::string slow;  // a continuation that takes a while
  for (int i = 0; i < 4000; ++i) slow += "step " + std::to_string(i) + " of many\\n";
  write_text(dir_ / "script", R"({"after": "<|assistant|>", "then": [")" + slow +
                                  R"("]})"
                                  "\n");
  for (const int number : {SIGINT, SIGTERM}) {
    Program program({"solve", "-m", model_, "q", "--json", "--max-trace-tokens", "100000"});
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    program.signal(number);
    EXPECT_EQ(program.wait().exit_code, 128 + number);
  }
}

// ---- README: every command in it runs

TEST_F(Solve, TheReadmesCommandsRun) {
  write_problems(4);
  std::filesystem::rename(dir_ / "problems", dir_ / "problems.jsonl");
  std::istringstream readme(read_text(source_dir() / "README.md"));
  int commands = 0;
  bool code = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("```")) code = !code;
    if (!code) continue;
    if (line.starts_with("$ ")) line = line.substr(2);
    if (!line.starts_with("./cairn ")) continue;
    line.replace(0, 7, program_path().string() + " ");
    const std::string command = "cd '" + path("") + "' && " + line;
    const Finished run = Program("/bin/sh", {"-c", command}, {{"CAIRN_MODEL", model_}}, "").wait();
    EXPECT_EQ(run.exit_code, 0) << line << "\n" << run.err;
    ++commands;
  }
  EXPECT_GE(commands, 6);
}

// The words may be others on another processor, the answer is the same.
TEST(Readme, TheDefaultModelGivesTheTranscriptsAnswer) {
  const std::string info = run_program({"models", "info", "qwen2.5-coder-0.5b-instruct"}).out;
  if (info.find("pulled   yes") == std::string::npos) GTEST_SKIP() << "it was not pulled";
  const std::string readme = read_text(source_dir() / "README.md");
  const std::size_t begin = readme.find("$ ./cairn solve --recipe cot \"");
  ASSERT_NE(begin, std::string::npos);
  const std::string transcript = readme.substr(begin, readme.find("```", begin) - begin);
  const std::size_t question = transcript.find('"') + 1;
  const Finished run =
      run_program({"solve", "--recipe", "cot",
                   transcript.substr(question, transcript.find('"', question) - question)},
                  {{"CAIRN_MODEL", ""}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const std::string answer = run.out.substr(0, run.out.find('\n') + 1);
  EXPECT_NE(transcript.find("\n" + answer), std::string::npos) << run.out;
}

TEST_F(Solve, TheReadmeListsEveryRecipe) {
  const std::string readme = read_text(source_dir() / "README.md");
  std::istringstream recipes(run_program({"recipes"}).out);
  int listed = 0;
  for (std::string name, rest; recipes >> name && std::getline(recipes, rest); ++listed)
    EXPECT_NE(readme.find("| `" + name + "` |"), std::string::npos) << name;
  EXPECT_GE(listed, 30);
}

}  // namespace
}  // namespace cairn::testkit
