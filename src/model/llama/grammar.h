#pragma once
// model/llama/grammar.h — a GBNF grammar over a model's vocabulary, by llama.cpp.

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "model/llama/piece_tree.h"
#include "model/llama/vocabulary.h"
#include "model/sampling/grammar_filter.h"

namespace cairn::llama {

using sampling::GrammarFilter;

// Makes filters over one model's vocabulary, which it sorts when the first is made. Threads: any.
class Grammars {
 public:
  Grammars(const llama_model* model, const Vocabulary& vocabulary)  // borrows both
      : model_(model), vocabulary_(vocabulary) {}

  // Null for an empty grammar. Borrows this.
  // Errors: Fault::input when the text is no GBNF grammar with a root rule.
  std::unique_ptr<GrammarFilter> make(const std::string& gbnf);

 private:
  const llama_model* const model_;
  const Vocabulary& vocabulary_;
  std::once_flag sorted_;
  std::optional<PieceTree> pieces_;
};

}  // namespace cairn::llama
