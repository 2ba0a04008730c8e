#include "model/llama/grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "cairn/error.h"

namespace cairn::llama {
namespace {

// llama.cpp reads brackets by recursion: what would overflow its stack is refused before.
void check_size(const std::string& gbnf) {
  constexpr std::size_t kLongest = 1 << 18;
  constexpr int kDeepest = 256;
  int depth = 0, deepest = 0;
  for (const char c : gbnf) {
    depth += (c == '(') - (c == ')');
    deepest = std::max(deepest, depth);
  }
  if (gbnf.size() > kLongest || deepest > kDeepest)
    throw Error(
        Fault::input, "grammar",
        fmt::format("at most {} bytes and brackets {} deep are allowed, got {} bytes and {}",
                    kLongest, kDeepest, gbnf.size(), deepest),
        "Split it into rules, or make it smaller");
}

// The bytes that a grammar reads. Tokens that end a text, and those without bytes, have rules of
// their own: they stand apart.
PieceTree sorted_pieces(const Vocabulary& vocabulary) {
  std::vector<std::string> pieces(vocabulary.size());
  for (Token token = 0; token < vocabulary.size(); ++token)
    if (!vocabulary.ends_text(token)) pieces[token] = vocabulary.piece(token);
  return PieceTree(pieces);
}

class LlamaGrammar : public GrammarFilter {
 public:
  LlamaGrammar(const llama_vocab* vocab, const std::string& gbnf, const PieceTree& pieces)
      : pieces_(pieces),
        by_bytes_(gbnf.find('<') == std::string::npos),
        grammar_(llama_sampler_init_grammar(vocab, gbnf.c_str(), "root"), llama_sampler_free) {
    if (!grammar_)
      throw Error(Fault::input, "grammar", "the text is no GBNF grammar with a rule named root",
                  "Check its syntax");
  }

  void apply(std::span<float> logits) override {
    std::vector<std::pair<Token, float>> admitted;
    std::vector<Token> level = by_bytes_ ? pieces_.roots() : all(logits.size());
    while (!level.empty()) {
      filter(level);
      level.clear();
      for (const llama_token_data& candidate : candidates_) {
        if (std::isinf(candidate.logit)) continue;
        admitted.emplace_back(candidate.id, logits[candidate.id]);
        if (by_bytes_) pieces_.append_children(candidate.id, level);
      }
    }
    std::fill(logits.begin(), logits.end(), -std::numeric_limits<float>::infinity());
    for (const auto& [token, logit] : admitted) logits[token] = logit;
  }

  bool accepts(Token token) override {
    filter({&token, 1});
    return !std::isinf(candidates_[0].logit);
  }

  void accept(Token token) override { llama_sampler_accept(grammar_.get(), token); }

 private:
  static std::vector<Token> all(std::size_t count) {
    std::vector<Token> tokens(count);
    std::iota(tokens.begin(), tokens.end(), 0);
    return tokens;
  }

  // candidates_: the tokens; minus infinity where one is not admitted.
  void filter(std::span<const Token> tokens) {
    candidates_.clear();
    for (const Token token : tokens) candidates_.push_back({token, 0, 0});
    llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
    llama_sampler_apply(grammar_.get(), &array);
  }

  const PieceTree& pieces_;
  const bool by_bytes_;  // a grammar may also name whole tokens: <think>
  std::unique_ptr<llama_sampler, void (*)(llama_sampler*)> grammar_;
  std::vector<llama_token_data> candidates_;
};

}  // namespace

std::unique_ptr<GrammarFilter> Grammars::make(const std::string& gbnf) {
  if (gbnf.empty()) return nullptr;
  check_size(gbnf);
  std::call_once(sorted_, [this] { pieces_.emplace(sorted_pieces(vocabulary_)); });
  return std::make_unique<LlamaGrammar>(llama_model_get_vocab(model_), gbnf, *pieces_);
}

}  // namespace cairn::llama
