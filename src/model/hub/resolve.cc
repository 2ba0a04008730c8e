#include "model/hub/resolve.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "cairn/error.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

bool is_path(const std::string& model) {
  return model.ends_with(".gguf") || model.find('/') != std::string::npos;
}

ResolvedModel existing_file(const std::string& model) {
  std::error_code error;
  if (!fs::is_regular_file(model, error))
    throw Error(Fault::model, "model",
                fmt::format("there is no file {}{}", model,
                            fs::is_directory(model, error) ? " (it is a folder)" : ""),
                "Give the path of a GGUF file, or a name from `cairn models list`");
  return {model, fs::path(model).stem().string()};
}

bool has_only(std::string_view text, std::string_view extra) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || extra.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_model_file(const std::string& path) {
  const std::string name = base_name(path);
  if (!name.ends_with(".gguf")) return false;
  for (const char* other : {"mmproj", "imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"})
    if (name.find(other) != std::string::npos) return false;
  return !is_split(name) || name.find("-00001-of-") != std::string::npos;
}

bool names_quant(const std::string& path, const std::string& quant) {
  const std::string text = upper(path), wanted = upper(quant);
  for (std::size_t at = text.find(wanted); at != std::string::npos;
       at = text.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    if (end < text.size() && (text[end] == '.' || text[end] == '-')) return true;
  }
  return false;
}

// What the hub says about a repository's files.
std::vector<HubListing> list_files(const HubName& name, const PullOptions& options) {
  const std::string url =
      fmt::format("{}/api/models/{}/tree/main?recursive=true", hub_endpoint(options), name.repo);
  const HttpText page = http_get({url, hub_headers()}, options.http);
  const Json root = Json::parse(page.body, nullptr, /*allow_exceptions=*/false);
  if (!root.is_array())
    throw Error(Fault::model, name.repo, "the hub's list of files is not readable",
                "Check HF_ENDPOINT, or try again later");
  std::vector<HubListing> files;
  const Json::json_pointer hash("/lfs/oid");
  for (const Json& file : root) {
    if (!file.is_object() || !file.contains("path") || !file["path"].is_string()) continue;
    HubListing listing{file["path"].get<std::string>(), 0, ""};
    if (file.contains("size") && file["size"].is_number_integer())
      listing.bytes = file["size"].get<std::int64_t>();
    if (file.contains(hash) && file[hash].is_string()) listing.sha256 = file[hash];
    files.push_back(std::move(listing));
  }
  return files;
}

[[noreturn]] void refuse_repo(const HubName& name, const std::vector<HubListing>& files) {
  std::string available;
  for (const HubListing& file : files)
    if (is_model_file(file.path)) available += (available.empty() ? "" : ", ") + file.path;
  const std::string what =
      name.quant.empty() ? "has no GGUF model"
                         : fmt::format("has no GGUF model with the quantization {}", name.quant);
  throw Error(
      Fault::model, name.repo, what,
      available.empty() ? "Choose a repository with GGUF files" : "Choose one of: " + available);
}

RegistryEntry entry_of(const HubName& name, const PullOptions& options) {
  const std::vector<HubListing> files = list_files(name, options);
  const std::optional<HubListing> file = choose_file(files, name.quant);
  if (!file) refuse_repo(name, files);
  if (is_split(file->path))
    throw Error(
        Fault::model, name.repo,
        fmt::format("{} is one part of a split model, which cairn does not read", file->path),
        "Choose a quantization that is one file, or join the parts with llama-gguf-split");
  if (file->bytes <= 0 || file->sha256.size() != 64)
    throw Error(Fault::model, name.repo,
                fmt::format("the hub states no length and hash for {}", file->path),
                "Download the file by other means and give it with -m");
  RegistryEntry entry;
  entry.name = fmt::format("{}:{}", name.repo, base_name(file->path));
  entry.licence = "see the model's page";
  entry.file = base_name(file->path);
  entry.bytes = file->bytes;
  entry.sha256 = file->sha256;
  entry.sources = {HubFile{name.repo, file->path}};
  return entry;
}

std::vector<HubListing> files_in(const fs::path& folder) {
  std::vector<HubListing> files;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(folder, error))
    files.push_back({file.path().filename().string(), 0, ""});
  std::sort(files.begin(), files.end(),
            [](const HubListing& a, const HubListing& b) { return a.path < b.path; });
  return files;
}

ResolvedModel from_hub(const std::string& text, PullOptions options) {
  const HubName name = parse_hub_name(text);
  options.folder = (options.folder.empty() ? model_folder() : options.folder) / "hf" / name.repo;
  if (const std::optional<HubListing> here = choose_file(files_in(options.folder), name.quant))
    return {options.folder / here->path, text};
  return {pull(entry_of(name, options), options), text};
}

}  // namespace

ResolvedModel resolve_model(const ModelChoice& choice, const PullOptions& options,
                            const std::vector<RegistryEntry>& entries) {
  const char* preferred = std::getenv("CAIRN_MODEL");
  const bool flag = preferred == nullptr || choice.model != preferred;  // a flag beats a variable
  if (!choice.model.empty() && !choice.hub.empty() && flag)
    throw Error(Fault::input, "model",
                fmt::format("-m {} and -hf {} exclude each other", choice.model, choice.hub),
                "Give one of them");
  if (!choice.hub.empty()) return from_hub(choice.hub, options);
  std::string model = choice.model;
  if (model.empty() && preferred != nullptr) model = preferred;
  if (model.empty()) model = kDefaultModel;
  if (is_path(model)) return existing_file(model);
  const RegistryEntry& entry = find_entry(entries, model);
  return {pull(entry, options), entry.name};
}

HubName parse_hub_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::size_t colon = text.find(':');
  const std::string_view repo = text.substr(0, colon);
  const bool named = slash != std::string_view::npos && slash < repo.size() &&
                     has_only(repo.substr(0, slash), "-_.") &&
                     has_only(repo.substr(slash + 1), "-_.") && text.find("..") == text.npos;
  const bool quantized = colon == std::string_view::npos || has_only(text.substr(colon + 1), "-_.");
  if (!named || !quantized)
    throw Error(Fault::input, "-hf", fmt::format("'{}' is not of the form user/repo[:quant]", text),
                "For example: -hf Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF:Q4_K_M");
  return {std::string(repo), colon == text.npos ? "" : std::string(text.substr(colon + 1))};
}

bool is_split(std::string_view file) {
  // -DDDDD-of-DDDDD.gguf
  constexpr std::size_t kLength = 20;
  if (file.size() < kLength) return false;
  const std::string_view tail = file.substr(file.size() - kLength);
  const auto digits = [&](std::size_t from) {
    return std::all_of(tail.begin() + from, tail.begin() + from + 5,
                       [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  return tail[0] == '-' && digits(1) && tail.substr(6, 4) == "-of-" && digits(10) &&
         tail.substr(15) == ".gguf";
}

std::optional<HubListing> choose_file(const std::vector<HubListing>& files,
                                      const std::string& quant) {
  const std::vector<std::string> wanted =
      quant.empty() ? std::vector<std::string>{"Q4_K_M", "Q8_0"} : std::vector{quant};
  for (const std::string& each : wanted)
    for (const HubListing& file : files)
      if (is_model_file(file.path) && names_quant(file.path, each)) return file;
  if (!quant.empty()) return {};
  for (const HubListing& file : files)
    if (is_model_file(file.path)) return file;
  return {};
}

}  // namespace cairn::hub
