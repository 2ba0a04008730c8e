#pragma once
// model/decorator.h — a language model that passes everything on to another; what stands between
// the two overrides what it changes.

#include "cairn/language_model.h"

namespace cairn {

class ModelDecorator : public LanguageModel {
 public:
  explicit ModelDecorator(LanguageModel& inner) : inner_(inner) {}  // borrowed

  const ModelInfo& info() const override { return inner_.info(); }
  ModelCounters counters() const override { return inner_.counters(); }
  std::vector<Token> tokenize(std::string_view text, bool special) const override {
    return inner_.tokenize(text, special);
  }
  std::string detokenize(std::span<const Token> tokens) const override {
    return inner_.detokenize(tokens);
  }
  std::vector<Token> chat(std::span<const Message> messages) const override {
    return inner_.chat(messages);
  }
  BranchPtr branch(const BranchPtr& from, std::span<const Token> tokens) override {
    return inner_.branch(from, tokens);
  }
  BranchPtr apart() override { return inner_.apart(); }
  BranchPtr rollback(const BranchPtr& from, std::size_t size) override {
    return inner_.rollback(from, size);
  }
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    return inner_.generate(std::move(request), budget);
  }
  asio::awaitable<Reading> read(BranchPtr prefix, std::vector<Token> tokens,
                                Budget& budget) override {
    return inner_.read(std::move(prefix), std::move(tokens), budget);
  }
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override {
    return inner_.label_probabilities(std::move(prefix), std::move(labels), budget);
  }
  asio::awaitable<HiddenStates> hidden(BranchPtr branch, std::vector<int> layers,
                                       std::vector<int> positions, Budget& budget) override {
    return inner_.hidden(std::move(branch), std::move(layers), std::move(positions), budget);
  }
  asio::awaitable<std::vector<float>> embed(std::string text, Budget& budget) override {
    return inner_.embed(std::move(text), budget);
  }

 protected:
  LanguageModel& inner_;
};

}  // namespace cairn
