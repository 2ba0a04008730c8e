#include "store/run_store.h"

#include <gtest/gtest.h>

#include "cairn/error.h"
#include "store/jsonl_log.h"
#include "store/sql.h"
#include "testkit/sample_run.h"
#include "testkit/temp_dir.h"

namespace cairn::store {
namespace {

using testkit::TempDir;

const RunInfo kRun{.model = "scripted", .notes = "\xFF", .settings = {{"odd", "\xFE"}}};

std::string text_of(const Episode& episode) {
  std::string text;
  for (const Record& record : records_of(episode)) text += to_line(record);
  return text;
}

TEST(RunStore, AnEpisodeComesBackAsTheTraceFileTellsIt) {
  const TempDir dir;
  {
    JsonlTraceLog lines(dir / "t.jsonl", kRun);
    StoreTraceLog rows(dir / "runs.db", kRun);
    TeeLog both({&lines, &rows});
    testkit::log_sample_run(both, "p1");
    testkit::log_sample_run(both, "p2");
  }
  const auto lines = read_trace_file(dir / "t.jsonl").episodes;
  const auto rows = RunStore(dir / "runs.db", RunStore::Mode::read).episodes();
  ASSERT_EQ(lines.size(), 2u);
  ASSERT_EQ(rows.size(), 2u);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(text_of(rows[i]), text_of(lines[i]));
}

TEST(RunStore, AnUnfinishedEpisodeIsKeptAsOne) {
  const TempDir dir;
  EpisodeBuilder builder({testkit::sample_problem("p1"), "cot", 3, kRun});
  builder.add(StepLine{"p1", 1, 0, 1, End::open, testkit::sample_step("a"), {}});
  const Episode episode = std::move(builder).build();
  RunStore store(dir / "runs.db");
  store.add(episode);
  store.add(episode);
  ASSERT_EQ(store.size(), 2u);
  EXPECT_FALSE(store.episodes()[1].outcome);
  EXPECT_EQ(text_of(store.episodes()[1]), text_of(episode));
}

// Ids that do not grow, bytes that are not UTF-8, a reward that is not finite.
TEST(RunStore, JsonlToTheStoreAndBackIsTheSameText) {
  const TempDir dir;
  std::string text = to_line(ProblemRecord{testkit::sample_problem("p1"), "cot", 1, kRun});
  for (const std::uint64_t id : {9u, 4u, 7u}) {
    StepLine line{"p1", id, id == 4 ? 9u : 0u, id == 4 ? 2 : 1, End::done, {}, {}};
    line.step = testkit::sample_step(testkit::kBadBytes);
    line.stats.chosen = id != 7;
    text += to_line(line);
  }
  OutcomeRecord outcome{.problem = "p1", .answer = "72", .chosen = {9, 4}};
  outcome.traces = {{4, "72", -std::numeric_limits<float>::infinity(), 2}};
  text += to_line(outcome);
  testkit::write_text(dir / "t.jsonl", text);
  RunStore store(dir / "runs.db");
  for (const Episode& episode : read_trace_file(dir / "t.jsonl").episodes) store.add(episode);
  ASSERT_EQ(store.size(), 1u);
  EXPECT_EQ(text_of(store.episodes()[0]), text);
}

TEST(RunStore, ChangedRowsAreAStoreError) {
  const TempDir dir;
  EpisodeBuilder builder({testkit::sample_problem("p1"), "cot", 3, kRun});
  builder.add(StepLine{"p1", 1, 0, 1, End::open, testkit::sample_step("a"), {}});
  RunStore store(dir / "runs.db");
  store.add(std::move(builder).build());
  for (const char* change :
       {"UPDATE steps SET record='{'", "UPDATE steps SET record=(SELECT record FROM problems)",
        "UPDATE problems SET record='[]'", "DROP TABLE steps"}) {
    Sql(dir / "runs.db", true).run(change);
    EXPECT_THROW(store.episodes(), Error) << change;
  }
}

TEST(RunStore, ANewerDatabaseIsRefusedAndNamed) {
  const TempDir dir;
  { RunStore store(dir / "runs.db"); }
  Sql(dir / "runs.db", true).run("PRAGMA user_version=9");
  try {
    RunStore store(dir / "runs.db");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::store);
    EXPECT_NE(std::string(error.what()).find((dir / "runs.db").string()), std::string::npos);
  }
}

TEST(RunStore, KnowsADatabaseByItsFirstBytes) {
  const TempDir dir;
  testkit::write_text(dir / "t.jsonl", "{\"schema\":1}\n");
  { RunStore store(dir / "runs.db"); }
  EXPECT_TRUE(is_run_store(dir / "runs.db"));
  EXPECT_FALSE(is_run_store(dir / "t.jsonl"));
  EXPECT_FALSE(is_run_store(dir / "nothing"));
}

TEST(RunStore, WhatIsNoStoreIsRefused) {
  const TempDir dir;
  testkit::write_text(dir / "t.db", std::string(5000, 'x'));
  EXPECT_THROW(RunStore(dir / "t.db"), Error);
  EXPECT_THROW(RunStore(dir / "nothing.db", RunStore::Mode::read), Error);
  EXPECT_THROW(RunStore("/nowhere/runs.db"), Error);
}

}  // namespace
}  // namespace cairn::store
