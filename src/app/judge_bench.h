#pragma once
// app/judge_bench.h — judges on labelled chains: many chains in flight through one model, and what
// a judge said is kept as soon as it is known, so that nothing is judged twice.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/model_options.h"
#include "app/problem_file.h"
#include "app/running.h"
#include "cairn/judges.h"
#include "eval/judges/judge_tables.h"

namespace cairn::app {

// What a judge said of one chain.
struct Scores {
  std::vector<float> rewards;                 // [steps]
  std::int64_t evaluated = 0, generated = 0;  // tokens
  double seconds = 0;                         // since the chain before it was done
};

// Scores by judge, model, seed and chain, in a file that survives a kill.
class KeptScores {
 public:
  // Reads what is there. Empty path: nothing is kept. Errors: Fault::store.
  explicit KeptScores(const std::string& path);
  const Scores* find(const std::string& key) const;  // null where there are none
  void put(const std::string& key, Scores scores);   // Errors: Fault::store

 private:
  std::map<std::string, Scores> scores_;
  std::unique_ptr<ResultFile> file_;
};

struct JudgeBenchOptions {
  std::vector<std::string> judges;  // as make_judge reads them
  double threshold = 0.5;
  std::uint64_t seed = 1;
  ModelFlags model;
};

class JudgeBench {
 public:
  // Borrows the chains. Errors: Fault::input for judges that need more than a chain has; those of
  // the model.
  JudgeBench(JudgeBenchOptions options, const std::vector<eval::LabelledChain>& chains,
             KeptScores& kept);

  // The baselines and two rows for each judge: with the threshold, and with cross-fitted ones.
  // A signal ends it early: exit_code() says so, and the rows are of no use.
  // Errors: Fault::store. A chain that a judge fails on is told of and left out.
  std::vector<eval::JudgeRow> run();

  int exit_code() const { return signals_.exit_code(); }
  const ModelInfo* model() const { return model_ ? &model_->info() : nullptr; }

 private:
  // Every prefix of a chain; where the model has read it, with what it thought of each token, as if
  // it had drawn them, and what that took.
  struct Prefixes {
    std::vector<Trace> traces;
    Usage usage = {};
  };

  void judge_all(const std::string& judge);
  asio::awaitable<void> worker(const std::string& judge, Reads reads);
  asio::awaitable<Scores> scores_of(const std::string& judge, Reads reads,
                                    const eval::LabelledChain& chain, Budget& budget);
  asio::awaitable<Prefixes> noted_of(const eval::LabelledChain& chain, Budget& budget);
  void keep(const std::string& judge, const eval::LabelledChain& chain, Scores scores);
  std::string key_of(const std::string& judge, const eval::LabelledChain& chain) const;
  std::vector<eval::JudgeRow> rows_of(const std::string& judge) const;

  const JudgeBenchOptions options_;
  const std::vector<eval::LabelledChain>& chains_;
  KeptScores& kept_;
  std::unique_ptr<LanguageModel> model_;  // null where no judge asks one
  asio::io_context io_;
  Running running_;
  Signals signals_;
  std::vector<const eval::LabelledChain*> to_judge_;
  std::size_t next_ = 0;
  std::map<const eval::LabelledChain*, Prefixes> noted_;
  std::exception_ptr error_;
  std::chrono::steady_clock::time_point last_;  // when a chain was done
};

}  // namespace cairn::app
