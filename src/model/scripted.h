#pragma once
// model/scripted.h — a language model that writes what a script says: the double that tests, and
// everyone who wants to see a recipe without a model, use.
//
// A script is JSON lines, {"after": TEXT, "then": [TEXT, …]}: where the text so far ends with
// `after` it goes on with one of `then`, drawn by the seed; the line found nearest to the end of
// the text wins, then the longer `after`. Where no line matches, the text ends.
//
//   {"after": "<|assistant|>", "then": ["The answer is 4.", "The answer is 5."]}
//
// Tokens are bytes; token 256 ends a text. The next byte has the share of the continuations that go
// on with it, so log-probabilities can be worked out by hand. chat() writes <|role|>content for
// each turn and <|assistant|> after them.

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "cairn/language_model.h"

namespace cairn {

struct ScriptLine {
  std::string after;
  std::vector<std::string> then;
};

// Errors: Fault::input with the line's number.
std::vector<ScriptLine> read_script(const std::filesystem::path& path);

class ScriptedModel : public LanguageModel {
 public:
  explicit ScriptedModel(std::vector<ScriptLine> script, int context_tokens = 1 << 20);

  const ModelInfo& info() const override { return info_; }
  ModelCounters counters() const override;
  std::vector<Token> tokenize(std::string_view text, bool special) const override;
  std::string detokenize(std::span<const Token> tokens) const override;
  std::vector<Token> chat(std::span<const Message> messages) const override;
  BranchPtr branch(const BranchPtr& from, std::span<const Token> tokens) override;
  BranchPtr apart() override;
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
  // What may come next after `text`, each with its probability; token 256 is the end.
  std::map<Token, double> next(const std::string& text) const;
  // Charges the positions of `text` that were not run before in this family (see apart()). False:
  // the budget refused.
  bool pay_for(std::string_view text, std::uint64_t family, Budget& budget, Usage& usage);
  bool pay_for_one(Budget& budget, Usage& usage);

  const std::vector<ScriptLine> script_;
  std::size_t longest_ = 0;  // of the continuations
  ModelInfo info_;
  mutable std::mutex mutex_;
  ModelCounters counters_;
  std::unordered_set<std::uint64_t> evaluated_;  // hashes of the prefixes that were run
  std::uint64_t families_ = 0;
};

}  // namespace cairn
