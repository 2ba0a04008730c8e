#include "app/solve_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "app/cli.h"
#include "app/live_tree.h"
#include "app/model_options.h"
#include "app/problem_file.h"
#include "app/result_json.h"
#include "app/running.h"
#include "base/text.h"
#include "cairn/answer.h"
#include "cairn/error.h"
#include "cairn/judges.h"
#include "cairn/runner.h"
#include "store/jsonl_log.h"
#include "store/run_store.h"
#include "store/trace_file.h"

namespace cairn::app {
namespace {

struct SolveArguments {
  std::string question;
  std::string file, out, trace;
  bool resume = false, json = false, quiet = false, unsafe_tools = false;
  std::string recipe = "self_consistency";
  std::vector<std::string> settings;
  std::string judge, judge_model, prompt, task, draft, segmenter = "line", database;
  std::optional<std::int64_t> budget_tokens, budget_evaluated;
  std::optional<double> deadline;
  std::uint64_t seed = 1;
  std::optional<float> temperature, top_p, min_p;
  std::optional<int> top_k;
  int max_step_tokens = 256, max_trace_tokens = 512;
  ModelFlags model;
};

Settings parse_settings(const std::vector<std::string>& pairs) {
  Settings settings;
  for (const std::string& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(Fault::input, "--set", fmt::format("\"{}\" is no option=value", pair),
                  "Write --set samples=16, for example");
    settings[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return settings;
}

RunOptions run_options(const SolveArguments& arguments,
                       std::map<std::string, Unfinished> begun = {}) {
  RunOptions options;
  options.unfinished = std::move(begun);
  options.settings = parse_settings(arguments.settings);
  options.judge = arguments.judge;
  options.segmenter = arguments.segmenter;
  if (!arguments.task.empty()) options.task = &find_task(arguments.task);
  if (!arguments.prompt.empty()) options.prompt = prompt_read(arguments.prompt);
  options.sampling = {arguments.temperature, arguments.top_k, arguments.top_p, arguments.min_p};
  if (arguments.temperature && !options.settings.contains("temperature"))
    options.settings["temperature"] = fmt::format("{}", *arguments.temperature);
  options.max_step_tokens = arguments.max_step_tokens;
  options.max_trace_tokens = arguments.max_trace_tokens;
  options.limits.generated_tokens = arguments.budget_tokens;
  options.limits.evaluated_tokens = arguments.budget_evaluated;
  if (arguments.deadline)
    options.limits.wall_time =
        std::chrono::nanoseconds(static_cast<std::int64_t>(*arguments.deadline * 1e9));
  options.seed = arguments.seed;
  return options;
}

// What is wrong with the options is said before a model is loaded.
void check_options(const SolveArguments& arguments, const Recipe& recipe) {
  recipe.check(run_options(arguments).settings);  // reads the prompt as well
  make_segmenter(arguments.segmenter);
  if (!arguments.judge.empty()) check_judge(arguments.judge);
  if (!arguments.judge_model.empty() && recipe.judge.empty())
    throw Error(Fault::input, recipe.name, "it asks no judge, so --judge-model would do nothing",
                "Leave it out, or use a recipe that ranks, such as best_of_n");
  if (recipe.draft == Draft::must && arguments.draft.empty())
    throw Error(Fault::input, recipe.name, "it wants a second, smaller model that drafts",
                "Give --draft MODEL");
  if (recipe.draft == Draft::none && !arguments.draft.empty())
    throw Error(Fault::input, recipe.name, "it uses one model, so --draft would do nothing",
                "Leave --draft out, or use spec_reason or ab_mcts");
  if (arguments.resume && arguments.out.empty() && arguments.trace.empty())
    throw Error(Fault::input, "--resume", "there is no --out FILE or --trace FILE to go on with",
                "Give --file PROBLEMS --out FILE --resume, or QUESTION --trace FILE --resume");
  if (!arguments.out.empty() && arguments.file.empty())
    throw Error(Fault::input, "--out", "it is for a file of problems",
                "Give --file PROBLEMS as well");
  if (!arguments.database.empty() && !arguments.file.empty())
    throw Error(Fault::input, "--database", "the problems of a file name their own",
                "Write \"database\" into the problems, or give one question");
  if (arguments.file.empty() == arguments.question.empty())
    throw Error(Fault::input, "solve",
                "it wants one question, or - for standard input, or --file PROBLEMS",
                "Write `cairn solve \"QUESTION\"`");
}

bool colours(std::FILE* out) {
  return isatty(fileno(out)) && std::getenv("NO_COLOR") == nullptr;
}

// The flags that decide what is drawn, as the trace keeps them: a run goes on only with the same.
std::string flags_of(const SolveArguments& a) {
  const auto shown = [](const char* name, const auto& value) {
    return value ? fmt::format(" {} {}", name, *value) : std::string();
  };
  std::string flags = fmt::format(" segmenter {} max_step_tokens {} max_trace_tokens {}",
                                  a.segmenter, a.max_step_tokens, a.max_trace_tokens);
  flags += shown("temp", a.temperature) + shown("top_k", a.top_k) + shown("top_p", a.top_p) +
           shown("min_p", a.min_p) + shown("budget_tokens", a.budget_tokens) +
           shown("budget_evaluated", a.budget_evaluated);
  if (!a.task.empty()) flags += " task " + a.task;
  if (!a.prompt.empty()) flags += " prompt " + a.prompt;
  if (!a.draft.empty()) flags += " draft " + a.draft;
  if (!a.judge_model.empty()) flags += " judge-model " + a.judge_model;
  return flags;
}

// Where steps go: the trace file and the terminal, as asked.
struct Logs {
  std::unique_ptr<TraceLog> file;
  std::unique_ptr<LiveTree> live;
  std::unique_ptr<store::TeeLog> all;

  // `watched`: where the steps are drawn from, if they are.
  Logs(const SolveArguments& arguments, const ModelInfo& model, boost::asio::io_context* watched) {
    std::vector<TraceLog*> logs;
    if (!arguments.trace.empty()) {
      file = store::open_trace_log(arguments.trace, run_info(arguments, model));
      logs.push_back(file.get());
    }
    if (watched) {
      live =
          std::make_unique<LiveTree>(*watched, stderr, isatty(STDERR_FILENO) != 0, colours(stderr));
      logs.push_back(live.get());
    }
    all = std::make_unique<store::TeeLog>(std::move(logs));
  }

  static store::RunInfo run_info(const SolveArguments& arguments, const ModelInfo& model) {
    store::RunInfo run;
    run.model = model.name;
    run.fingerprint = model.fingerprint;
    run.reproducible = model.reproducible;
    run.notes = model.notes;
    run.notes += flags_of(arguments);
    if (find_recipe(arguments.recipe).tools)
      run.notes += fmt::format(" tools bounded by {}", tools_bounded_by());
    run.judge = arguments.judge;
    run.settings = parse_settings(arguments.settings);
    return run;
  }
};

// What interrupted runs with the same options had done, from the trace file.
std::map<std::string, Unfinished> unfinished_runs(const SolveArguments& arguments,
                                                  const Recipe& recipe, const ModelInfo& model) {
  std::map<std::string, Unfinished> all;
  if (!arguments.resume || arguments.trace.empty() || store::names_a_store(arguments.trace) ||
      !std::filesystem::exists(arguments.trace))
    return all;
  const store::RunInfo run = Logs::run_info(arguments, model);
  for (const store::Episode& episode : store::read_trace_file(arguments.trace).episodes) {
    const store::ProblemRecord& problem = episode.problem;
    if (episode.outcome || !(problem.run == run) || problem.recipe != recipe.name ||
        problem.seed != arguments.seed)
      continue;
    all[problem.problem.id] = store::unfinished(episode);
  }
  return all;
}

std::string question_of(const SolveArguments& arguments) {
  if (arguments.question != "-") return arguments.question;
  std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  text = std::string(base::trim(text));
  if (text.empty())
    throw Error(Fault::input, "solve", "standard input holds no question",
                "Write the question to it");
  return text;
}

void print_outcome(const Outcome& outcome) {
  fmt::print("{}\n", outcome.answer ? base::printable(*outcome.answer) : "(no answer)");
  const Usage& usage = outcome.usage;
  fmt::print("{} generated, {} evaluated, {:.1f} s, {:.0f} tokens/s, confidence {:.2f}{}\n",
             usage.generated_tokens, usage.evaluated_tokens, usage.seconds,
             static_cast<double>(usage.generated_tokens) / std::max(usage.seconds, 1e-9),
             outcome.confidence,
             outcome.stopped == Stopped::done
                 ? ""
                 : fmt::format(", stopped: {}", name_of(outcome.stopped)));
}

// The models of a run; null where none was asked for.
struct Models {
  std::unique_ptr<LanguageModel> policy, draft, judge;
};

Models open_models(const SolveArguments& arguments, int questions) {
  const auto beside_it = [&](const std::string& name) {
    return name.empty() ? nullptr : open_model(beside(arguments.model, name), questions);
  };
  return {open_model(arguments.model, questions), beside_it(arguments.draft),
          beside_it(arguments.judge_model)};
}

int solve_one(const SolveArguments& arguments, const Recipe& recipe, const Models& models) {
  LanguageModel& model = *models.policy;
  Problem problem;
  problem.id = "question";
  problem.question = question_of(arguments);
  problem.database = arguments.database;
  if (!arguments.database.empty()) problem.kind = AnswerKind::sql;
  RunOptions options = run_options(arguments, unfinished_runs(arguments, recipe, model.info()));
  options.draft = models.draft.get();
  options.judge_model = models.judge.get();
  Toolbox tools({.unsafe = arguments.unsafe_tools});
  options.tools = &tools;
  asio::io_context io;
  Logs logs(arguments, model.info(), arguments.json || arguments.quiet ? nullptr : &io);
  options.log = logs.all.get();
  Running running;
  Signals signals(io, running);
  Solved result;
  std::exception_ptr error;
  asio::co_spawn(io, solved(model, recipe, problem, options, running.add()),
                 [&](std::exception_ptr failed, Solved ended) {
                   error = failed;
                   result = std::move(ended);
                   signals.stop();
                 });
  io.run();
  if (error) std::rethrow_exception(error);
  if (arguments.json) {
    auto json = result_to_json(result, problem, recipe.name, model.info().name);
    json.erase("id");
    fmt::print("{}\n", one_line(json));
  } else {
    print_outcome(result.outcome);
  }
  if (signals.exit_code() != kOk) return signals.exit_code();
  return result.outcome.stopped == Stopped::done ? kOk : kPartial;
}

// ---- a file of problems

class Progress {
 public:
  Progress(std::size_t total, bool quiet)
      : total_(total), terminal_(isatty(STDERR_FILENO) != 0), quiet_(quiet) {}

  void note(const Solved& solved) {
    ++done_;
    generated_ += solved.outcome.usage.generated_tokens;
    if (const auto right = solved.marks.outcome) {
      ++checked_;
      right_ += *right;
    }
    const auto now = Clock::now();
    if (quiet_ || (now - last_ < std::chrono::seconds(terminal_ ? 0 : 10) && done_ < total_))
      return;
    last_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    fmt::print(stderr, "{}{}/{} done, {}{:.0f} tokens/s, {:.0f} s left{}",
               terminal_ ? "\r\x1b[2K" : "", done_, total_,
               checked_ ? fmt::format("{}/{} right, ", right_, checked_) : "",
               static_cast<double>(generated_) / std::max(seconds, 1e-9),
               seconds / static_cast<double>(done_) * static_cast<double>(total_ - done_),
               terminal_ ? "" : "\n");
    if (terminal_ && done_ == total_) fmt::print(stderr, "\n");
  }

 private:
  using Clock = std::chrono::steady_clock;
  const std::size_t total_;
  const bool terminal_, quiet_;
  std::size_t done_ = 0;
  int checked_ = 0, right_ = 0;
  std::int64_t generated_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

class FileRun {
 public:
  FileRun(const SolveArguments& arguments, const Recipe& recipe, const Models& models,
          std::vector<Problem> problems)
      : recipe_(recipe),
        model_(*models.policy),
        problems_(std::move(problems)),
        options_(run_options(arguments, unfinished_runs(arguments, recipe, model_.info()))),
        logs_(arguments, model_.info(), /*watched=*/nullptr),
        tools_({.unsafe = arguments.unsafe_tools}),
        progress_(problems_.size(), arguments.quiet),
        signals_(io_, running_),
        results_(arguments.out) {
    options_.log = logs_.all.get();
    options_.draft = models.draft.get();
    options_.judge_model = models.judge.get();
    options_.tools = &tools_;
  }

  // Returns how many failed.
  int run() {
    const std::size_t workers =
        std::min<std::size_t>(problems_.size(), std::max(2, model_.info().rows));
    at_work_ = workers;
    for (std::size_t i = 0; i < workers; ++i)
      asio::co_spawn(io_, worker(), [this](std::exception_ptr error) {
        if (error && !error_) error_ = error, running_.cancel();
        if (--at_work_ == 0) signals_.stop();
      });
    if (workers == 0) signals_.stop();
    io_.run();
    if (error_) std::rethrow_exception(error_);
    return failed_;
  }
  int signal_exit_code() const { return signals_.exit_code(); }

 private:
  // Takes one problem after another; as many workers as rows keep the engine's batch full.
  asio::awaitable<void> worker() {
    Budget** slot = running_.add();
    while (next_ < problems_.size() && !running_.cancelled()) {
      const Problem& problem = problems_[next_++];
      std::optional<Solved> result;
      std::string failure;
      try {
        result = co_await solved(model_, recipe_, problem, options_, slot);
      } catch (const Error& error) {
        if (error.fault() == Fault::store) throw;
        failure = error.what();
      }
      finish(problem, result, failure);
    }
  }

  void finish(const Problem& problem, const std::optional<Solved>& result,
              const std::string& failure) {
    if (!failure.empty()) {
      ++failed_;
      fmt::print(stderr, "problem {}: {}\n", base::printable(problem.id), failure);
      return;
    }
    if (result->outcome.stopped == Stopped::cancelled) return;  // to be done again on --resume
    results_.write(one_line(result_to_json(*result, problem, recipe_.name, model_.info().name)));
    progress_.note(*result);
  }

  const Recipe& recipe_;
  LanguageModel& model_;
  const std::vector<Problem> problems_;
  RunOptions options_;  // reads the trace file before it is opened for writing
  Logs logs_;
  Toolbox tools_;
  Progress progress_;
  asio::io_context io_;
  Running running_;
  Signals signals_;
  ResultFile results_;
  std::size_t next_ = 0, at_work_ = 0;
  int failed_ = 0;
  std::exception_ptr error_;
};

int solve_file(SolveArguments arguments, const Recipe& recipe) {
  ProblemFile file = read_problems(arguments.file);
  if (arguments.task.empty()) arguments.task = file.task;
  for (const std::string& complaint : file.complaints) fmt::print(stderr, "{}\n", complaint);
  const Models models =
      open_models(arguments, questions_in_flight(file.problems.size(), arguments.model));
  if (arguments.resume) {
    const std::set<std::string> done = finished_ids(arguments.out);
    std::erase_if(file.problems, [&](const Problem& problem) { return done.contains(problem.id); });
  } else if (!arguments.out.empty()) {
    start_results(arguments.out);
  }
  FileRun run(arguments, recipe, models, std::move(file.problems));
  const int failed = run.run();
  if (run.signal_exit_code() != kOk) return run.signal_exit_code();
  return failed > 0 || !file.complaints.empty() ? kSomeFailed : kOk;
}

int solve(const SolveArguments& arguments) {
  const Recipe& recipe = find_recipe(arguments.recipe);
  check_options(arguments, recipe);
  return arguments.file.empty() ? solve_one(arguments, recipe, open_models(arguments, 1))
                                : solve_file(arguments, recipe);
}

}  // namespace

void add_solve_command(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<SolveArguments>();
  CLI::App* command = app.add_subcommand("solve", "Answer a question, or every question of a file");
  command->add_option("question", a->question, "the question, or - for standard input");
  command->add_option("--file", a->file,
                      "problems, one JSON object a line: id, question, and answer where known");
  command->add_option("--out", a->out,
                      "with --file: where the results go instead of standard output");
  command->add_flag("--resume", a->resume,
                    "go on: skip the problems that --out FILE has, take steps from --trace FILE");
  command->add_option("--database", a->database, "the SQLite file that a query is asked for");
  command->add_option("--recipe", a->recipe, "see `cairn recipes`")->envname("CAIRN_RECIPE");
  command->add_option("--set", a->settings, "option=value of the recipe, may be repeated");
  command
      ->add_option("--judge", a->judge,
                   "NAME or NAME:option=value,option=value; see `cairn judges`")
      ->envname("CAIRN_JUDGE");
  command
      ->add_option("--judge-model", a->judge_model,
                   "the judge's model, as for --model; without it the judge asks the first")
      ->envname("CAIRN_JUDGE_MODEL");
  command
      ->add_option("--draft", a->draft,
                   "a second model, as for --model: it drafts (spec_reason) or acts beside the "
                   "first (ab_mcts)")
      ->envname("CAIRN_DRAFT");
  command->add_option("--task", a->task, "what the questions are, with rules: game24, blocksworld")
      ->envname("CAIRN_TASK");
  command
      ->add_option("--prompt", a->prompt, "a file FILE.md as in prompts/, instead of the recipe's")
      ->envname("CAIRN_PROMPT");
  command
      ->add_option("--segmenter", a->segmenter,
                   "what a step is: line, blank_line, sentence, tokens:N, marker:TEXT, "
                   "regex:PATTERN, think, none")
      ->envname("CAIRN_SEGMENTER");
  command->add_option("--budget-tokens", a->budget_tokens, "generated tokens a problem, at most")
      ->envname("CAIRN_BUDGET_TOKENS")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--budget-evaluated", a->budget_evaluated, "evaluated tokens a problem, at most")
      ->envname("CAIRN_BUDGET_EVALUATED")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--deadline", a->deadline, "seconds a problem, at most")
      ->envname("CAIRN_DEADLINE")
      ->check(CLI::Range(0.0, 1e6));
  command->add_option("-s,--seed", a->seed, "of everything that is drawn")->envname("CAIRN_SEED");
  command->add_option("--temp", a->temperature, "temperature, instead of the recipe's")
      ->envname("CAIRN_TEMP")
      ->check(CLI::Range(0.0f, 2.0f));
  command->add_option("--top-k", a->top_k, "keep the k most probable tokens")
      ->envname("CAIRN_TOP_K")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--top-p", a->top_p, "keep the smallest set of this probability")
      ->envname("CAIRN_TOP_P")
      ->check(CLI::Range(0.0f, 1.0f));
  command
      ->add_option("--min-p", a->min_p, "keep tokens at least this times as probable as the best")
      ->envname("CAIRN_MIN_P")
      ->check(CLI::Range(0.0f, 1.0f));
  command->add_option("--max-step-tokens", a->max_step_tokens, "longest step")
      ->envname("CAIRN_MAX_STEP_TOKENS")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--max-trace-tokens", a->max_trace_tokens, "longest line of reasoning")
      ->envname("CAIRN_MAX_TRACE_TOKENS")
      ->check(CLI::Range(1, 1 << 20));
  command
      ->add_option(
          "--trace", a->trace,
          "keep every step in this file: JSON lines, or SQLite if it ends in .db or .sqlite")
      ->envname("CAIRN_TRACE");
  command->add_flag("--json", a->json, "one JSON object on standard output");
  command->add_flag("-q,--quiet", a->quiet, "no steps and no progress on standard error");
  command->add_flag("--unsafe-tools", a->unsafe_tools,
                    "run programs that the model writes without a sandbox");
  add_model_flags(*command, a->model);
  command->callback([a, &exit_code] { exit_code = solve(*a); });
}

}  // namespace cairn::app
