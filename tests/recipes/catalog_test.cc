// The contract of a recipe, run on every recipe of the catalog under a scripted model: same seed,
// same run; no budget is overspent; no option is ignored; a model that never answers is an outcome.
//
// CAIRN_REWRITE_GOLDEN=1 writes the transcripts in tests/golden/recipes afresh.

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cairn/error.h"
#include "cairn/prompt.h"
#include "cairn/runner.h"
#include "model/decorator.h"
#include "model/scripted.h"
#include "testkit/instrumented.h"
#include "testkit/paths.h"
#include "testkit/run.h"
#include "testkit/scripted_python.h"
#include "testkit/transcript.h"

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testkit::run;

const fs::path kSource = testkit::source_dir();

Problem clips() {
  return {.id = "toy/clips",
          .question = "48 clips, then half as many. Altogether?",
          .database = "clips.sqlite"};
}

std::vector<ScriptLine> arithmetic() {
  return {
      {"<|assistant|>",
       {"Half of 48 is 24.\nSo 48 + 24 = 72.\nThe answer is 72.\n",
        "Half of 48 is 24.\nThe answer is 24.\n", "48 + 24 = 72.\nThe answer is 72.\n",
        "The answer is 70.\n"}},
      {"to 9, certainly right: [", {"9", "8"}},
      // Behind the example that dynamic_program shows last, of the eight that it shows.
      {"(12 + 15 + 20)\n```<|user|>48 clips, then half as many. Altogether?<|assistant|>```python\n"
       "def solution():",
       {"\n    return 24 + 48\n```", "\n    return 48 + 24\n```"}},
      {"def solution():",
       {"\n    return 48 + 24\n```", "\n    return 48 / 0\n```", "\n    half = 24\n```"}},
      {"```sql", {"\nSELECT 48 + 24\n```", "\nSELECT 48 / 0\n```", "\nSELECT 24\n```"}},
      {"Verdict: [", {"A", "A", "B"}},
      {"The last step is (", {"A", "A", "B"}},
      {"The proposed answer is (", {"A", "A", "B"}},
      {"\"The answer is …\".<|assistant|>",
       {"#1. 48 clips.\n#2. (by #1) 48 / 2 = 24.\nThe answer is 24.\n",
        "#1. 48 clips.\n#2. (by #1) 48 + 24 = 72.\nThe answer is 72.\n"}},
      {"says yes or no.<|assistant|>", {"Sound.\nyes", "Sound.\nyes", "Wrong.\nno"}},
      {"Question 1:", {" How many are half?\n", " How many are 48 clips?\n"}},
      {"Answer 1:", {" 48 / 2 = 24.\n", " 24 clips.\n", " 48 * 2 = 96.\n", " The answer is 7.\n"}},
      {"Question 2:", {" How many in both?\n", " And altogether?\n"}},
      {"Answer 2:", {" 48 + 24 = 72. The answer is 72.\n", " The answer is 70.\n"}},
      {"In the end,", {" how many?\n"}},
      // Behind the examples of steps with code: the first text ends with its block.
      {"{15}.<|user|>48 clips, then half as many. Altogether?<|assistant|>",
       {"Half.\n```python\nhalf = 24\n```", "Both.\n```python\nprint(48 + 24)\n```\n",
        "The answer is 70.\n"}},
      {"```output\n```\n", {"Both.\n```python\nprint(48 + 24)\n```\n"}},
      {"72\n```\n", {"The answer is 72.\n"}}};
}

// Takes another time for each request.
class LateModel : public ModelDecorator {
 public:
  using ModelDecorator::ModelDecorator;
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    const auto executor = co_await asio::this_coro::executor;
    for (std::uint64_t late = request.seed % 7; late > 0; --late)
      co_await asio::post(executor, asio::use_awaitable);
    Generation got = co_await ModelDecorator::generate(std::move(request), budget);
    co_return got;
  }
};

struct Played {
  Outcome outcome;
  std::string transcript;
};

Played run_with(const Recipe& recipe, RunOptions options,
                std::vector<ScriptLine> script = arithmetic(), bool late = false) {
  ScriptedModel scripted(std::move(script));
  LateModel late_model(scripted);
  LanguageModel& model = late ? static_cast<LanguageModel&>(late_model) : scripted;
  testkit::Transcript log;
  options.log = &log;
  if (recipe.draft == Draft::must) options.draft = &model;
  testkit::ScriptedTools tools;
  options.tools = &tools;
  const Problem problem = clips();
  Outcome outcome = run(run_problem(model, recipe, problem, options));
  return {std::move(outcome), log.text()};
}

std::string name_of_test(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const Recipe& recipe : catalog()) list.push_back(recipe.name);
  return list;
}

class RecipeContract : public testing::TestWithParam<std::string> {
 protected:
  const Recipe& recipe_ = find_recipe(GetParam());
};

TEST_P(RecipeContract, TheTranscriptIsTheGoldenOne) {
  const Played got = run_with(recipe_, {.seed = 1});
  const fs::path path = kSource / "tests/golden/recipes" / recipe_.family / (recipe_.name + ".txt");
  if (std::getenv("CAIRN_REWRITE_GOLDEN") != nullptr) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << got.transcript;
  }
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(got.transcript, golden.str())
      << "Review the change, then run with CAIRN_REWRITE_GOLDEN=1.";
}

TEST_P(RecipeContract, TheSameSeedGivesTheSameRun) {
  for (const std::uint64_t seed : {0u, 7u, 99u})
    EXPECT_EQ(run_with(recipe_, {.seed = seed}).transcript,
              run_with(recipe_, {.seed = seed}).transcript);
}

TEST_P(RecipeContract, NoBudgetOfGeneratedTokensIsOverspent) {
  const std::int64_t all = run_with(recipe_, {.seed = 3}).outcome.usage.generated_tokens;
  for (std::int64_t limit = 0; limit <= all + 45;
       limit += (limit < 80 ? 1 : 13) * testkit::one_in(7)) {
    const Played got = run_with(recipe_, {.limits = {.generated_tokens = limit}, .seed = 3});
    EXPECT_LE(got.outcome.usage.generated_tokens, limit);
    if (limit < all) {
      EXPECT_EQ(got.outcome.stopped, Stopped::budget) << limit;
    }
    if (limit >= all + 32) {
      EXPECT_EQ(got.outcome.stopped, Stopped::done) << limit;
    }
  }
}

TEST_P(RecipeContract, NoBudgetOfEvaluatedTokensOrCallsIsOverspent) {
  const Usage all = run_with(recipe_, {.seed = 3}).outcome.usage;
  for (std::int64_t limit = 0; limit <= all.evaluated_tokens; limit += 11 * testkit::one_in(7)) {
    const Played got = run_with(recipe_, {.limits = {.evaluated_tokens = limit}, .seed = 3});
    EXPECT_LE(got.outcome.usage.evaluated_tokens, limit);
  }
  for (std::int64_t limit = 0; limit <= all.model_calls; ++limit) {
    const Played got = run_with(recipe_, {.limits = {.model_calls = limit}, .seed = 3});
    EXPECT_LE(got.outcome.usage.model_calls, limit);
  }
}

TEST_P(RecipeContract, AModelThatNeverAnswersIsAnOutcome) {
  const Played rambling =
      run_with(recipe_, {.max_trace_tokens = 40}, {{"", {"and so on and on.\n"}}});
  EXPECT_TRUE(rambling.outcome.answer);  // no other than it wrote when it was asked for one
  EXPECT_EQ(rambling.outcome.traces.back().trace.last().kind, "answer");
  const Played silent = run_with(recipe_, {}, {});
  EXPECT_EQ(silent.outcome.answer, std::nullopt);
  EXPECT_EQ(silent.outcome.stopped, Stopped::done);
}

TEST_P(RecipeContract, NoOptionIsIgnored) {
  const std::map<std::string, std::string> other = {
      {"temperature", recipe_.family == "sample" || recipe_.name == "program_of_thought" ||
                              recipe_.name == "dynamic_program"
                          ? "1.5"
                          : "0"},
      {"samples", recipe_.name == "text_to_sql" ? "4" : "5"},
      {"stop_early", "false"},
      {"confidence", "0.6"},
      {"fold", "min"},
      {"gap", "0"},
      {"rounds", "2"},
      {"repairs", recipe_.family == "tool" ? "0" : "2"},
      {"link", "false"},
      {"width", "1"},
      {"beams", "1"},
      {"expansions", "1"},
      {"depth", "1"},
      {"merge", recipe_.name == "graph_verify" ? "false" : "normalised"},
      {"choose", "majority"},
      {"subtrees", "2"},
      {"max_expanded", "1"},
      {"finished", "1"},
      {"open", "1"},
      {"lanes", "1"},
      {"in_order", "true"},
      {"iterations", "2"},
      {"exploration", "0"},
      {"particles", "2"},
      {"lambda", "0"},
      {"potential", "sum"},
      {"resampling", "multinomial"},
      {"ess", "1"},
      {"batch", "1"},
      {"points", "1"},
      {"keep", recipe_.name == "mutual_consistency" ? "0" : "1"},
      {"tries", "3"},
      {"waits", "0"},
      {"nudge", "Hm, "},
      {"search", "dfs"},
      {"breadth", "1"},
      {"proposals", "1"},
      {"prune", "1"},
      {"world", "moves"},
      {"actions", "1"},
      {"answers", "1"},
      {"alpha", "1"},
      {"threshold", recipe_.name == "glore" ? "0.9" : "9"},
      {"first", "1"},
      {"sweeps", "2"},
      {"posterior", "mixed"},
      {"lookahead", "1"},
      {"value", "judge"},
      {"backup", "max"},
      {"pool", "tool/pal"},
      {"shots", "1"},
      {"show", "least"},
      {"routes", (kSource / "tests/data/routes.json").string()}};
  for (const Option& option : recipe_.options()) {
    ASSERT_TRUE(other.contains(option.name))
        << "Say here which value of " << option.name << " shows.";
    Settings base;  // how survivors are drawn shows only where some are
    if (recipe_.name == "fk_steering" && option.name != "ess") base["ess"] = "1";
    if (recipe_.name == "program_of_thought") base["temperature"] = "1";
    if (recipe_.name == "auto" && option.name == "temperature") base["routes"] = other.at("routes");
    if (recipe_.name == "glore" && option.name == "repairs") base["threshold"] = "0.9";
    if (option.name == "exploration" && recipe_.name != "rap")
      base = {{"expansions", "4"}, {"iterations", "3"}, {"lanes", "1"}};
    if (option.name == "backup")
      base = {{"expansions", "4"}, {"exploration", "0.1"}, {"lanes", "1"}};
    const bool of_dfs = option.name == "prune" || option.name == "max_expanded";
    if (recipe_.name == "tree_of_thoughts" && of_dfs) base["search"] = "dfs";
    Settings changed = base;
    changed[option.name] = other.at(option.name);
    const bool late = option.name == "in_order";
    const auto played = [&](const Settings& settings, std::uint64_t seed) {
      return run_with(recipe_, {.settings = settings, .seed = seed}, arithmetic(), late).transcript;
    };
    bool shows = false;
    for (std::uint64_t seed = 0; seed < 20 && !shows; ++seed)
      shows = played(base, seed) != played(changed, seed);
    EXPECT_TRUE(shows) << option.name;
  }
}

TEST_P(RecipeContract, OptionsAreChecked) {
  EXPECT_THROW(run_with(recipe_, {.settings = {{"temprature", "1"}}}), Error);
  EXPECT_THROW(run_with(recipe_, {.settings = {{"temperature", "3"}}}), Error);
  EXPECT_THROW(run_with(recipe_, {.settings = {{"temperature", "warm"}}}), Error);
}

TEST_P(RecipeContract, HasAFileAPaperAndAPrompt) {
  EXPECT_TRUE(fs::exists(kSource / "recipes" / recipe_.family / (recipe_.name + ".cc")));
  EXPECT_NE(recipe_.paper.find("arXiv:"), std::string::npos);
  EXPECT_NO_THROW(prompt_text(recipe_.prompt));
  std::ifstream file(kSource / "recipes" / recipe_.family / (recipe_.name + ".cc"));
  int lines = 0;
  bool departs = false;
  for (std::string line; std::getline(file, line); ++lines)
    departs |= line.starts_with("// Departs from the paper:");
  EXPECT_LE(lines, 80);
  EXPECT_TRUE(departs);
}

INSTANTIATE_TEST_SUITE_P(Catalog, RecipeContract, testing::ValuesIn(names()), name_of_test);

TEST(CatalogTest, IsSortedAndHoldsEveryFileOnce) {
  std::vector<std::string> listed = names(), files;
  EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  for (const auto& entry : fs::recursive_directory_iterator(kSource / "recipes"))
    if (entry.path().extension() == ".cc" && entry.path().stem() != "catalog")
      files.push_back(entry.path().stem());
  std::sort(files.begin(), files.end());
  EXPECT_EQ(listed, files);
}

// Every step of a run, as a trace file keeps them.
struct Recorder : TraceLog {
  Unfinished kept{.question = clips().question};
  void begin(const Problem&, const std::string&, std::uint64_t) override {}
  void step(const Problem&, const StepRecord& record) override {
    kept.steps.push_back({*record.step, record.end});
    kept.steps.back().step.state = nullptr;
  }
  void reward(const Problem&, std::uint64_t step, const std::string& judge, float r,
              const Usage& usage) override {
    kept.rewards[{step, judge}] = r;
    if (usage.model_calls > 0) kept.judge_usage[{step, judge}] = usage;
  }
  void end(const Problem&, const Outcome&) override {}
};

// Interrupted after any number of steps, a run goes on to the same transcript and outcome, and
// generates only what is missing. (Where expansions are told as they end, those in flight may end
// in another order afterwards, and the search take another way from there.)
TEST_P(RecipeContract, ResumedIsUninterrupted) {
  Settings settings;
  for (const Option& option : recipe_.options())
    if (option.name == "in_order") settings["in_order"] = "true";
  const Played whole = run_with(recipe_, {.settings = settings, .seed = 5}, arithmetic(), true);
  ScriptedModel scripted(arithmetic());
  LateModel model(scripted);
  Recorder recorder;
  RunOptions recorded{.settings = settings, .seed = 5};
  recorded.log = &recorder;
  if (recipe_.draft == Draft::must) recorded.draft = &model;
  testkit::ScriptedTools tools;
  recorded.tools = &tools;
  run(run_problem(model, recipe_, clips(), recorded));
  const std::size_t all = recorder.kept.steps.size();
  for (std::size_t kept = 0; kept <= all; kept += 1 + all / (testkit::one_in(2) == 1 ? 7 : 3)) {
    RunOptions options{.settings = settings, .seed = 5};
    options.tools = &tools;
    Unfinished& begun = options.unfinished["toy/clips"];
    begun.question = clips().question;
    std::int64_t missing = 0;
    for (std::size_t i = 0; i < all; ++i) {
      const Unfinished::Done& done = recorder.kept.steps[i];
      if (i >= kept || done.step.kind == "answer") missing += done.step.usage.generated_tokens;
      if (i < kept) begun.steps.push_back(done);
    }
    for (const auto& [key, reward] : recorder.kept.rewards)
      if (key.first <= kept) begun.rewards[key] = reward;
    for (const auto& [key, usage] : recorder.kept.judge_usage) {
      if (key.first <= kept) begun.judge_usage[key] = usage;
      // A judge is asked again unless it had rated all traces that it was asked about at once.
      if (kept < all) missing += usage.generated_tokens;
    }
    ScriptedModel fresh_script(arithmetic());
    LateModel fresh(fresh_script);
    if (recipe_.draft == Draft::must) options.draft = &fresh;
    testkit::Transcript log;
    options.log = &log;
    const Outcome outcome = run(run_problem(fresh, recipe_, clips(), options));
    EXPECT_EQ(outcome.answer, whole.outcome.answer) << kept << " of " << all;
    EXPECT_EQ(outcome.usage.generated_tokens, whole.outcome.usage.generated_tokens) << kept;
    EXPECT_EQ(fresh.counters().generated_tokens, missing) << kept << " of " << all;
    // In-flight steps may end in another order, and have other ids then.
    const auto steps_of = [](const std::string& transcript) {
      std::multiset<std::string> steps;
      std::istringstream lines(transcript);
      for (std::string line; std::getline(lines, line);)
        if (const auto at = line.find(" depth "); at != std::string::npos)
          steps.insert(line.substr(at));
      return steps;
    };
    EXPECT_EQ(steps_of(log.text()), steps_of(whole.transcript)) << kept;
  }
}

TEST(RunnerTest, AJudgeThatNobodyAsksIsRefused) {
  EXPECT_THROW(run_with(find_recipe("cot"), {.judge = "logprob"}), Error);
}

// Every reply of this script has 17 bytes: two samples of the policy, and what the critic writes.
// A judge that reads alone has written nothing.
TEST(RunnerTest, JudgeGeneratedIsWhatTheJudgeWrote) {
  const std::vector<ScriptLine> script = {{"<|assistant|>", {"The answer is 4.\n"}}};
  const auto usage = [&](const std::string& judge) {
    const Recipe& recipe = find_recipe("best_of_n");
    return run_with(recipe, {.settings = {{"samples", "2"}}, .judge = judge}, script).outcome.usage;
  };
  const Usage critic = usage("critic");
  EXPECT_GT(critic.judge_generated, 0);
  EXPECT_EQ(critic.generated_tokens - critic.judge_generated, 2 * 17);
  EXPECT_EQ(usage("logprob").judge_generated, 0);
  EXPECT_EQ(critic.draft_tokens + critic.draft_generated, 0);
}

// With nothing finished, the held part (a quarter of 40: 10 tokens) buys "70}." after
// "The answer is \boxed{".
TEST(RunnerTest, ASpentBudgetAsksForAShortAnswer) {
  const std::vector<ScriptLine> script = {
      {"<|assistant|>", {"Let me think about it for a long while first.\n"}},
      {"\nThe answer is \\boxed{", {"70}.\n"}}};
  const Played got = run_with(find_recipe("cot"), {.limits = {.generated_tokens = 40}}, script);
  EXPECT_EQ(got.outcome.answer, "70");
  EXPECT_EQ(got.outcome.stopped, Stopped::budget);
  EXPECT_EQ(got.outcome.usage.generated_tokens, 35);  // 30, and the 5 bytes of "70}.\n"
}

TEST(RunnerTest, ALineThatIsTooLongAsksForAShortAnswer) {
  const std::vector<ScriptLine> script = {
      {"<|assistant|>", {"Let me think about it for a long while first.\n"}},
      {"\nThe answer is \\boxed{", {"70}.\n"}}};
  const Played got = run_with(find_recipe("cot"), {.max_trace_tokens = 30}, script);
  EXPECT_EQ(got.outcome.answer, "70");
  EXPECT_EQ(got.outcome.stopped, Stopped::done);
  EXPECT_EQ(got.outcome.usage.generated_tokens, 35);
}

TEST(RunnerTest, AShortAnswerBeginsAsTheProblemIsRead) {
  const auto answer = [](const std::string& extract, AnswerKind kind, const char* lead) {
    ScriptedModel model({{"<|assistant|>", {"Let me think about it for a long while.\n"}},
                         {std::string("\n") + lead, {"7\n"}}});
    Problem problem = clips();
    problem.extract = extract;
    problem.kind = kind;
    const RunOptions options{.limits = {.generated_tokens = 40}};
    return testkit::run(run_problem(model, find_recipe("cot"), problem, options)).answer;
  };
  EXPECT_EQ(answer("hashes", AnswerKind::automatic, "#### "), "7");
  EXPECT_EQ(answer("auto", AnswerKind::text, "The answer is"), "7");
}

// The time that is held back buys the answer, and the deadline is kept.
TEST(RunnerTest, ADeadlineAsksForAShortAnswer) {
  const std::vector<ScriptLine> script = {
      {"<|assistant|>", {"Hm, "}}, {"Hm, ", {"Hm, "}}, {"The answer is \\boxed{", {"70}.\n"}}};
  const Played got = run_with(find_recipe("cot"),
                              {.max_step_tokens = 1 << 20,
                               .max_trace_tokens = 1 << 20,
                               .limits = {.wall_time = std::chrono::milliseconds(200)}},
                              script);
  EXPECT_EQ(got.outcome.answer, "70");
  EXPECT_EQ(got.outcome.stopped, Stopped::deadline);
}

// Cancelled in the middle, a run ends with what it has and says so; its budget is gone from view.
TEST(RunnerTest, ACancelledRunIsAnOutcome) {
  ScriptedModel model({{"<|assistant|>", {"Hm, "}}, {"Hm, ", {"Hm, "}}});
  testkit::ScriptedTools tools;
  RunOptions options{.max_step_tokens = 8, .max_trace_tokens = 1 << 20};
  options.tools = &tools;
  const Problem problem = clips();
  asio::io_context io;
  Budget* running = nullptr;
  std::optional<Outcome> outcome;
  asio::co_spawn(io,
                 run_problem(model, find_recipe("self_consistency"), problem, options, &running),
                 [&](std::exception_ptr error, Outcome result) {
                   EXPECT_EQ(error, nullptr);
                   outcome = std::move(result);
                 });
  for (int turns = 0; turns < 50; ++turns) io.poll_one();
  ASSERT_NE(running, nullptr);
  running->cancel();
  io.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->stopped, Stopped::cancelled);
  EXPECT_EQ(running, nullptr);
}

// As when the program that embeds cairn gives a coroutine up.
TEST(RunnerTest, ACoroutineCancelledFromOutsideIsAnOutcome) {
  ScriptedModel model({{"<|assistant|>", {"Hm, "}}, {"Hm, ", {"Hm, "}}});
  testkit::ScriptedTools tools;
  RunOptions options{.max_step_tokens = 8, .max_trace_tokens = 1 << 20};
  options.tools = &tools;
  const Problem problem = clips();
  asio::io_context io;
  asio::cancellation_signal signal;
  std::optional<Outcome> outcome;
  asio::co_spawn(
      io, run_problem(model, find_recipe("best_of_n"), problem, options),
      asio::bind_cancellation_slot(
          signal.slot(), [&](std::exception_ptr, Outcome result) { outcome = std::move(result); }));
  for (int turns = 0; turns < 50; ++turns) io.poll_one();
  signal.emit(asio::cancellation_type::terminal);
  io.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->stopped, Stopped::cancelled);
}

}  // namespace
}  // namespace cairn
