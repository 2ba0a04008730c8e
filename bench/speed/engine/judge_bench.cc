// Does a judge that is the model itself read anything twice, and what does it cost to be guided by
// it? A step beam with 4 kept prefixes of 4 expansions (16 new steps a round) is judged after every
// step; best-of-N writes as many tokens in 16 samples. One JSON object on standard output.
//
//   evaluated / unique   of the judge's positions; more than 1.05 would worry us
//   beam / best_of_n     wall time at equal generated tokens; more than 1.5 would worry us, with
//                        the beam's judge of steps (`steps`) and with one judgment a sample
//                        (`answer`)
//
// End-of-text tokens are forbidden until a trace has its full length.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "cairn/runner.h"
#include "model/decorator.h"
#include "model/llama/llama_model.h"

namespace {

using namespace cairn;  // NOLINT: a program of one file

struct Options {
  std::string model, judge = "prm:preset=marks", answer_judge = "self_eval";
  int steps = 20, step_tokens = 16, threads = 2;
  std::uint64_t seed = 1;
};

constexpr int kTraces = 16;

// Ends a text when it has `size` tokens with its prompt, never before.
class Measured : public ModelDecorator {
 public:
  Measured(LanguageModel& inner, std::size_t size) : ModelDecorator(inner), size_(size) {}
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    for (std::string_view end : {"<|im_end|>", "<|endoftext|>", "<|eot_id|>", "</s>", "<eos>",
                                 "<end_of_turn>", "<|end|>", "<|end_of_text|>"}) {
      const std::vector<Token> tokens = tokenize(end, /*special=*/true);
      if (tokens.size() == 1)
        request.sampling.logit_bias.emplace_back(tokens[0],
                                                 -std::numeric_limits<float>::infinity());
    }
    Generation got = co_await inner_.generate(std::move(request), budget);
    if (got.branch->size() >= size_) got.stop = Stop::end_of_text;
    co_return got;
  }

 private:
  const std::size_t size_;
};

// Counts what a judge asks for.
class Counted : public ModelDecorator {
 public:
  using ModelDecorator::ModelDecorator;
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override {
    Budget part(budget);
    std::vector<float> got =
        co_await inner_.label_probabilities(std::move(prefix), std::move(labels), part);
    spent += part.spent();
    co_return got;
  }
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    Budget part(budget);
    Generation got = co_await inner_.generate(std::move(request), part);
    spent += part.spent();
    co_return got;
  }

  Usage spent;
};

double ratio(std::int64_t a, std::int64_t b) {
  return static_cast<double>(a) / static_cast<double>(std::max<std::int64_t>(1, b));
}

// One question through a recipe, by an engine of its own.
nlohmann::json measure(const Options& options, const std::string& recipe, const Settings& settings,
                       const std::string& judge) {
  const int longest = options.steps * options.step_tokens;
  const auto engine = llama::make_llama_model({.path = options.model,
                                               .context_tokens = longest + 512,
                                               .rows = kTraces,
                                               .threads = options.threads});
  const Problem problem{.id = "story", .question = "Write a long story about a lighthouse."};
  const Prompt prompt{{{"user", "{question}"}}};
  const std::size_t begin = engine->chat(prompt.render(problem)).size();
  Measured model(*engine, begin + static_cast<std::size_t>(longest));
  Counted judge_model(*engine);
  RunOptions run{.settings = settings, .judge = judge, .seed = options.seed};
  run.segmenter = fmt::format("tokens:{}", options.step_tokens);
  run.prompt = prompt;
  run.judge_model = &judge_model;
  run.max_step_tokens = options.step_tokens;
  run.max_trace_tokens = longest + options.step_tokens;
  asio::io_context io;
  Outcome outcome;
  std::exception_ptr failure;
  const auto start = std::chrono::steady_clock::now();
  asio::co_spawn(io, run_problem(model, find_recipe(recipe), problem, run),
                 [&](std::exception_ptr error, Outcome result) {
                   failure = error;
                   outcome = std::move(result);
                 });
  io.run();
  if (failure) std::rethrow_exception(failure);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Usage &all = outcome.usage, &judged = judge_model.spent;
  return {{"seconds", seconds},
          {"generated", all.generated_tokens},
          {"judge calls", judged.model_calls},
          {"judge evaluated", judged.evaluated_tokens},
          {"judge evaluated/unique", ratio(judged.evaluated_tokens, judged.unique_tokens)},
          {"evaluated/unique", ratio(all.evaluated_tokens, all.unique_tokens)},
          {"decodes", engine->counters().decodes},
          {"decode_seconds", engine->counters().decode_seconds},
          {"sample_seconds", engine->counters().sample_seconds},
          {"traces", outcome.traces.size()}};
}

nlohmann::json measure(const Options& options) {
  const Settings beam = {
      {"width", "4"}, {"expansions", "4"}, {"depth", std::to_string(options.steps)}};
  const Settings samples = {{"samples", std::to_string(kTraces)}};
  nlohmann::json json = {{"model", options.model},
                         {"judge", options.judge},
                         {"steps", options.steps},
                         {"step_tokens", options.step_tokens}};
  json["beam"] = measure(options, "beam", beam, options.judge);
  json["best_of_n steps"] = measure(options, "best_of_n", samples, options.judge);
  json["best_of_n answer"] = measure(options, "best_of_n", samples, options.answer_judge);
  for (const char* of : {"steps", "answer"})
    json[fmt::format("beam/best_of_n {}", of)] =
        json["beam"]["seconds"].get<double>() /
        json[fmt::format("best_of_n {}", of)]["seconds"].get<double>();
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"What a judge that is the model itself reads and costs, as one JSON object"};
  app.add_option("-m,--model", options.model, "a GGUF file")->required();
  app.add_option("--judge", options.judge, "of steps");
  app.add_option("--answer-judge", options.answer_judge, "of whole samples");
  app.add_option("--steps", options.steps)->check(CLI::Range(1, 1000));
  app.add_option("--step-tokens", options.step_tokens)->check(CLI::Range(1, 1000));
  app.add_option("-t,--threads", options.threads)->check(CLI::Range(1, 256));
  app.add_option("--seed", options.seed);
  CLI11_PARSE(app, argc, argv);
  try {
    fmt::print("{}\n", measure(options).dump(1));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
