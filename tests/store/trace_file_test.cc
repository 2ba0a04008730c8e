#include "store/trace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "cairn/error.h"
#include "store/jsonl_log.h"
#include "testkit/sample_run.h"
#include "testkit/temp_dir.h"

namespace cairn::store {
namespace {

using testing::HasSubstr;
using testkit::kBadBytes;
using testkit::read_text;
using testkit::TempDir;
using testkit::write_text;

const RunInfo kWrittenRun{.model = "scripted",
                          .fingerprint = "f00d",
                          .reproducible = false,
                          .notes = "GPU",
                          .judge = "logprob",
                          .settings = {{"samples", "2"}, {"odd", "\xFE"}}};

std::string sample_file(const std::filesystem::path& path) {
  JsonlTraceLog log(path, kWrittenRun);
  testkit::log_sample_run(log, "p1");
  return read_text(path);
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void expect_sample(const Episode& episode, const std::string& id) {
  const Problem& problem = episode.problem.problem;
  const Problem wanted = testkit::sample_problem(id);
  EXPECT_EQ(problem.id, id);
  EXPECT_EQ(problem.question, wanted.question);
  EXPECT_EQ(problem.answer, wanted.answer);
  ASSERT_EQ(problem.choices.size(), 2u);
  EXPECT_EQ(problem.choices[1].text, "7\xFF");
  EXPECT_EQ(episode.problem.seed, 42u);
  EXPECT_EQ(episode.problem.run, kWrittenRun);
  const Tree& tree = episode.tree;
  ASSERT_EQ(tree.size(), 4u);
  const Step& last = tree[2].trace.last();
  EXPECT_EQ(tree[2].trace.text(), "48/2=24\nThe answer is 72.");
  EXPECT_EQ(last.answer, "72");
  EXPECT_EQ(last.stop, Stop::end_of_text);
  EXPECT_EQ(last.rewards, (std::map<std::string, float>{{"logprob", 0.75f}}));
  ASSERT_EQ(last.judge_usage.count("logprob"), 1u);
  EXPECT_EQ(last.judge_usage.at("logprob").generated_tokens, 4);
  EXPECT_EQ(last.judge_usage.at("logprob").evaluated_tokens, 50);
  EXPECT_EQ(last.judge_usage.at("logprob").model_calls, 2);
  EXPECT_EQ(last.tool, (ToolUse{"calculator", "48+24", "error", kBadBytes, "no\n", 3, 0.25}));
  EXPECT_EQ(last.seed, 18'446'744'073'709'551'615u);
  EXPECT_EQ(last.tokens, (std::vector<Token>{0, 151'935, 7}));
  EXPECT_EQ(last.logprobs, testkit::sample_step("").logprobs);
  EXPECT_EQ(last.entropies, testkit::sample_step("").entropies);
  EXPECT_EQ(last.rewards.at("logprob"), 0.75f);
  EXPECT_EQ(last.usage.evaluated_tokens, 5);
  EXPECT_EQ(tree[2].trace.end(), End::done);
  EXPECT_EQ(tree[3].trace.last().text, kBadBytes);
  EXPECT_EQ(tree[3].trace.end(), End::cut);
  // Step 1 was visited twice and is on the path to the answer.
  EXPECT_EQ(tree.stats(1),
            (NodeStats{.visit_count = 2, .value = 0.5f, .prior = 0.25f, .chosen = true}));
  EXPECT_TRUE(tree[2].chosen);
  EXPECT_FALSE(tree[3].chosen);
  ASSERT_TRUE(episode.outcome);
  EXPECT_EQ(episode.outcome->answer, "72");
  EXPECT_EQ(episode.outcome->stopped, Stopped::budget);
  EXPECT_EQ(episode.outcome->usage.unique_tokens, 14);
  EXPECT_EQ(episode.outcome->usage.judge_tokens, 3);
  EXPECT_EQ(episode.outcome->usage.judge_generated, 2);
  EXPECT_EQ(episode.outcome->usage.draft_tokens, 6);
  EXPECT_EQ(episode.outcome->usage.draft_generated, 1);
  EXPECT_EQ(episode.outcome->usage.seconds, 1.5);
  EXPECT_EQ(episode.outcome->traces,
            (std::vector<FinishedLine>{{2, "72", 0.75f, 2}, {3, std::nullopt, 0.0f, 1}}));
  EXPECT_EQ(episode.outcome->chosen, (std::vector<std::uint64_t>{1, 2}));
}

TEST(TraceFile, WhatWasLoggedIsReadBack) {
  const TempDir dir;
  const std::string text = sample_file(dir / "t.jsonl");
  EXPECT_EQ(lines_in(text), 7u);  // problem, 3 steps, reward, node, outcome
  const TraceFile file = read_trace_file(dir / "t.jsonl");
  EXPECT_TRUE(file.broken.empty());
  EXPECT_FALSE(file.torn);
  ASSERT_EQ(file.episodes.size(), 1u);
  expect_sample(file.episodes[0], "p1");
}

TEST(TraceFile, EachObjectBeginsWithTheSchemaAndIsValidUtf8) {
  const TempDir dir;
  const std::string text = sample_file(dir / "t.jsonl");
  std::size_t start = 0;
  for (std::size_t line = 0; line < lines_in(text); ++line) {
    EXPECT_EQ(text.compare(start, 11, "{\"schema\":1"), 0) << line;
    start = text.find('\n', start) + 1;
  }
  EXPECT_TRUE(nlohmann::json::accept(text.substr(0, text.find('\n'))));
}

TEST(TraceFile, ExportedRecordsReadBackTheSame) {
  const TempDir dir;
  sample_file(dir / "t.jsonl");
  std::string text;
  for (const Record& record : records_of(read_trace_file(dir / "t.jsonl").episodes[0]))
    text += to_line(record);
  write_text(dir / "u.jsonl", text);
  expect_sample(read_trace_file(dir / "u.jsonl").episodes.at(0), "p1");
}

// As files were before a reward had its usage and steps their entropies.
TEST(TraceFile, OlderRecordsAreReadTheSame) {
  const TempDir dir;
  std::string text = sample_file(dir / "t.jsonl");
  const auto cut = [&](const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from))
      text.erase(at, text.find(to, at) - at);
  };
  cut(",\"entropies\":[", ",\"rewards\"");
  const auto reward = text.find("{\"schema\":1,\"type\":\"reward\"");
  const auto end = text.find('\n', reward);
  std::string older;
  for (const char* line :
       {R"(logprob","reward":0.75})", R"(logprob cost generated","reward":4})",
        R"(logprob cost evaluated","reward":50})", R"(logprob cost calls","reward":2})"})
    older += R"({"schema":1,"type":"reward","problem":"p1","step":2,"judge":")" +
             std::string(line) + "\n";
  text.replace(reward, end + 1 - reward, older);
  write_text(dir / "old.jsonl", text);
  const Episode episode = read_trace_file(dir / "old.jsonl").episodes.at(0);
  const Step& last = episode.tree[2].trace.last();
  EXPECT_TRUE(last.entropies.empty());
  EXPECT_EQ(last.rewards, (std::map<std::string, float>{{"logprob", 0.75f}}));
  EXPECT_EQ(last.judge_usage.at("logprob").evaluated_tokens, 50);
  EXPECT_EQ(unfinished(episode).judge_usage.at({2, "logprob"}).generated_tokens, 4);
}

TEST(TraceFile, ProblemsInterleaveAndMayBeginAgain) {
  const TempDir dir;
  const std::string one = sample_file(dir / "a.jsonl");
  std::string other = one;
  for (auto at = other.find("\"p1\""); at != std::string::npos; at = other.find("\"p1\""))
    other.replace(at, 4, "\"p2\"");
  std::istringstream a(one), b(other);
  std::string mixed, line;
  while (std::getline(a, line)) {
    mixed += line + "\n";
    std::getline(b, line);
    mixed += line + "\n";
  }
  write_text(dir / "m.jsonl", mixed + one);
  const TraceFile file = read_trace_file(dir / "m.jsonl");
  EXPECT_TRUE(file.broken.empty());
  ASSERT_EQ(file.episodes.size(), 3u);
  expect_sample(file.episodes[0], "p1");
  expect_sample(file.episodes[1], "p2");
  expect_sample(file.episodes[2], "p1");
}

TEST(TraceFile, ABrokenLineIsReportedAndOnlyItIsLost) {
  const TempDir dir;
  std::string text = sample_file(dir / "t.jsonl");
  const auto second = text.find('\n') + 1;  // step 1, the parent of step 2
  text[second] = '?';
  write_text(dir / "t.jsonl", text);
  const TraceFile file = read_trace_file(dir / "t.jsonl");
  ASSERT_EQ(file.broken.size(), 2u);  // the step, and the node record that speaks of it
  EXPECT_EQ(file.broken[0].number, 2u);
  EXPECT_EQ(file.broken[1].number, 6u);
  ASSERT_EQ(file.episodes.size(), 1u);
  const Tree& tree = file.episodes[0].tree;
  ASSERT_EQ(tree.size(), 4u);  // root, a stand-in for step 1, steps 2 and 3
  EXPECT_EQ(tree[1].trace.last().kind, "lost");
  EXPECT_EQ(tree[2].trace.text(), "The answer is 72.");
  EXPECT_TRUE(file.episodes[0].outcome);
}

TEST(TraceFile, ATornLastLineIsToleratedAndCutWhenWritingGoesOn) {
  const TempDir dir;
  const std::string whole = sample_file(dir / "t.jsonl");
  for (const std::size_t keep : {whole.size() - 1, whole.size() - 100, whole.find('\n') + 2}) {
    write_text(dir / "t.jsonl", whole.substr(0, keep));
    const TraceFile torn = read_trace_file(dir / "t.jsonl");
    EXPECT_TRUE(torn.broken.empty());
    EXPECT_EQ(torn.torn, keep != whole.size() - 1);  // only the newline is missing there
    { JsonlTraceLog log(dir / "t.jsonl", kWrittenRun); }
    const std::string mended = read_text(dir / "t.jsonl");
    EXPECT_TRUE(mended.ends_with('\n'));
    EXPECT_TRUE(whole.starts_with(mended));
  }
}

TEST(TraceFile, ANewerSchemaIsRefused) {
  const TempDir dir;
  std::string text = sample_file(dir / "t.jsonl");
  text.replace(text.find("\"schema\":1"), 10, "\"schema\":7");
  write_text(dir / "t.jsonl", text);
  try {
    read_trace_file(dir / "t.jsonl");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::store);
    EXPECT_THAT(error.what(), HasSubstr("line 1 has schema 7 but this build reads up to 1"));
  }
}

TEST(TraceFile, AFileThatIsNotThereIsAStoreError) {
  EXPECT_THROW(read_trace_file("/nowhere/t.jsonl"), Error);
  EXPECT_THROW(JsonlTraceLog("/nowhere/t.jsonl", kWrittenRun), Error);
}

TEST(TraceFile, TwoWritersAreRefused) {
  const TempDir dir;
  const JsonlTraceLog log(dir / "t.jsonl", kWrittenRun);
  EXPECT_THROW(JsonlTraceLog(dir / "t.jsonl", kWrittenRun), Error);
}

TEST(TraceFile, AFullDeviceIsAStoreError) {
  LineFile file("/dev/full");
  try {
    file.add("line\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::store);
    EXPECT_THAT(error.what(), HasSubstr("No space left on device"));
  }
}

// The file may grow to the end of the fourth line and a bit: four lines stay, no torn fifth.
TEST(TraceFile, AFullDiskLosesNothingThatWasWritten) {
  const TempDir dir;
  const std::string whole = sample_file(dir / "whole.jsonl");
  std::size_t four = 0;
  for (int i = 0; i < 4; ++i) four = whole.find('\n', four) + 1;
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  getrlimit(RLIMIT_FSIZE, &old_limit);
  const rlimit limit{four + 20, old_limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_THROW(sample_file(dir / "t.jsonl"), Error);
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(read_text(dir / "t.jsonl"), whole.substr(0, four));
}

TEST(TraceFile, NoneOfManyMutationsBreaksTheReader) {
  const TempDir dir;
  const std::string whole = sample_file(dir / "t.jsonl") + sample_file(dir / "t.jsonl");
  std::mt19937 rng(7);
  for (int round = 0; round < 2500; ++round) {
    std::string text = whole;
    const int edits = 1 + static_cast<int>(rng() % 4);
    for (int i = 0; i < edits && !text.empty(); ++i) {
      const std::size_t at = rng() % text.size();
      switch (rng() % 5) {
        case 0:
          text[at] = static_cast<char>(rng());
          break;
        case 1:
          text[at] ^= static_cast<char>(1u << rng() % 8);
          break;
        case 2:
          text.erase(at, rng() % 40);
          break;
        case 3:
          text.resize(at);
          break;
        default:
          text.insert(at, text.substr(rng() % text.size(), rng() % 300));
          break;
      }
    }
    write_text(dir / "m.jsonl", text);
    try {
      const TraceFile file = read_trace_file(dir / "m.jsonl");
      for (const Episode& episode : file.episodes)
        for (const Record& record : records_of(episode)) to_line(record);
    } catch (const Error& error) {  // a flipped schema
      EXPECT_EQ(error.fault(), Fault::store) << error.what();
    }
  }
}

TEST(TraceFile, AVeryLongChainAndDeepNestingAreRead) {
  const TempDir dir;
  std::string text = to_line(ProblemRecord{testkit::sample_problem("p1"), "cot", 1, kWrittenRun});
  for (std::uint64_t id = 1; id <= 20'000; ++id)
    text += to_line(StepLine{"p1", id, id - 1, static_cast<int>(id), End::open, {}, {}});
  text += std::string(100'000, '[') + "\n";
  write_text(dir / "t.jsonl", text);
  const TraceFile file = read_trace_file(dir / "t.jsonl");
  EXPECT_EQ(file.broken.size(), 1u);
  EXPECT_EQ(file.episodes.at(0).tree.size(), 20'001u);
}

}  // namespace
}  // namespace cairn::store
