#include "app/cli.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/bench_judges_command.h"
#include "app/check_command.h"
#include "app/eval_command.h"
#include "app/gym_command.h"
#include "app/judges_command.h"
#include "app/models_command.h"
#include "app/recipes_command.h"
#include "app/solve_command.h"
#include "app/tool_command.h"
#include "app/trace_command.h"
#include "base/nearest.h"
#include "model/llama/llama_model.h"

namespace cairn::app {
namespace {

// The innermost subcommand that was named.
const CLI::App* innermost(const CLI::App& app) {
  const CLI::App* inner = &app;
  while (!inner->get_subcommands().empty()) inner = inner->get_subcommands().front();
  return inner;
}

// "cairn trace export"
std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : full_name(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> known_names(const CLI::App& app, bool flags) {
  std::vector<std::string> names;
  if (!flags)
    for (const CLI::App* sub : app.get_subcommands(nullptr)) names.push_back(sub->get_name());
  if (flags)
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    }
  return names;
}

int report_unknown(const CLI::App& app) {
  const CLI::App* inner = innermost(app);
  const std::string word = app.remaining(true).front();
  const bool flag = word.starts_with("-");
  const std::string name = word.substr(0, word.find('='));
  fmt::print(stderr, "{}: there is no {} \"{}\". {}.\n", full_name(*inner),
             flag ? "option" : "command", name,
             base::did_you_mean(name, known_names(*inner, flag)));
  return kUsage;
}

// A flag that may be repeated takes one value each time, so that an argument may follow it.
void take_one_value_each(CLI::App& app) {
  for (CLI::Option* option : app.get_options())
    if (!option->get_positional()) option->allow_extra_args(false);
  for (CLI::App* sub : app.get_subcommands(nullptr)) take_one_value_each(*sub);
}

// llama.cpp's short names of more than one letter, which CLI11 would read as a letter and its
// value.
std::vector<std::string> spelled_out(int argc, char** argv) {
  static const std::map<std::string_view, const char*> kLong = {
      {"-hf", "--hf-repo"},       {"-np", "--parallel"},   {"-tb", "--threads-batch"},
      {"-ub", "--ubatch-size"},   {"-fa", "--flash-attn"}, {"-ctk", "--cache-type-k"},
      {"-ctv", "--cache-type-v"}, {"-ngl", "--gpu-layers"}};
  std::vector<std::string> words;
  for (int i = argc - 1; i > 0; --i) {  // CLI11 takes them last first
    const auto known = kLong.find(argv[i]);
    words.emplace_back(known == kLong.end() ? argv[i] : known->second);
  }
  return words;
}

int parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(spelled_out(argc, argv));
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    if (!app.remaining(true).empty()) return report_unknown(app);
    fmt::print(stderr, "cairn: {}. See `{} --help`.\n", error.what(), full_name(*innermost(app)));
    return kUsage;
  }
  return kOk;
}

}  // namespace

int exit_code_of(const Error& error) {
  switch (error.fault()) {
    case Fault::input:
      return kUsage;
    case Fault::model:
      return kUnavailable;
    case Fault::cancelled:
      return kInterrupted;
    case Fault::tool:
    case Fault::store:
      break;
  }
  return kRuntimeError;
}

int run_cli(int argc, char** argv) {
  CLI::App app("cairn: answers questions by searching over steps of reasoning.", "cairn");
  app.set_version_flag("--version", [] {
    return fmt::format("cairn {} ({}, llama.cpp {})", CAIRN_VERSION, CAIRN_BUILD,
                       llama::llama_version_text());
  });
  app.require_subcommand(1);
  app.fallthrough(false);
  int exit_code = kOk;
  add_solve_command(app, exit_code);
  add_eval_command(app, exit_code);
  add_recipes_command(app, exit_code);
  add_judges_command(app, exit_code);
  add_models_command(app, exit_code);
  add_check_command(app, exit_code);
  add_tool_command(app, exit_code);
  add_gym_command(app, exit_code);
  add_trace_command(app, exit_code);
  CLI::App* bench = app.add_subcommand("bench", "Measure on data");
  bench->require_subcommand(1);
  add_bench_judges_command(*bench, exit_code);
  take_one_value_each(app);
  try {
    const int parsed = parse(app, argc, argv);
    return parsed != kOk ? parsed : exit_code;
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return exit_code_of(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "cairn: {}.\n", error.what());
    return kRuntimeError;
  }
}

}  // namespace cairn::app
