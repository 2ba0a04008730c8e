#include "model/llama/grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cairn/error.h"
#include "llama.h"

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

class LlamaGrammar : public GrammarFilter {
 public:
  LlamaGrammar(const llama_vocab* vocab, const std::string& gbnf)
      : grammar_(llama_sampler_init_grammar(vocab, gbnf.c_str(), "root"), llama_sampler_free) {
    if (!grammar_)
      throw Error(Fault::input, "grammar", "the text is no GBNF grammar with a rule named root",
                  "Check its syntax");
  }

  void apply(std::span<float> logits) override {
    candidates_.resize(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i)
      candidates_[i] = {static_cast<llama_token>(i), logits[i], 0};
    filter();
    for (const llama_token_data& candidate : candidates_) logits[candidate.id] = candidate.logit;
  }

  bool accepts(Token token) override {
    candidates_.assign(1, {token, 0.0f, 0});
    filter();
    return !std::isinf(candidates_[0].logit);
  }

  void accept(Token token) override { llama_sampler_accept(grammar_.get(), token); }

 private:
  void filter() {
    llama_token_data_array all{candidates_.data(), candidates_.size(), -1, false};
    llama_sampler_apply(grammar_.get(), &all);
  }

  std::unique_ptr<llama_sampler, void (*)(llama_sampler*)> grammar_;
  std::vector<llama_token_data> candidates_;
};

}  // namespace

std::unique_ptr<GrammarFilter> make_grammar(const llama_model* model, const std::string& gbnf) {
  if (gbnf.empty()) return nullptr;
  check_size(gbnf);
  return std::make_unique<LlamaGrammar>(llama_model_get_vocab(model), gbnf);
}

}  // namespace cairn::llama
