#include "store/run_store.h"

#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cairn/error.h"
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
  extract TEXT NOT NULL, finished INTEGER NOT NULL, answer TEXT, confidence REAL, stopped TEXT,
  generated_tokens INTEGER, evaluated_tokens INTEGER, unique_tokens INTEGER,
  prompt_tokens INTEGER, judge_tokens INTEGER, model_calls INTEGER, seconds REAL);
CREATE INDEX problems_by_name ON problems (name);
CREATE TABLE steps (
  problem INTEGER NOT NULL REFERENCES problems, id INTEGER NOT NULL, parent INTEGER NOT NULL,
  chosen INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, answer TEXT, logprob REAL,
  record TEXT NOT NULL, PRIMARY KEY (problem, id)) WITHOUT ROWID;
CREATE TABLE rewards (
  problem INTEGER NOT NULL, step INTEGER NOT NULL, judge TEXT NOT NULL, reward REAL,
  PRIMARY KEY (problem, step, judge)) WITHOUT ROWID;
CREATE TABLE finished (
  problem INTEGER NOT NULL REFERENCES problems, place INTEGER NOT NULL, step INTEGER NOT NULL,
  answer TEXT, reward REAL NOT NULL, steps INTEGER NOT NULL,
  PRIMARY KEY (problem, place)) WITHOUT ROWID;
)sql";

std::string settings_text(const Settings& settings) { return nlohmann::json(settings).dump(); }

}  // namespace

bool is_run_store(const std::filesystem::path& path) {
  char head[16] = {};
  std::ifstream(path, std::ios::binary).read(head, sizeof head);
  return std::memcmp(head, "SQLite format 3", sizeof head) == 0;
}

struct RunStore::Database {
  Sql sql;
  Statement add_run, find_run, add_problem, add_outcome, add_step, add_reward, add_finished;

  Database(const std::filesystem::path& path, Mode mode)
      : sql(path, mode == Mode::write) {
    prepare_tables(path, mode);
    if (mode == Mode::read) return;
    add_run = sql.prepare("INSERT OR IGNORE INTO runs VALUES (NULL,?,?,?,?,?,?,?,?)");
    find_run = sql.prepare(
        "SELECT id FROM runs WHERE recipe=? AND seed=? AND model=? AND fingerprint=? AND "
        "reproducible=? AND notes=? AND judge=? AND settings=?");
    add_problem = sql.prepare(
        "INSERT INTO problems (run,name,question,gold,kind,choices,extract,finished) "
        "VALUES (?,?,?,?,?,?,?,0)");
    add_outcome = sql.prepare(
        "UPDATE problems SET finished=1,answer=?,confidence=?,stopped=?,generated_tokens=?,"
        "evaluated_tokens=?,unique_tokens=?,prompt_tokens=?,judge_tokens=?,model_calls=?,seconds=? "
        "WHERE id=?");
    add_step = sql.prepare("INSERT INTO steps VALUES (?,?,?,?,?,?,?,?,?)");
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
          .bind(settings_text(run.settings));
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
        .bind(choices.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
        .bind(problem.extract);
    add_problem.step();
    return sql.last_id();
  }

  void insert(std::int64_t problem, const StepLine& line) {
    add_step.reset();
    add_step.bind(problem)
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
    add_outcome.bind(outcome.answer)
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

  static ProblemRecord problem_at(const Statement& row) {
    ProblemRecord record;
    record.problem.id = row.text(1);
    record.problem.question = row.text(2);
    record.problem.answer = row.maybe_text(3);
    record.problem.kind = answer_kind(row.text(4));
    for (const auto& choice : nlohmann::json::parse(row.text(5)))
      record.problem.choices.push_back({choice[0], choice[1]});
    record.problem.extract = row.text(6);
    record.recipe = row.text(7);
    record.seed = static_cast<std::uint64_t>(row.integer(8));
    record.run = {.model = row.text(9),
                  .fingerprint = row.text(10),
                  .reproducible = row.integer(11) != 0,
                  .notes = row.text(12),
                  .judge = row.text(13),
                  .settings = nlohmann::json::parse(row.text(14)).get<Settings>()};
    return record;
  }

  static OutcomeRecord outcome_at(const Statement& row) {
    OutcomeRecord outcome;
    outcome.problem = row.text(1);
    outcome.answer = row.maybe_text(16);
    outcome.confidence = row.real(17);
    const std::string stopped = row.text(18);
    for (const Stopped one :
         {Stopped::done, Stopped::budget, Stopped::deadline, Stopped::cancelled})
      if (name_of(one) == stopped) outcome.stopped = one;
    outcome.usage = {row.integer(19), row.integer(20), row.integer(21), row.integer(22),
                     row.integer(23), row.integer(24), row.real(25)};
    return outcome;
  }

  Episode episode_at(const Statement& row) {
    EpisodeBuilder builder(problem_at(row));
    Statement steps = sql.prepare("SELECT record FROM steps WHERE problem=? ORDER BY id");
    steps.bind(row.integer(0));
    while (steps.step()) {
      auto parsed = parse_line(steps.text(0));
      builder.add(std::get<StepLine>(std::get<Record>(std::move(parsed))));
    }
    if (row.integer(15) == 0) return std::move(builder).build();
    OutcomeRecord outcome = outcome_at(row);
    Statement finished = sql.prepare(
        "SELECT step,answer,reward,steps FROM finished WHERE problem=? ORDER BY place");
    finished.bind(row.integer(0));
    while (finished.step())
      outcome.traces.push_back({static_cast<std::uint64_t>(finished.integer(0)),
                                finished.maybe_text(1), static_cast<float>(finished.real(2)),
                                static_cast<int>(finished.integer(3))});
    Statement chosen = sql.prepare("SELECT id FROM steps WHERE problem=? AND chosen ORDER BY id");
    chosen.bind(row.integer(0));
    while (chosen.step()) outcome.chosen.push_back(static_cast<std::uint64_t>(chosen.integer(0)));
    builder.add(std::move(outcome));
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
  for (const Record& record : records_of(episode))
    if (const auto* step = std::get_if<StepLine>(&record)) database.insert(problem, *step);
  if (episode.outcome) database.insert(problem, *episode.outcome);
  transaction.commit();
}

std::vector<Episode> RunStore::episodes() const {
  std::vector<Episode> all;
  Statement rows = database_->sql.prepare(
      "SELECT p.id,name,question,gold,kind,choices,extract,recipe,seed,model,fingerprint,"
      "reproducible,notes,judge,settings,finished,answer,confidence,stopped,generated_tokens,"
      "evaluated_tokens,unique_tokens,prompt_tokens,judge_tokens,model_calls,seconds "
      "FROM problems p JOIN runs r ON p.run=r.id ORDER BY p.id");
  while (rows.step()) all.push_back(database_->episode_at(rows));
  return all;
}

std::size_t RunStore::size() const {
  return static_cast<std::size_t>(database_->sql.number("SELECT count(*) FROM problems"));
}

StoreTraceLog::StoreTraceLog(const std::filesystem::path& path, RunInfo run)
    : store_(path), run_(std::move(run)) {}

EpisodeBuilder& StoreTraceLog::open(const Problem& problem) { return open_.at(problem.id); }

void StoreTraceLog::begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) {
  open_.insert_or_assign(problem.id, EpisodeBuilder({problem, recipe, seed, run_}));
}

void StoreTraceLog::step(const Problem& problem, const StepRecord& record) {
  StepLine line{problem.id, record.id, record.parent, record.depth, record.end, *record.step, {}};
  line.step.state = nullptr;  // it would hold KV cells
  open(problem).add(std::move(line));
}

void StoreTraceLog::reward(const Problem& problem, std::uint64_t step, const std::string& judge,
                           float reward) {
  open(problem).add(RewardRecord{problem.id, step, judge, reward});
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

}  // namespace cairn::store
