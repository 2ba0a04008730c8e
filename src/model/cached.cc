#include "model/cached.h"

#include <fmt/format.h>

#include "cairn/error.h"
#include "model/request_json.h"

namespace cairn {
namespace {

bool cut_short(Stop stop) {
  return stop == Stop::budget || stop == Stop::deadline || stop == Stop::cancelled;
}

}  // namespace

CachedModel::CachedModel(LanguageModel& inner, std::optional<std::filesystem::path> file)
    : ModelDecorator(inner) {
  if (!file) return;
  std::ifstream before(*file);
  for (std::string line; std::getline(before, line);) {
    auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || !entry.contains("key") || !entry.contains("result")) continue;
    results_.insert_or_assign(entry["key"].get<std::string>(), std::move(entry["result"]));
  }
  file_.open(*file, std::ios::app);
  if (!file_)
    throw Error(Fault::store, "cached", fmt::format("{} cannot be written", file->string()),
                "Check the path and the rights of its folder");
  file_ << '\n';  // after a torn line
}

std::int64_t CachedModel::hits() const {
  const std::lock_guard lock(mutex_);
  return hits_;
}

std::optional<nlohmann::json> CachedModel::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = results_.find(info().fingerprint + key);
  if (found == results_.end()) return {};
  ++hits_;
  return found->second;
}

void CachedModel::keep(const std::string& key, nlohmann::json result) {
  if (!info().reproducible) return;
  const std::lock_guard lock(mutex_);
  const std::string full = info().fingerprint + key;
  if (file_.is_open())
    file_ << nlohmann::json{{"key", full}, {"result", result}}.dump() << '\n' << std::flush;
  results_.insert_or_assign(full, std::move(result));
}

asio::awaitable<Generation> CachedModel::generate(GenerateRequest request, Budget& budget) {
  const std::string key = request_json::key(request);
  const BranchPtr prefix = request.prefix;
  if (const auto found = find(key)) {
    Generation got = request_json::generation(*found);
    got.branch = inner_.branch(prefix, got.tokens);
    got.usage = {};
    co_return got;
  }
  Generation got = co_await inner_.generate(std::move(request), budget);
  if (!cut_short(got.stop)) keep(key, request_json::to_json(got));
  co_return got;
}

asio::awaitable<std::vector<float>> CachedModel::logprobs(BranchPtr prefix,
                                                          std::vector<Token> tokens,
                                                          Budget& budget) {
  const std::string key = request_json::logprobs_key(prefix, tokens);
  if (const auto found = find(key)) co_return found->get<std::vector<float>>();
  std::vector<float> got = co_await inner_.logprobs(std::move(prefix), std::move(tokens), budget);
  if (!got.empty()) keep(key, got);
  co_return got;
}

asio::awaitable<std::vector<float>> CachedModel::label_probabilities(
    BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) {
  const std::string key = request_json::labels_key(prefix, labels);
  if (const auto found = find(key)) co_return found->get<std::vector<float>>();
  std::vector<float> got =
      co_await inner_.label_probabilities(std::move(prefix), std::move(labels), budget);
  if (!got.empty()) keep(key, got);
  co_return got;
}

}  // namespace cairn
