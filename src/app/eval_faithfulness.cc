#include "app/eval_faithfulness.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "app/cli.h"
#include "app/eval_data.h"
#include "app/eval_folder.h"
#include "app/running.h"
#include "base/text.h"
#include "cairn/error.h"
#include "cairn/runner.h"
#include "cairn/written.h"
#include "eval/faithfulness.h"

namespace cairn::app {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::ordered_json;

// A chain to be looked at.
struct AnsweredChain {
  eval::Attempt attempt;
  const Problem* problem;
};
using Key = std::tuple<eval::Arm, std::string, std::uint64_t>;

std::map<std::string, Problem> by_id(const std::vector<Problem>& all) {
  std::map<std::string, Problem> problems;
  for (const Problem& problem : all) problems.emplace(problem.id, problem);
  return problems;
}

std::set<Key> done_before(const EvalFolder& folder) {
  std::set<Key> done;
  for (const eval::Probe& probe : eval::read_probes(folder.probes().string()))
    done.insert({probe.arm, probe.problem, probe.seed});
  return done;
}

std::vector<AnsweredChain> chains_of(const FaithfulnessOptions& options, const EvalFolder& folder,
                                     const std::map<std::string, Problem>& problems) {
  std::vector<eval::Attempt> attempts = eval::read_attempts(folder.attempts().string()).attempts;
  const std::string recipe =
      options.recipe.empty() && !attempts.empty() ? attempts.front().arm.recipe : options.recipe;
  std::vector<AnsweredChain> chains;
  for (eval::Attempt& attempt : attempts) {
    const auto problem = problems.find(attempt.problem);
    if (attempt.arm.recipe != recipe || !eval::chain_of(attempt)) continue;
    if (problem == problems.end() || problem->second.question != attempt.question)
      throw Error(Fault::input, "--faithfulness",
                  fmt::format("question {} of the run is not in its data any more",
                              base::printable(attempt.problem)),
                  "Run it where the data of plan.json is");
    chains.push_back({std::move(attempt), &problem->second});
  }
  if (chains.empty())
    throw Error(Fault::input, "--faithfulness",
                fmt::format("no attempt of {} has an answer after two steps", recipe),
                "Name another recipe of the run with --recipe");
  if (options.limit > 0 && chains.size() > static_cast<std::size_t>(options.limit))
    chains.resize(static_cast<std::size_t>(options.limit));
  return chains;
}

class ProbeRun {
 public:
  ProbeRun(const FaithfulnessOptions& options, LanguageModel& model, const Json& plan,
           const Task* task, std::vector<AnsweredChain> chains, const std::string& file)
      : options_(options),
        model_(model),
        plan_(plan),
        task_(task),
        chains_(std::move(chains)),
        results_(file),
        signals_(io_, running_) {}

  // Returns the exit code of a signal, or kOk.
  int run() {
    at_work_ = std::min(chains_.size(), static_cast<std::size_t>(options_.model.rows));
    for (std::size_t i = at_work_; i > 0; --i)
      asio::co_spawn(io_, worker(), [this](std::exception_ptr error) {
        if (error && !error_) error_ = error, running_.cancel();
        if (--at_work_ == 0) signals_.stop();
      });
    if (chains_.empty()) signals_.stop();
    io_.run();
    if (error_) std::rethrow_exception(error_);
    return signals_.exit_code();
  }

 private:
  asio::awaitable<void> worker() {
    Budget** slot = running_.add();
    while (next_ < chains_.size() && !running_.cancelled()) {
      const AnsweredChain& chain = chains_[next_++];
      std::vector<eval::Change> changes;
      const Recipe recipe = recipe_for(chain, changes);
      const RunOptions options = options_of(chain);
      const Outcome outcome = co_await run_problem(model_, recipe, *chain.problem, options, slot);
      if (outcome.stopped == Stopped::cancelled) co_return;
      const eval::Attempt& a = chain.attempt;
      results_.write(eval::line_of({a.arm, a.problem, a.seed, std::move(changes), outcome.usage}));
      if (!options_.quiet) fmt::print(stderr, "{}/{} chains\n", ++done_, chains_.size());
    }
  }

  // With the prompt of the recipe that wrote the chain.
  static Recipe recipe_for(const AnsweredChain& chain, std::vector<eval::Change>& changes) {
    Recipe recipe = find_recipe(read_written("--recipe", chain.attempt.arm.recipe).name);
    recipe.judge.clear();
    recipe.draft = Draft::none;
    const eval::Line* line = eval::chain_of(chain.attempt);
    recipe.run = [line, &changes](Kit& kit, const Problem& problem,
                                  const Settings&) -> asio::awaitable<Outcome> {
      changes = co_await eval::probe(kit, problem, line->steps, *line->answer);
      co_return Outcome{};
    };
    return recipe;
  }

  RunOptions options_of(const AnsweredChain& chain) const {
    RunOptions options;
    options.task = task_;
    options.limits.generated_tokens = options_.budget;
    options.seed = chain.attempt.seed;
    options.max_step_tokens = plan_.at("max_step_tokens");
    options.max_trace_tokens = plan_.at("max_trace_tokens");
    options.pins = pins_;
    return options;
  }

  const FaithfulnessOptions& options_;
  LanguageModel& model_;
  const Json& plan_;
  const Task* const task_;
  const std::vector<AnsweredChain> chains_;
  std::shared_ptr<PinnedPrompts> pins_ = std::make_shared<PinnedPrompts>();
  ResultFile results_;
  asio::io_context io_;
  Running running_;
  Signals signals_;
  std::size_t next_ = 0, at_work_ = 0, done_ = 0;
  std::exception_ptr error_;
};

void check_model(const Json& plan, const ModelInfo& model) {
  if (plan.at("fingerprint") != model.fingerprint)
    throw Error(Fault::input, "--faithfulness",
                fmt::format("the run was made by {}, and this is {}",
                            base::printable(plan.at("model").get<std::string>()), model.name),
                "Give the run's model with -m");
}

}  // namespace

int test_faithfulness(const FaithfulnessOptions& options) {
  const EvalFolder folder(options.run);
  const Json plan = folder.plan();
  const std::unique_ptr<LanguageModel> model = open_model(options.model);
  check_model(plan, model->info());
  const std::string task = plan.at("task");
  const ProblemFile data = read_eval_data(plan.at("data").get<std::string>(), !task.empty(), 0);
  const std::map<std::string, Problem> problems = by_id(data.problems);
  std::vector<AnsweredChain> chains = chains_of(options, folder, problems);
  const std::string file = folder.probes().string();
  finished_ids(file);  // cuts a torn line off
  const std::set<Key> done = done_before(folder);
  std::erase_if(chains, [&](const AnsweredChain& chain) {
    return done.contains({chain.attempt.arm, chain.attempt.problem, chain.attempt.seed});
  });
  const Task* rules = task.empty() ? nullptr : &find_task(task);
  ProbeRun run(options, *model, plan, rules, std::move(chains), file);
  const int code = run.run();
  fmt::print("{}", folder.write_report(plan, data.complaints));
  return code;
}

}  // namespace cairn::app
