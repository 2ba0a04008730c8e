#pragma once
// model/recorded.h — a real run on paper: one model writes down what another was asked and said,
// and one reads it back, so that a test of a recipe needs no model.
//
// The file is JSON lines, {"key": the request, "result": what came of it}; the first line holds the
// model's ModelInfo. A request that was made several times has its results in the order they came.
//
// Threads: every member may be called from any thread.

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "model/decorator.h"

namespace cairn {

class RecordingModel : public ModelDecorator {
 public:
  // Errors: Fault::store when the file cannot be written.
  RecordingModel(LanguageModel& inner, const std::filesystem::path& file);

  std::vector<Token> tokenize(std::string_view text, bool special) const override;
  std::string detokenize(std::span<const Token> tokens) const override;
  std::vector<Token> chat(std::span<const Message> messages) const override;
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override;
  asio::awaitable<Reading> read(BranchPtr prefix, std::vector<Token> tokens,
                                Budget& budget) override;
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override;
  asio::awaitable<HiddenStates> hidden(BranchPtr branch, std::vector<int> layers,
                                       std::vector<int> positions, Budget& budget) override;
  asio::awaitable<std::vector<float>> embed(std::string text, Budget& budget) override;

 private:
  void write(const std::string& key, const nlohmann::json& result) const;

  mutable std::mutex mutex_;
  mutable std::ofstream file_;
};

// Charges a generation's recorded tokens at once; a budget that has less left than they took gets
// nothing and stops. Other requests are charged as calls.
class ReplayModel : public LanguageModel {
 public:
  // Errors: Fault::input when the file cannot be read, with the line's number.
  explicit ReplayModel(const std::filesystem::path& file);

  // All of them throw Fault::input for a request that was not recorded.
  const ModelInfo& info() const override { return info_; }
  std::vector<Token> tokenize(std::string_view text, bool special) const override;
  std::string detokenize(std::span<const Token> tokens) const override;
  std::vector<Token> chat(std::span<const Message> messages) const override;
  BranchPtr branch(const BranchPtr& from, std::span<const Token> tokens) override;
  BranchPtr rollback(const BranchPtr& from, std::size_t size) override;
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override;
  asio::awaitable<Reading> read(BranchPtr prefix, std::vector<Token> tokens,
                                Budget& budget) override;
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override;
  asio::awaitable<HiddenStates> hidden(BranchPtr branch, std::vector<int> layers,
                                       std::vector<int> positions, Budget& budget) override;
  asio::awaitable<std::vector<float>> embed(std::string text, Budget& budget) override;

 private:
  nlohmann::json result_of(const std::string& key) const;
  std::vector<float> numbers(const std::string& key, Budget& budget) const;

  ModelInfo info_;
  std::string where_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::deque<nlohmann::json>> results_;
};

}  // namespace cairn
