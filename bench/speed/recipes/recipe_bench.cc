// How many tokens a second does a search generate on a real model, and what does it waste? One
// recipe per start, on one question or several in flight, one JSON object on standard output;
// bench/speed/against_batched_bench --search sets it beside llama-batched-bench, and
// bench/speed/against_llama_server beside llama-server. Less than 0.75 of the former's rate for one
// question and 0.85 for eight, more than 1.02 positions evaluated for a unique token, more than
// 1.10 unified cells for a live one, or more than 1 % of the time in the controller would worry us.
//
// With --step-tokens every step has that many tokens and no text ends before --max-trace-tokens.
// Prompts are evaluated before the clock starts. Checked first: a search of width 1 at temperature
// 0 writes what the model writes by itself; then that every token that was paid for was generated.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <ctime>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "cairn/prompt.h"
#include "cairn/runner.h"
#include "engine/no_end.h"
#include "model/decorator.h"
#include "model/llama/llama_model.h"

namespace {

using namespace cairn;  // NOLINT: a program of one file

struct Options {
  std::string model, recipe = "beam", judge, kv = "auto", reproducible = "auto";
  std::vector<std::string> settings;
  int questions = 1, rows = 16, threads = 2, step_tokens = 0, max_trace_tokens = 128;
  std::uint64_t seed = 1;
};

constexpr const char* kPrompt = R"(## user
Read these notes, and then go on with the story that is begun below them, at length, in plain words.
The village lies between two rivers, and its people have kept bees for longer than anyone can
remember. Each spring the hives are carried up to the meadows, where the first clover opens, and each
autumn they are brought down again before the snow closes the road. There is a school with one room,
a mill that no longer turns, and an inn whose sign shows a fish with a crown. The miller's daughter
left for the city when she was nineteen and came back when she was forty, with a box of letters that
she has never shown to anybody. The teacher, who arrived in the same year, counts the birds in the
reeds and writes their numbers into a green book. Nobody has asked him why. In dry summers the lower
river can be crossed on foot, and then children from the other bank come over, and there is a feast
with lanterns that lasts until the stars are out. It has happened eleven times.

{question})";

const char* const kQuestions[] = {
    "A baker makes 12 trays of 15 rolls and sells 140 of them. How many rolls are left?",
    "Mia reads 18 pages a day. How many days does she need for a book of 270 pages?",
    "A tank holds 480 litres and loses 15 litres an hour. How much is left after 9 hours?",
    "Tom has 3 times as many marbles as Ann, who has 26. How many do they have together?",
    "A train goes 85 km in the first hour and 95 km in the second. What is its mean speed?",
    "Pens cost 3 coins and books 11. What do 7 pens and 4 books cost altogether?",
    "A garden of 14 by 9 metres gets a fence. How many metres of fence does it take?",
    "Of 240 apples a quarter are green and 70 are yellow. How many are neither?"};

// Forbids to end a text.
class EndlessModel : public ModelDecorator {
 public:
  explicit EndlessModel(LanguageModel& inner)
      : ModelDecorator(inner), bias_(bench::no_end(inner)) {}
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    request.sampling.logit_bias = bias_;
    return ModelDecorator::generate(std::move(request), budget);
  }

 private:
  const std::vector<std::pair<Token, float>> bias_;
};

Problem problem_of(int question) {
  const auto at = static_cast<std::size_t>(question);
  return {.id = fmt::format("bench/{}", question), .question = kQuestions[at % 8]};
}

RunOptions run_options(const Options& options) {
  RunOptions run;
  for (const std::string& setting : options.settings) {
    const auto equals = setting.find('=');
    run.settings[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  run.judge = options.judge;
  run.max_trace_tokens = options.max_trace_tokens;
  run.seed = options.seed;
  if (options.step_tokens > 0) {
    run.segmenter = fmt::format("tokens:{}", options.step_tokens);
    run.prompt = parse_prompt("recipe_bench", kPrompt);
  }
  return run;
}

// All at once; rethrows what fails.
template <class Result>
std::vector<Result> all(std::vector<asio::awaitable<Result>> work) {
  asio::io_context io;
  std::vector<Result> results(work.size());
  std::exception_ptr failure;
  for (std::size_t i = 0; i < work.size(); ++i)
    asio::co_spawn(io, std::move(work[i]), [&, i](std::exception_ptr error, Result result) {
      if (error) failure = error;
      results[i] = std::move(result);
    });
  io.run();
  if (failure) std::rethrow_exception(failure);
  return results;
}

void require(bool right, const std::string& what) {
  if (!right) throw std::runtime_error("recipe_bench: " + what);
}

BranchPtr prompt_branch(LanguageModel& model, const Recipe& recipe, const RunOptions& run,
                        const Problem& problem) {
  const Prompt prompt = run.prompt ? *run.prompt : prompt_named(recipe.prompt);
  return model.branch(nullptr, model.chat(prompt.render(problem)));
}

Generation generated(LanguageModel& model, const BranchPtr& prefix, int tokens) {
  Budget budget;
  GenerateRequest request{.prefix = prefix, .max_tokens = tokens};
  std::vector<asio::awaitable<Generation>> one;
  one.push_back(model.generate(std::move(request), budget));
  return all(std::move(one)).front();
}

// A search that keeps one line and draws nothing writes what the model writes by itself.
void check_greedy(LanguageModel& model, RunOptions run) {
  const Recipe& recipe = find_recipe("beam");
  run.settings = {{"width", "1"}, {"expansions", "1"}, {"temperature", "0"}};
  run.judge = "none";
  // None of those that are measured: nothing of them is to be in the cache.
  const Problem problem{.id = "bench/check", .question = "What is half of 48?"};
  struct Text : TraceLog {
    std::string text;
    void begin(const Problem&, const std::string&, std::uint64_t) override {}
    void step(const Problem&, const StepRecord& record) override {
      if (record.step->kind != "answer") text += record.step->text;  // that one it is asked for
    }
    void reward(const Problem&, std::uint64_t, const std::string&, float, const Usage&) override {}
    void end(const Problem&, const Outcome&) override {}
  } log;
  run.log = &log;
  std::vector<asio::awaitable<Outcome>> one;
  one.push_back(run_problem(model, recipe, problem, run));
  all(std::move(one));
  const BranchPtr prompt = prompt_branch(model, recipe, run, problem);
  const std::string plain = generated(model, prompt, run.max_trace_tokens).text;
  require(!log.text.empty() && plain.starts_with(log.text),
          "a greedy search wrote \"" + log.text + "\" where the model writes \"" + plain + "\"");
}

// The cells and the live tokens of a model while this lives, summed over many moments.
class CellWatch {
 public:
  explicit CellWatch(const LanguageModel& model)
      : thread_([this, &model] {
          while (!over_) {
            const ModelCounters now = model.counters();
            cells_ += now.live_cells, tokens_ += now.live_tokens;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
          }
        }) {}
  double end() {
    over_ = true;
    thread_.join();
    return static_cast<double>(cells_) / static_cast<double>(std::max<std::int64_t>(1, tokens_));
  }

 private:
  std::atomic<bool> over_{false};
  std::int64_t cells_ = 0, tokens_ = 0;
  std::thread thread_;
};

double own_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double mean_trace_tokens(const std::vector<Outcome>& outcomes) {
  double tokens = 0, traces = 0;
  for (const Outcome& outcome : outcomes)
    for (const FinishedTrace& one : outcome.traces)
      tokens += static_cast<double>(one.trace.tokens()), ++traces;
  return tokens / std::max(1.0, traces);
}

nlohmann::json measure(const Options& options) {
  const Recipe& recipe = find_recipe(options.recipe);
  const RunOptions run = run_options(options);
  const auto engine = llama::make_llama_model({
      .path = options.model,
      .context_tokens = 512 + options.max_trace_tokens,
      .kv = llama::kv_layout(options.kv),
      .reproducible = llama::reproducible(options.reproducible),
      .rows = options.rows,
      .questions = options.questions,
      .threads = options.threads,
  });
  EndlessModel endless(*engine);
  LanguageModel& model = options.step_tokens > 0 ? static_cast<LanguageModel&>(endless) : *engine;
  check_greedy(model, run);

  std::vector<Problem> problems;
  for (int i = 0; i < options.questions; ++i) problems.push_back(problem_of(i));
  const ModelCounters begin = model.counters();
  std::vector<BranchPtr> prompts;
  for (const Problem& problem : problems) {
    prompts.push_back(prompt_branch(model, recipe, run, problem));
    generated(model, prompts.back(), 1);
  }

  const ModelCounters before = model.counters();
  CellWatch watch(model);
  const double own_before = own_seconds();
  const auto start = std::chrono::steady_clock::now();
  std::vector<asio::awaitable<Outcome>> runs;
  for (const Problem& problem : problems) runs.push_back(run_problem(model, recipe, problem, run));
  const std::vector<Outcome> outcomes = all(std::move(runs));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double own = own_seconds() - own_before;
  const double cells = watch.end();
  const ModelCounters after = model.counters();

  std::int64_t paid = 0;
  for (const Outcome& outcome : outcomes) paid += outcome.usage.generated_tokens;
  const std::int64_t tokens = after.generated_tokens - before.generated_tokens;
  require(paid == tokens, fmt::format("{} tokens were paid for and {} generated", paid, tokens));
  const auto rows = static_cast<double>(after.rows - before.rows);
  const auto decodes = static_cast<double>(after.decodes - before.decodes);
  return {
      {"recipe", recipe.name},
      {"questions", options.questions},
      {"rows_allowed", options.rows},
      {"prompt_tokens", prompts.front()->size()},
      {"trace_tokens", mean_trace_tokens(outcomes)},
      {"tokens", tokens},
      {"seconds", seconds},
      {"tokens/s", static_cast<double>(tokens) / seconds},
      {"rows/s", rows / seconds},
      {"batch", rows / decodes},
      {"occupied", static_cast<double>(tokens) / decodes / options.rows},
      {"occupied by rows", rows / decodes / options.rows},
      {"evaluated/unique", static_cast<double>(after.evaluated_tokens - begin.evaluated_tokens) /
                               static_cast<double>(after.unique_tokens - begin.unique_tokens)},
      {"cells/unique", cells},
      {"decode_share", (after.decode_seconds - before.decode_seconds) / seconds},
      {"sample_share", (after.sample_seconds - before.sample_seconds) / seconds},
      {"controller_share", own / seconds},
      {"model", model.info().name},
      {"reproducible", model.info().reproducible},
      {"llama", llama::llama_version_text()},
      {"compiler", CAIRN_COMPILER}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"What a search costs on a real model, as one JSON object"};
  app.add_option("-m,--model", options.model, "a GGUF file")->required();
  app.add_option("--recipe", options.recipe);
  app.add_option("--set", options.settings, "option=value of the recipe");
  app.add_option("--judge", options.judge);
  app.add_option("--questions", options.questions)->check(CLI::Range(1, 1000));
  app.add_option("--rows", options.rows)->check(CLI::Range(1, 128));
  app.add_option("-t,--threads", options.threads)->check(CLI::Range(1, 256));
  app.add_option("--step-tokens", options.step_tokens)->check(CLI::Range(0, 1000));
  app.add_option("--max-trace-tokens", options.max_trace_tokens)->check(CLI::Range(1, 100000));
  app.add_option("--seed", options.seed);
  app.add_option("--kv", options.kv, "auto, unified or split");
  app.add_option("--reproducible", options.reproducible)
      ->check(CLI::IsMember({"auto", "on", "off"}));
  CLI11_PARSE(app, argc, argv);
  try {
    fmt::print("{}\n", measure(options).dump());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
