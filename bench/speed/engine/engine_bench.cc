// How many tokens a second does the embedded engine decode? One workload per start, one JSON object
// on standard output; bench/speed/against_batched_bench alternates it with llama-batched-bench and
// prints the ratios. Less than 0.92 of that tool for best-of-N, or less than 0.75 of its rate at 32
// rows for step expansion, would worry us.
//
//   load             nothing: what the model alone takes, in time and memory
//   best_of_n        N samples of `new` tokens from one prompt
//   step_expansion   32 branches a round: a step of 16 tokens each, keep the best 8, 4 of each go
//   on
//
// End-of-text tokens are forbidden, so that every sample has its full length. Samples that drew the
// same tokens so far share a row; `rows` says how many were really decoded.

#include <fmt/core.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <span>

#include "cairn/rng.h"
#include "engine/no_end.h"
#include "model/llama/llama_model.h"

namespace {

using namespace cairn;  // NOLINT: a program of one file

struct Options {
  std::string model, workload = "best_of_n", kv = "auto", reproducible = "auto";
  int branches = 8, prompt_tokens = 256, new_tokens = 64, threads = 2;
  int step_tokens = 16, keep = 8, rounds = 8;
  float temperature = 1;
  std::uint64_t seed = 1;
  std::optional<int> threads_batch, ubatch;
  std::string flash_attention = "on", keys = "f16", values = "f16";
  bool repack = true, mmap = false;
};

// Arbitrary words, as the reference tool does it: what follows is open, so that samples part soon.
std::vector<Token> make_prompt(const LanguageModel& model, int size) {
  std::vector<Token> tokens;
  for (std::uint64_t i = 0; tokens.size() < static_cast<std::size_t>(size); ++i) {
    const Token token =
        static_cast<Token>(mix(7, i) % static_cast<std::uint64_t>(model.info().vocabulary));
    if (!model.detokenize(std::span(&token, 1)).empty()) tokens.push_back(token);
  }
  return tokens;
}

struct Job {
  BranchPtr prefix;
  std::uint64_t seed = 0;
};

// All at once; the results are in the order of the jobs.
std::vector<Generation> generate(LanguageModel& model, const std::vector<Job>& jobs,
                                 const Sampling& sampling, int max_tokens) {
  asio::io_context io;
  Budget budget;
  std::vector<Generation> results(jobs.size());
  std::exception_ptr failure;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    GenerateRequest request{.prefix = jobs[i].prefix, .sampling = sampling, .seed = jobs[i].seed};
    request.max_tokens = max_tokens;
    asio::co_spawn(io, model.generate(std::move(request), budget),
                   [&results, &failure, i](std::exception_ptr error, Generation generation) {
                     if (error) failure = error;
                     results[i] = std::move(generation);
                   });
  }
  io.run();
  if (failure) std::rethrow_exception(failure);
  return results;
}

std::int64_t count(const std::vector<Generation>& generations) {
  std::int64_t tokens = 0;
  for (const Generation& g : generations) tokens += static_cast<std::int64_t>(g.tokens.size());
  return tokens;
}

double mean_logprob(const Generation& g) {
  return std::accumulate(g.logprobs.begin(), g.logprobs.end(), 0.0) /
         std::max<double>(1, static_cast<double>(g.logprobs.size()));
}

llama::LlamaOptions engine_options(const Options& options) {
  const int longest = options.workload == "step_expansion" ? options.rounds * options.step_tokens
                                                           : options.new_tokens;
  llama::LlamaOptions engine;
  engine.path = options.model;
  engine.context_tokens = options.prompt_tokens + longest;
  engine.kv = llama::kv_layout(options.kv);
  engine.reproducible = llama::reproducible(options.reproducible);
  engine.rows = options.branches;
  engine.threads = options.threads;
  engine.threads_batch = options.threads_batch;
  engine.ubatch = options.ubatch;
  engine.flash_attention = options.flash_attention == "on";
  engine.keys = llama::cache_type("--cache-type-k", options.keys);
  engine.values = llama::cache_type("--cache-type-v", options.values);
  engine.repack = options.repack;
  engine.mmap = options.mmap;
  return engine;
}

// Each returns the tokens that it generated.
std::int64_t best_of_n(LanguageModel& model, const BranchPtr& prompt, const Sampling& sampling,
                       const Options& options) {
  std::vector<Job> jobs;
  for (int i = 0; i < options.branches; ++i)
    jobs.push_back({prompt, mix(options.seed, static_cast<std::uint64_t>(i))});
  return count(generate(model, jobs, sampling, options.new_tokens));
}

std::int64_t step_expansion(LanguageModel& model, const BranchPtr& prompt, const Sampling& sampling,
                            const Options& options) {
  std::vector<BranchPtr> kept(static_cast<std::size_t>(options.keep), prompt);
  std::int64_t tokens = 0;
  for (int round = 0; round < options.rounds; ++round) {
    std::vector<Job> jobs;
    for (int i = 0; i < options.branches; ++i)
      jobs.push_back({kept[static_cast<std::size_t>(i) % kept.size()],
                      mix(mix(options.seed, static_cast<std::uint64_t>(round)),
                          static_cast<std::uint64_t>(i))});
    std::vector<Generation> steps = generate(model, jobs, sampling, options.step_tokens);
    tokens += count(steps);
    std::stable_sort(steps.begin(), steps.end(), [](const Generation& a, const Generation& b) {
      return mean_logprob(a) > mean_logprob(b);
    });
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = steps[i].branch;
  }
  return tokens;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

nlohmann::json measure(const Options& options) {
  const auto load_start = std::chrono::steady_clock::now();
  const auto model = llama::make_llama_model(engine_options(options));
  const double load_seconds = seconds_since(load_start);
  const Sampling sampling{.temperature = options.temperature, .logit_bias = bench::no_end(*model)};
  const BranchPtr prompt = model->branch(nullptr, make_prompt(*model, options.prompt_tokens));

  // The prompt is evaluated, and the batch shapes met for the first time, before the clock starts.
  const auto prompt_start = std::chrono::steady_clock::now();
  if (options.workload != "load") generate(*model, {{prompt, options.seed}}, sampling, 1);
  const double prompt_seconds = seconds_since(prompt_start);

  const ModelCounters before = model->counters();
  const auto start = std::chrono::steady_clock::now();
  std::int64_t tokens = 0;
  if (options.workload == "best_of_n") tokens = best_of_n(*model, prompt, sampling, options);
  if (options.workload == "step_expansion")
    tokens = step_expansion(*model, prompt, sampling, options);
  const double seconds = seconds_since(start);
  const ModelCounters after = model->counters();

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto rows = after.rows - before.rows;
  return {
      {"workload", options.workload},
      {"branches", options.branches},
      {"prompt_tokens", options.prompt_tokens},
      {"tokens", tokens},
      {"rows", rows},
      {"decodes", after.decodes - before.decodes},
      {"load_seconds", load_seconds},
      {"seconds", seconds},
      {"tokens/s", static_cast<double>(tokens) / seconds},
      {"rows/s", static_cast<double>(rows) / seconds},
      {"decode_seconds", after.decode_seconds - before.decode_seconds},
      {"sample_seconds", after.sample_seconds - before.sample_seconds},
      {"prompt_tokens/s", options.prompt_tokens / prompt_seconds},
      {"evaluated/unique", static_cast<double>(after.evaluated_tokens) /
                               static_cast<double>(std::max<std::int64_t>(1, after.unique_tokens))},
      {"peak_memory_MiB", static_cast<double>(usage.ru_maxrss) / 1024},
      {"model_MiB", static_cast<double>(std::filesystem::file_size(options.model)) / 1048576},
      {"cache_MiB", static_cast<double>(after.cache_bytes) / 1048576},
      {"model", model->info().name},
      {"reproducible", model->info().reproducible},
      {"notes", model->info().notes},
      {"llama", llama::llama_version_text()},
      {"compiler", CAIRN_COMPILER}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Decode rate of the embedded engine, as one JSON object"};
  app.add_option("-m,--model", options.model, "a GGUF file")->required();
  app.add_option("--workload", options.workload)
      ->check(CLI::IsMember({"load", "best_of_n", "step_expansion"}));
  app.add_option("--branches", options.branches)->check(CLI::Range(1, 128));
  app.add_option("--prompt-tokens", options.prompt_tokens)->check(CLI::Range(1, 100000));
  app.add_option("--new-tokens", options.new_tokens)->check(CLI::Range(1, 100000));
  app.add_option("--step-tokens", options.step_tokens)->check(CLI::Range(1, 1000));
  app.add_option("--keep", options.keep)->check(CLI::Range(1, 128));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("-t,--threads", options.threads)->check(CLI::Range(1, 256));
  app.add_option("--temp", options.temperature);
  app.add_option("--seed", options.seed);
  app.add_option("--kv", options.kv, "auto, unified or split");
  app.add_option("--reproducible", options.reproducible)
      ->check(CLI::IsMember({"auto", "on", "off"}));
  app.add_option("--threads-batch", options.threads_batch)->check(CLI::Range(1, 256));
  app.add_option("--ubatch-size", options.ubatch)->check(CLI::Range(8, 8192));
  app.add_option("--flash-attn", options.flash_attention)->check(CLI::IsMember({"on", "off"}));
  app.add_option("--cache-type-k", options.keys);
  app.add_option("--cache-type-v", options.values);
  app.add_flag("--repack,!--no-repack", options.repack);
  app.add_flag("--mmap,!--no-mmap", options.mmap);
  CLI11_PARSE(app, argc, argv);
  try {
    fmt::print("{}\n", measure(options).dump());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
