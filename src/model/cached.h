#pragma once
// model/cached.h — a language model that is asked once: an equal request has the result it had
// before and costs nothing.
//
// Requests are equal when their tokens, options and seed are. Only results that no limit cut short
// are kept, and only of a model that is reproducible. With a file the results outlive the program:
// JSON lines, appended, for one model each (its fingerprint is part of every key).
//
// Threads: every member may be called from any thread.

#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>

#include "model/decorator.h"

namespace cairn {

class CachedModel : public ModelDecorator {
 public:
  // An unreadable last line of the file, torn by a crash, is dropped.
  // Errors: Fault::store when the file cannot be written.
  explicit CachedModel(LanguageModel& inner, std::optional<std::filesystem::path> file = {});

  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override;
  asio::awaitable<std::vector<float>> logprobs(BranchPtr prefix, std::vector<Token> tokens,
                                               Budget& budget) override;
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override;

  std::int64_t hits() const;

 private:
  std::optional<nlohmann::json> find(const std::string& key);
  void keep(const std::string& key, nlohmann::json result);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, nlohmann::json> results_;
  std::ofstream file_;
  std::int64_t hits_ = 0;
};

}  // namespace cairn
