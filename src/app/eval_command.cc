#include "app/eval_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "app/cli.h"
#include "app/eval_data.h"
#include "app/eval_faithfulness.h"
#include "app/eval_fit.h"
#include "app/eval_folder.h"
#include "app/eval_progress.h"
#include "app/model_options.h"
#include "app/problem_file.h"
#include "app/result_json.h"
#include "app/running.h"
#include "base/text.h"
#include "cairn/error.h"
#include "cairn/judges.h"
#include "cairn/rng.h"
#include "cairn/runner.h"
#include "cairn/written.h"
#include "eval/report.h"
#include "model/apart.h"
#include "model/cached.h"

namespace cairn::app {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::ordered_json;

struct EvalArguments {
  std::string data, out, judge, task, cache, draft, faithfulness, report;
  std::vector<std::string> recipes, compare, fit_auto;
  std::vector<std::int64_t> budgets;
  int seeds = 1, limit = 0, probe = 4;
  int max_step_tokens = 256, max_trace_tokens = 512;
  bool resume = false, quiet = false, check = false;
  ModelFlags model;
};

// A recipe as it is named on the command line: NAME[:option=value,option=value].
struct Chosen {
  std::string name;  // with its settings
  const Recipe* recipe = nullptr;
  Settings settings;
};

std::vector<std::string> split_recipes(const std::vector<std::string>& lists) {
  std::vector<std::string> all;
  for (const std::string& list : lists)
    for (std::string& text : split_written("--recipe", list)) all.push_back(std::move(text));
  return all;
}

Chosen read_recipe(const std::string& text) {
  Written written = read_written("--recipe", text);
  Chosen chosen{text, &find_recipe(written.name), std::move(written.settings)};
  chosen.recipe->check(chosen.settings);
  return chosen;
}

std::vector<Chosen> read_recipes(const std::vector<std::string>& lists) {
  std::vector<Chosen> all;
  for (const std::string& text : split_recipes(lists)) {
    const bool twice =
        std::any_of(all.begin(), all.end(), [&](const Chosen& c) { return c.name == text; });
    if (twice)
      throw Error(Fault::input, "--recipe", fmt::format("\"{}\" is named twice", text),
                  "Name each recipe with its settings once");
    all.push_back(read_recipe(text));
  }
  return all;
}

bool uses_draft(const std::vector<Chosen>& recipes) {
  return std::any_of(recipes.begin(), recipes.end(),
                     [](const Chosen& one) { return one.recipe->draft != Draft::none; });
}

// A second model is for the recipes that use one.
void check_draft(const std::vector<Chosen>& recipes, const std::string& draft) {
  for (const Chosen& chosen : recipes)
    if (chosen.recipe->draft == Draft::must && draft.empty())
      throw Error(Fault::input, chosen.recipe->name, "it wants a second, smaller model that drafts",
                  "Give --draft MODEL, or leave it out");
  if (!uses_draft(recipes) && !draft.empty())
    throw Error(Fault::input, "--draft", "no recipe uses a second model",
                "Leave it out, or add spec_reason or ab_mcts");
}

// Every line of reasoning is a sample of its own: all were drawn, none was chosen.
bool independent(const Chosen& chosen) {
  const std::string& name = chosen.recipe->name;
  if (name == "best_of_n") return true;
  const auto early = chosen.settings.find("stop_early");
  return name == "self_consistency" && early != chosen.settings.end() && early->second == "false";
}

// One attempt to be made.
struct Job {
  const Problem* problem;
  const Chosen* chosen;
  std::optional<std::int64_t> budget;
  std::uint64_t seed;
};
using Key = std::tuple<eval::Arm, std::string, std::uint64_t>;

Key key_of(const Job& job) {
  return {{job.chosen->name, job.budget}, job.problem->id, job.seed};
}

// Arm by arm, each seed for itself.
std::vector<Job> all_jobs(const EvalArguments& arguments, const std::vector<Problem>& problems,
                          const std::vector<Chosen>& recipes) {
  std::vector<std::optional<std::int64_t>> budgets(arguments.budgets.begin(),
                                                   arguments.budgets.end());
  if (budgets.empty()) budgets.push_back(std::nullopt);
  std::vector<Job> jobs;
  for (int seed = 1; seed <= arguments.seeds; ++seed)
    for (const auto& budget : budgets)
      for (const Chosen& chosen : recipes)
        for (const Problem& problem : problems)
          jobs.push_back({&problem, &chosen, budget, static_cast<std::uint64_t>(seed)});
  return jobs;
}

// Each seed for itself.
using ArmKey = std::tuple<const Chosen*, std::optional<std::int64_t>, std::uint64_t>;

ArmKey arm_of(const Job& job) {
  return {job.chosen, job.budget, job.seed};
}

// What makes a run. To go on with it, all must be the same but for the arms: recipes, budgets and
// seeds may be added (EvalFolder::open).
Json plan_of(const EvalArguments& a, const std::vector<Problem>& problems,
             const std::vector<Chosen>& recipes, const ModelInfo& model) {
  std::uint64_t hash = 0;
  for (const Problem& problem : problems)
    hash = mix(mix(mix(hash, problem.id), problem.question), problem.answer.value_or(""));
  Json plan{{"version", eval::kReportVersion},
            {"data", a.data},
            {"questions", problems.size()},
            {"data_hash", fmt::format("{:016x}", hash)},
            {"model", model.name},
            {"fingerprint", model.fingerprint},
            {"recipes", split_recipes(a.recipes)},
            {"budgets", a.budgets},
            {"seeds", a.seeds},
            {"judge", a.judge},
            {"task", a.task},
            {"max_step_tokens", a.max_step_tokens},
            {"max_trace_tokens", a.max_trace_tokens}};
  if (uses_draft(recipes)) plan["draft"] = a.draft;
  return plan;
}

Json line_of(const Job& job, const std::string& failure) {
  return {{"id", job.problem->id},
          {"arm", job.chosen->name},
          {"budget", job.budget ? Json(*job.budget) : Json(nullptr)},
          {"seed", job.seed},
          {"question", job.problem->question},
          {"gold", job.problem->answer ? Json(*job.problem->answer) : Json(nullptr)},
          {"failure", failure}};
}

Json line_of(const Job& job, const Solved& solved, const ModelInfo& model) {
  Json line = line_of(job, "");
  line.erase("failure");
  line.update(result_to_json(solved, *job.problem, job.chosen->recipe->name, model.name));
  line["independent"] = independent(*job.chosen) && solved.outcome.stopped == Stopped::done;
  for (std::size_t i = 0; i < solved.marks.traces.size(); ++i)
    line["traces"][i]["correct"] = static_cast<bool>(solved.marks.traces[i]);
  return line;
}

// A model as one arm sees it: what other arms had it evaluate does not count as evaluated.
class ArmModel {
 public:
  ArmModel(LanguageModel& model, DrawCache* cache) {
    if (cache && model.info().reproducible)
      view_ = std::make_unique<CachedModel>(model, *cache);  // keeps account of its own
    else
      view_ = std::make_unique<ApartModel>(model);
  }
  LanguageModel& get() { return *view_; }

 private:
  std::unique_ptr<LanguageModel> view_;
};

// What the questions of one arm share.
struct ArmState {
  std::optional<ArmModel> model, draft;
  std::shared_ptr<PinnedPrompts> pins = std::make_shared<PinnedPrompts>();
  std::size_t left = 0;  // jobs
};

class EvalRun {
 public:
  EvalRun(const EvalArguments& arguments, std::vector<Job> jobs)
      : arguments_(arguments),
        jobs_(jobs.begin(), jobs.end()),
        in_flight_(questions_in_flight(jobs.size(), arguments.model)),
        task_(arguments.task.empty() ? nullptr : &find_task(arguments.task)),
        progress_(jobs_.size(), arguments.quiet),
        signals_(io_, running_),
        results_(EvalFolder(arguments.out).attempts().string()) {
    if (!arguments.cache.empty()) cache_.emplace(arguments.cache);
  }

  // Returns how many failed. One arm after the other, but the next one's questions begin while the
  // last ones of the arm before are still at work.
  int run() {
    if (jobs_.empty()) return 0;
    for (const Job& job : jobs_) ++arms_[arm_of(job)].left;
    at_work_ = in_flight_;
    model_ = open_model(arguments_.model, in_flight_);
    for (int i = 0; i < in_flight_; ++i)
      asio::co_spawn(io_, worker(), [this](std::exception_ptr error) {
        if (error && !error_) error_ = error, running_.cancel();
        if (--at_work_ == 0) signals_.stop();
      });
    io_.run();
    if (error_) std::rethrow_exception(error_);
    return failed_;
  }
  int signal_exit_code() const { return signals_.exit_code(); }

 private:
  RunOptions options_of(const Job& job, ArmState& arm) {
    RunOptions options;
    options.settings = job.chosen->settings;
    if (!job.chosen->recipe->judge.empty()) options.judge = arguments_.judge;
    options.task = task_;
    options.tools = &tools_;
    options.max_step_tokens = arguments_.max_step_tokens;
    options.max_trace_tokens = arguments_.max_trace_tokens;
    options.limits.generated_tokens = job.budget;
    options.seed = job.seed;
    options.pins = arm.pins;
    options.draft = arm.draft ? &arm.draft->get() : nullptr;
    return options;
  }

  ArmState& state_of(const Job& job) {
    ArmState& arm = arms_.at(arm_of(job));
    DrawCache* cache = cache_ ? &*cache_ : nullptr;
    if (!arm.model) arm.model.emplace(*model_, cache);
    if (job.chosen->recipe->draft == Draft::none || arguments_.draft.empty() || arm.draft)
      return arm;
    if (!draft_) draft_ = open_model(beside(arguments_.model, arguments_.draft), in_flight_);
    arm.draft.emplace(*draft_, cache);
    return arm;
  }

  // The first that is left. What another one is just drawing for the cache is not drawn beside it.
  std::optional<Job> take() {
    if (running_.cancelled()) return {};
    for (auto job = jobs_.begin(); job != jobs_.end(); ++job) {
      if (draws_of(*job) && drawing_.contains(*draws_of(*job))) continue;
      const Job taken = *job;
      jobs_.erase(job);
      if (draws_of(taken)) drawing_.insert(*draws_of(taken));
      return taken;
    }
    return {};
  }

  // What is drawn once for all recipes that sample.
  std::optional<std::pair<std::string, std::uint64_t>> draws_of(const Job& job) const {
    if (!cache_ || !job.chosen->recipe->samples) return {};
    return {{job.problem->id, job.seed}};
  }

  asio::awaitable<void> worker() {
    Budget** slot = running_.add();
    while (const std::optional<Job> job = take()) {
      ArmState& arm = state_of(*job);
      RunOptions options = options_of(*job, arm);
      std::optional<Solved> result;
      std::string failure;
      try {
        LanguageModel& model = arm.model->get();
        result = co_await solved(model, *job->chosen->recipe, *job->problem, options, slot);
      } catch (const Error& error) {
        if (error.fault() == Fault::store) throw;
        failure = error.what();
      }
      if (draws_of(*job)) drawing_.erase(*draws_of(*job));
      if (--arm.left == 0) arms_.erase(arm_of(*job));
      finish(*job, result, failure);
    }
  }

  void finish(const Job& job, const std::optional<Solved>& result, const std::string& failure) {
    if (!result) {
      ++failed_;
      fmt::print(stderr, "{}, question {}: {}\n", job.chosen->name,
                 base::printable(job.problem->id), base::printable(failure));
      results_.write(one_line(line_of(job, failure)));
      return progress_.note({});
    }
    if (result->outcome.stopped == Stopped::cancelled) return;  // to be done again on --resume
    results_.write(one_line(line_of(job, *result, model_->info())));
    progress_.note(*result);
  }

  const EvalArguments& arguments_;
  std::optional<DrawCache> cache_;
  std::unique_ptr<LanguageModel> model_, draft_;
  std::deque<Job> jobs_;  // not begun yet
  const int in_flight_;
  std::map<ArmKey, ArmState> arms_;
  std::set<std::pair<std::string, std::uint64_t>> drawing_;  // question and seed
  const Task* const task_;
  EvalProgress progress_;
  Toolbox tools_;
  asio::io_context io_;
  Running running_;
  Signals signals_;
  ResultFile results_;
  int at_work_ = 0, failed_ = 0;
  std::exception_ptr error_;
};

// The jobs that have no attempt yet; a failed one is made again.
void leave_out_done(const EvalArguments& arguments, std::vector<Job>& jobs) {
  const std::string path = EvalFolder(arguments.out).attempts().string();
  finished_ids(path);  // cuts a torn line off
  if (!std::filesystem::exists(path)) return start_results(path);
  std::set<Key> done;
  for (const eval::Attempt& attempt : eval::read_attempts(path).attempts)
    if (attempt.failure.empty()) done.insert({attempt.arm, attempt.problem, attempt.seed});
  std::erase_if(jobs, [&](const Job& job) { return done.contains(key_of(job)); });
}

int evaluate(EvalArguments arguments) {
  if (arguments.data.empty() || arguments.out.empty() || arguments.recipes.empty())
    throw Error(Fault::input, "eval", "it wants DATA, --recipe and --out",
                "Write `cairn eval problems.jsonl --recipe cot,self_consistency --out run`");
  const std::vector<Chosen> recipes = read_recipes(arguments.recipes);
  if (!arguments.judge.empty()) check_judge(arguments.judge);
  if (!arguments.task.empty()) find_task(arguments.task);
  check_draft(recipes, arguments.draft);
  const ProblemFile file = read_eval_data(arguments.data, !arguments.task.empty(), arguments.limit);
  for (const std::string& complaint : file.complaints)
    fmt::print(stderr, "{}\n", base::printable(complaint));
  if (arguments.task.empty()) arguments.task = file.task;
  const EvalFolder folder(arguments.out);
  const Json plan =
      folder.open(plan_of(arguments, file.problems, recipes, open_model(arguments.model)->info()),
                  arguments.resume);
  std::vector<Job> jobs = all_jobs(arguments, file.problems, recipes);
  leave_out_done(arguments, jobs);
  const auto start = std::chrono::steady_clock::now();
  EvalRun run(arguments, std::move(jobs));
  const int failed = run.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  folder.note_session(took.count());
  fmt::print("{}", folder.write_report(plan, file.complaints));
  if (run.signal_exit_code() != kOk) return run.signal_exit_code();
  return failed > 0 || !file.complaints.empty() ? kSomeFailed : kOk;
}

// DATA without a model: can every question be asked, and is its own answer right?
int check_data(const EvalArguments& arguments) {
  const ProblemFile file = read_eval_data(arguments.data, !arguments.task.empty(), arguments.limit);
  const std::string name = arguments.task.empty() ? file.task : arguments.task;
  const auto wrong = wrong_golds(file.problems, name.empty() ? nullptr : &find_task(name));
  for (const std::string& complaint : file.complaints)
    fmt::print("{}\n", base::printable(complaint));
  for (const WrongGold& gold : wrong)
    fmt::print("{}: {}\n", base::printable(gold.id), base::printable(gold.why));
  fmt::print("{} questions, {} with a wrong answer, {} complaints\n", file.problems.size(),
             wrong.size(), file.complaints.size());
  return wrong.empty() && file.complaints.empty() ? kOk : kSomeFailed;
}

int faithfulness(const EvalArguments& a) {
  if (a.recipes.size() > 1 || a.budgets.size() > 1)
    throw Error(Fault::input, "--faithfulness", "it wants one recipe and one budget at most",
                "Run it once for each");
  FaithfulnessOptions options{
      .run = a.faithfulness, .limit = a.limit, .quiet = a.quiet, .model = a.model};
  if (!a.recipes.empty()) options.recipe = a.recipes[0];
  if (!a.budgets.empty()) options.budget = a.budgets[0];
  return test_faithfulness(options);
}

int compare_runs(const EvalArguments& arguments) {
  const auto before = eval::read_attempts(EvalFolder(arguments.compare[0]).attempts().string());
  const auto after = eval::read_attempts(EvalFolder(arguments.compare[1]).attempts().string());
  const std::vector<eval::Pair> pairs = eval::compare(before.attempts, after.attempts);
  if (pairs.empty())
    throw Error(Fault::input, "--compare", "the runs have no recipe at the same budget in common",
                "Compare runs of the same recipes, settings and budgets");
  fmt::print("{}", eval::comparison_text(pairs));
  for (const auto* file : {&before, &after})
    for (const std::string& complaint : file->complaints) fmt::print(stderr, "{}\n", complaint);
  return before.complaints.empty() && after.complaints.empty() ? kOk : kSomeFailed;
}

// The reports of a folder once more, from the attempts that lie there.
int report_again(const std::string& path) {
  const EvalFolder folder(path);
  fmt::print("{}", folder.write_report(folder.plan(), {}));
  return kOk;
}

int run_eval(const EvalArguments& arguments) {
  if (arguments.check) return check_data(arguments);
  if (!arguments.report.empty()) return report_again(arguments.report);
  if (!arguments.compare.empty()) return compare_runs(arguments);
  if (!arguments.faithfulness.empty()) return faithfulness(arguments);
  if (arguments.fit_auto.empty()) return evaluate(arguments);
  if (arguments.out.empty())
    throw Error(Fault::input, "--fit-auto", "it wants --out", "Name the file of the tree");
  return fit_auto(arguments.fit_auto, arguments.out, arguments.probe);
}

}  // namespace

void add_eval_command(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<EvalArguments>();
  CLI::App* command = app.add_subcommand("eval", "Compare recipes on a data set");
  command->add_option(
      "data", a->data,
      "questions with answers, one JSON object a line: id, question, answer; a file of a public "
      "data set, gsm8k/train.jsonl; or a procedure of the gym, NAME:difficulty=3,count=100");
  command->add_option("--recipe", a->recipes, "NAME[:option=value,option=value],NAME,...");
  command->add_option("--budget-tokens", a->budgets, "generated tokens a question: 256,512,...")
      ->delimiter(',')
      ->check(CLI::NonNegativeNumber);
  command->add_option("--judge", a->judge, "for the recipes that rank, instead of their own");
  command->add_option("--task", a->task, "what the questions are, with rules");
  command->add_option("--seeds", a->seeds, "attempts of each question, seeds 1, 2, ...")
      ->check(CLI::Range(1, 1000));
  command->add_option("--limit", a->limit, "take the first so many questions")
      ->check(CLI::PositiveNumber);
  command->add_option("--max-step-tokens", a->max_step_tokens, "longest step")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--max-trace-tokens", a->max_trace_tokens, "longest line of reasoning")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--out", a->out, "folder for the attempts and the reports");
  command->add_option("--draft", a->draft,
                      "a second model, as for --model, for the recipes that use one");
  command->add_option("--cache", a->cache,
                      "a file of draws: what is there is not drawn again, and charged as if it "
                      "had been");
  command->add_flag("--resume", a->resume, "go on with the run in --out");
  command->add_option("--report", a->report,
                      "such a folder: only write its reports again, from the attempts there");
  command->add_option("--compare", a->compare, "two such folders: what changed between them")
      ->expected(2);
  command->add_flag("-q,--quiet", a->quiet, "no progress on standard error");
  add_model_flags(*command, a->model);
  command->add_flag("--check", a->check,
                    "only read DATA and look whether its own answers are right");
  command->add_option("--faithfulness", a->faithfulness,
                      "a folder of a run: change steps of its chains and see whether the answers "
                      "follow");
  command->add_option(
      "--fit-auto", a->fit_auto,
      "a folder of a run, or several of the same recipes: fit the thresholds of the "
      "recipe auto, written to --out");
  command->add_option("--probe", a->probe, "with --fit-auto: samples before the choice")
      ->check(CLI::Range(1, 64));
  command->callback([a, &exit_code] { exit_code = run_eval(*a); });
}

}  // namespace cairn::app
