#include "model/recorded.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cairn/error.h"
#include "model/request_json.h"

namespace cairn {
namespace {

using nlohmann::json;

// Bytes that JSON cannot hold as text go as numbers.
json bytes(const std::string& text) {
  return std::vector<unsigned char>(text.begin(), text.end());
}
std::string bytes(const json& numbers) {
  const auto list = numbers.get<std::vector<unsigned char>>();
  return {list.begin(), list.end()};
}

class TokenBranch : public Branch {
 public:
  explicit TokenBranch(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  std::size_t size() const override { return tokens_.size(); }
  std::vector<Token> tokens() const override { return tokens_; }

 private:
  const std::vector<Token> tokens_;
};

}  // namespace

// ---- recording

RecordingModel::RecordingModel(LanguageModel& inner, const std::filesystem::path& file)
    : ModelDecorator(inner), file_(file, std::ios::trunc) {
  if (!file_)
    throw Error(Fault::store, "recorded", fmt::format("{} cannot be written", file.string()),
                "Check the path and the rights of its folder");
  write("info", request_json::to_json(inner.info()));
}

void RecordingModel::write(const std::string& key, const json& result) const {
  const std::lock_guard lock(mutex_);
  file_ << json{{"key", key}, {"result", result}}.dump() << '\n' << std::flush;
}

std::vector<Token> RecordingModel::tokenize(std::string_view text, bool special) const {
  std::vector<Token> tokens = inner_.tokenize(text, special);
  write(request_json::tokenize_key(text, special), tokens);
  return tokens;
}

std::string RecordingModel::detokenize(std::span<const Token> tokens) const {
  std::string text = inner_.detokenize(tokens);
  write(request_json::detokenize_key(tokens), bytes(text));
  return text;
}

std::vector<Token> RecordingModel::chat(std::span<const Message> messages) const {
  std::vector<Token> tokens = inner_.chat(messages);
  write(request_json::chat_key(messages), tokens);
  return tokens;
}

asio::awaitable<Generation> RecordingModel::generate(GenerateRequest request, Budget& budget) {
  const std::string key = request_json::key(request);
  Generation got = co_await inner_.generate(std::move(request), budget);
  write(key, request_json::to_json(got));
  co_return got;
}

asio::awaitable<Reading> RecordingModel::read(BranchPtr prefix, std::vector<Token> tokens,
                                              Budget& budget) {
  const std::string key = request_json::read_key(prefix, tokens);
  Reading got = co_await inner_.read(std::move(prefix), std::move(tokens), budget);
  write(key, request_json::to_json(got));
  co_return got;
}

asio::awaitable<std::vector<float>> RecordingModel::label_probabilities(
    BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) {
  const std::string key = request_json::labels_key(prefix, labels);
  std::vector<float> got =
      co_await inner_.label_probabilities(std::move(prefix), std::move(labels), budget);
  write(key, got);
  co_return got;
}

asio::awaitable<HiddenStates> RecordingModel::hidden(BranchPtr branch, std::vector<int> layers,
                                                     std::vector<int> positions, Budget& budget) {
  const std::string key = request_json::hidden_key(branch, layers, positions);
  HiddenStates got =
      co_await inner_.hidden(std::move(branch), std::move(layers), std::move(positions), budget);
  write(key, request_json::to_json(got));
  co_return got;
}

asio::awaitable<std::vector<float>> RecordingModel::embed(std::string text, Budget& budget) {
  const std::string key = request_json::embed_key(text);
  std::vector<float> got = co_await inner_.embed(std::move(text), budget);
  write(key, got);
  co_return got;
}

// ---- replaying

ReplayModel::ReplayModel(const std::filesystem::path& file) : where_(file.string()) {
  std::ifstream lines(file);
  if (!lines)
    throw Error(Fault::input, "recorded", fmt::format("{} cannot be read", where_),
                "Check the path");
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    auto entry = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || !entry.contains("key") || !entry["key"].is_string() ||
        !entry.contains("result"))
      throw Error(Fault::input, "recorded",
                  fmt::format("line {} of {} is no recorded request", number, where_),
                  "Record the run again");
    results_[entry["key"].get<std::string>()].push_back(std::move(entry["result"]));
  }
  info_ = request_json::info(result_of("info"));
}

// The last result stays, for requests that are made more often than they were.
json ReplayModel::result_of(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = results_.find(key);
  if (found == results_.end())
    throw Error(
        Fault::input, "recorded",
        fmt::format("{} holds no result for {}{}", where_, key.substr(0, 200),
                    key.size() > 200 ? "…" : ""),
        "Record the run again: the prompt, the options, the seed or the recipe has changed");
  json result = found->second.front();
  if (found->second.size() > 1) found->second.pop_front();
  return result;
}

std::vector<float> ReplayModel::numbers(const std::string& key, Budget& budget) const {
  if (!budget.reserve({.model_calls = 1})) return {};
  return result_of(key).get<std::vector<float>>();
}

std::vector<Token> ReplayModel::tokenize(std::string_view text, bool special) const {
  return result_of(request_json::tokenize_key(text, special)).get<std::vector<Token>>();
}

std::string ReplayModel::detokenize(std::span<const Token> tokens) const {
  return bytes(result_of(request_json::detokenize_key(tokens)));
}

std::vector<Token> ReplayModel::chat(std::span<const Message> messages) const {
  return result_of(request_json::chat_key(messages)).get<std::vector<Token>>();
}

BranchPtr ReplayModel::branch(const BranchPtr& from, std::span<const Token> tokens) {
  std::vector<Token> all = from ? from->tokens() : std::vector<Token>();
  all.insert(all.end(), tokens.begin(), tokens.end());
  return std::make_shared<TokenBranch>(std::move(all));
}

BranchPtr ReplayModel::rollback(const BranchPtr& from, std::size_t size) {
  std::vector<Token> tokens = from->tokens();
  tokens.resize(size);
  return std::make_shared<TokenBranch>(std::move(tokens));
}

asio::awaitable<Generation> ReplayModel::generate(GenerateRequest request, Budget& budget) {
  co_await asio::post(asio::use_awaitable);  // others get their turn, as with a real model
  Generation got = request_json::generation(result_of(request_json::key(request)));
  const Amount amount{got.usage.generated_tokens, got.usage.evaluated_tokens,
                      got.usage.model_calls};
  if (budget.stopped() || !budget.reserve(amount)) {
    got = {};
    got.stop = budget.stopped().value_or(Stop::budget);
  }
  budget.note_unique(got.usage.unique_tokens);
  got.branch = branch(request.prefix, got.tokens);
  co_return got;
}

asio::awaitable<Reading> ReplayModel::read(BranchPtr prefix, std::vector<Token> tokens,
                                           Budget& budget) {
  if (!budget.reserve({.model_calls = 1})) co_return Reading();
  co_return request_json::reading(result_of(request_json::read_key(prefix, tokens)));
}

asio::awaitable<std::vector<float>> ReplayModel::label_probabilities(
    BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) {
  co_return numbers(request_json::labels_key(prefix, labels), budget);
}

asio::awaitable<HiddenStates> ReplayModel::hidden(BranchPtr branch, std::vector<int> layers,
                                                  std::vector<int> positions, Budget& budget) {
  if (!budget.reserve({.model_calls = 1})) co_return HiddenStates();
  co_return request_json::hidden(result_of(request_json::hidden_key(branch, layers, positions)));
}

asio::awaitable<std::vector<float>> ReplayModel::embed(std::string text, Budget& budget) {
  co_return numbers(request_json::embed_key(text), budget);
}

}  // namespace cairn
