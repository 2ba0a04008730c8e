#include "store/run_store.h"

#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cairn/error.h"
#include "store/jsonl_log.h"
#include "store/sql.h"

namespace cairn::store {
namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, recipe TEXT NOT NULL, seed INTEGER NOT NULL, model TEXT NOT NULL,
  fingerprint TEXT NOT NULL, reproducible INTEGER NOT NULL, notes TEXT NOT NULL,
  judge TEXT NOT NULL, settings TEXT NOT NULL,
  UNIQUE (recipe, seed, model, fingerprint, reproducible, notes, judge, settings));
CREATE TABLE problems (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs, name TEXT NOT NULL,
  question TEXT NOT NULL, gold TEXT, kind TEXT NOT NULL, choices TEXT NOT NULL,
  extract TEXT NOT NULL, record TEXT NOT NULL, outcome TEXT, answer TEXT, confidence REAL, stopped TEXT,
  generated_tokens INTEGER, evaluated_tokens INTEGER, unique_tokens INTEGER,
  prompt_tokens INTEGER, judge_tokens INTEGER, model_calls INTEGER, seconds REAL);
CREATE INDEX problems_by_name ON problems (name);
CREATE TABLE steps (
  problem INTEGER NOT NULL REFERENCES problems, place INTEGER NOT NULL,
  id INTEGER NOT NULL, parent INTEGER NOT NULL,
  chosen INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, answer TEXT, logprob REAL,
  record TEXT NOT NULL, PRIMARY KEY (problem, id)) WITHOUT ROWID;
CREATE TABLE rewards (
  problem INTEGER NOT NULL, step INTEGER NOT NULL, judge TEXT NOT NULL, reward REAL,
  PRIMARY KEY (problem, step, judge)) WITHOUT ROWID;
CREATE TABLE finished (
  problem INTEGER NOT NULL REFERENCES problems, place INTEGER NOT NULL, step INTEGER NOT NULL,
  answer TEXT, reward REAL, steps INTEGER NOT NULL,
  PRIMARY KEY (problem, place)) WITHOUT ROWID;
)sql";

// For queries: what is not UTF-8 shows as U+FFFD; the record holds it exactly.
std::string readable(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The record that a row keeps as its line of a trace file.
template <class Part>
Part part_of(const std::string& line) {
  auto parsed = parse_line(line);
  if (auto* record = std::get_if<Record>(&parsed))
    if (auto* part = std::get_if<Part>(record)) return std::move(*part);
  throw Error(Fault::store, "store", "a row holds a record of another kind than its table",
              "The database was changed by another program: use a copy of it from before");
}

}  // namespace

bool names_a_store(const std::filesystem::path& path) {
  return path.extension() == ".db" || path.extension() == ".sqlite";
}

bool is_run_store(const std::filesystem::path& path) {
  char head[16] = {};
  std::ifstream(path, std::ios::binary).read(head, sizeof head);
  return std::memcmp(head, "SQLite format 3", sizeof head) == 0;
}

struct RunStore::Database {
  Sql sql;
  Statement add_run, find_run, add_problem, add_outcome, add_step, add_reward, add_finished;

  Database(const std::filesystem::path& path, Mode mode) : sql(path, mode == Mode::write) {
    prepare_tables(path, mode);
    if (mode == Mode::read) return;
    add_run = sql.prepare("INSERT OR IGNORE INTO runs VALUES (NULL,?,?,?,?,?,?,?,?)");
    find_run = sql.prepare(
        "SELECT id FROM runs WHERE recipe=? AND seed=? AND model=? AND fingerprint=? AND "
        "reproducible=? AND notes=? AND judge=? AND settings=?");
    add_problem = sql.prepare(
        "INSERT INTO problems (run,name,question,gold,kind,choices,extract,record) "
        "VALUES (?,?,?,?,?,?,?,?)");
    add_outcome = sql.prepare(
        "UPDATE problems SET outcome=?,answer=?,confidence=?,stopped=?,generated_tokens=?,"
        "evaluated_tokens=?,unique_tokens=?,prompt_tokens=?,judge_tokens=?,model_calls=?,seconds=? "
        "WHERE id=?");
    add_step = sql.prepare("INSERT INTO steps VALUES (?,?,?,?,?,?,?,?,?,?)");
    add_reward = sql.prepare("INSERT INTO rewards VALUES (?,?,?,?)");
    add_finished = sql.prepare("INSERT INTO finished VALUES (?,?,?,?,?,?)");
  }

  void prepare_tables(const std::filesystem::path& path, Mode mode) {
    const std::int64_t schema = sql.number("PRAGMA user_version");
    if (schema > kSchema) throw NewerSchemaError(path, 0, schema);
    if (schema == kSchema) return;
    if (mode == Mode::read || sql.number("SELECT count(*) FROM sqlite_master") > 0)
      throw Error(Fault::store, "store",
                  fmt::format("{} is a database, but not one of cairn's", path.string()),
                  "Name another file");
    sql.run("BEGIN IMMEDIATE");
    sql.run(kTables);
    sql.run(fmt::format("PRAGMA user_version={}", kSchema).c_str());
    sql.run("COMMIT");
  }

  std::int64_t run_of(const ProblemRecord& record) {
    const RunInfo& run = record.run;
    for (Statement* statement : {&add_run, &find_run}) {
      statement->reset();
      statement->bind(record.recipe)
          .bind(record.seed)
          .bind(run.model)
          .bind(run.fingerprint)
          .bind(run.reproducible)
          .bind(run.notes)
          .bind(run.judge)
          .bind(readable(run.settings));
      statement->step();
    }
    const std::int64_t id = find_run.integer(0);
    find_run.reset();
    return id;
  }

  std::int64_t insert(const ProblemRecord& record) {
    nlohmann::json choices = nlohmann::json::array();
    for (const Choice& choice : record.problem.choices)
      choices.push_back({choice.label, choice.text});
    const std::int64_t run = run_of(record);
    const Problem& problem = record.problem;
    add_problem.reset();
    add_problem.bind(run)
        .bind(problem.id)
        .bind(problem.question)
        .bind(problem.answer)
        .bind(std::string(name_of(problem.kind)))
        .bind(readable(choices))
        .bind(problem.extract)
        .bind(to_line(record));
    add_problem.step();
    return sql.last_id();
  }

  void insert(std::int64_t problem, std::int64_t place, const StepLine& line) {
    add_step.reset();
    add_step.bind(problem)
        .bind(place)
        .bind(line.id)
        .bind(line.parent)
        .bind(line.stats.chosen)
        .bind(line.step.kind)
        .bind(line.step.text)
        .bind(line.step.answer)
        .bind(line.step.logprob())
        .bind(to_line(line));
    add_step.step();
    for (const auto& [judge, reward] : line.step.rewards) {
      add_reward.reset();
      add_reward.bind(problem).bind(line.id).bind(judge).bind(static_cast<double>(reward));
      add_reward.step();
    }
  }

  void insert(std::int64_t problem, const OutcomeRecord& outcome) {
    const Usage& usage = outcome.usage;
    add_outcome.reset();
    add_outcome.bind(to_line(outcome))
        .bind(outcome.answer)
        .bind(outcome.confidence)
        .bind(std::string(name_of(outcome.stopped)))
        .bind(usage.generated_tokens)
        .bind(usage.evaluated_tokens)
        .bind(usage.unique_tokens)
        .bind(usage.prompt_tokens)
        .bind(usage.judge_tokens)
        .bind(usage.model_calls)
        .bind(usage.seconds)
        .bind(problem);
    add_outcome.step();
    std::int64_t place = 0;
    for (const FinishedLine& trace : outcome.traces) {
      add_finished.reset();
      add_finished.bind(problem)
          .bind(place++)
          .bind(trace.step)
          .bind(trace.answer)
          .bind(static_cast<double>(trace.reward))
          .bind(static_cast<std::int64_t>(trace.steps));
      add_finished.step();
    }
  }

  // A row of: id, record, outcome.
  Episode episode_at(const Statement& row) {
    EpisodeBuilder builder(part_of<ProblemRecord>(row.text(1)));
    Statement steps = sql.prepare("SELECT record FROM steps WHERE problem=? ORDER BY place");
    steps.bind(row.integer(0));
    while (steps.step()) builder.add(part_of<StepLine>(steps.text(0)));
    if (const auto outcome = row.maybe_text(2)) builder.add(part_of<OutcomeRecord>(*outcome));
    return std::move(builder).build();
  }
};

RunStore::RunStore(const std::filesystem::path& path, Mode mode)
    : database_(std::make_unique<Database>(path, mode)) {}

RunStore::~RunStore() = default;

void RunStore::add(const Episode& episode) {
  Database& database = *database_;
  Transaction transaction(database.sql);
  const std::int64_t problem = database.insert(episode.problem);
  std::int64_t place = 0;
  for (const Record& record : records_of(episode))
    if (const auto* step = std::get_if<StepLine>(&record)) database.insert(problem, place++, *step);
  if (episode.outcome) database.insert(problem, *episode.outcome);
  transaction.commit();
}

std::vector<Episode> RunStore::episodes() const {
  std::vector<Episode> all;
  Statement rows = database_->sql.prepare("SELECT id,record,outcome FROM problems ORDER BY id");
  while (rows.step()) all.push_back(database_->episode_at(rows));
  return all;
}

std::size_t RunStore::size() const {
  return static_cast<std::size_t>(database_->sql.number("SELECT count(*) FROM problems"));
}

StoreTraceLog::StoreTraceLog(const std::filesystem::path& path, RunInfo run)
    : store_(path), run_(std::move(run)) {}

EpisodeBuilder& StoreTraceLog::open(const Problem& problem) {
  return open_.at(problem.id);
}

void StoreTraceLog::begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) {
  open_.insert_or_assign(problem.id, EpisodeBuilder({problem, recipe, seed, run_}));
}

void StoreTraceLog::step(const Problem& problem, const StepRecord& record) {
  StepLine line{problem.id, record.id, record.parent, record.depth, record.end, *record.step, {}};
  line.step.state = nullptr;  // it would hold KV cells
  open(problem).add(std::move(line));
}

void StoreTraceLog::reward(const Problem& problem, std::uint64_t step, const std::string& judge,
                           float reward, const Usage& usage) {
  open(problem).add(RewardRecord{problem.id, step, judge, reward, usage});
}

void StoreTraceLog::node(const Problem& problem, std::uint64_t step, const NodeStats& stats) {
  open(problem).add(NodeRecord{problem.id, step, stats});
}

void StoreTraceLog::end(const Problem& problem, const Outcome& outcome) {
  EpisodeBuilder builder = std::move(open(problem));
  open_.erase(problem.id);
  builder.add(outcome_record(problem.id, outcome));
  store_.add(std::move(builder).build());
}

std::unique_ptr<TraceLog> open_trace_log(const std::filesystem::path& path, RunInfo run) {
  if (names_a_store(path)) return std::make_unique<StoreTraceLog>(path, std::move(run));
  return std::make_unique<JsonlTraceLog>(path, std::move(run));
}

}  // namespace cairn::store
