#pragma once
// model/llama/grammar.h — a GBNF grammar over a model's vocabulary, by llama.cpp.

#include <memory>
#include <string>

#include "model/sampling/grammar_filter.h"

struct llama_model;

namespace cairn::llama {

using sampling::GrammarFilter;

// Null for an empty grammar. Borrows the model.
// Errors: Fault::input when the text is no GBNF grammar with a root rule.
std::unique_ptr<GrammarFilter> make_grammar(const llama_model* model, const std::string& gbnf);

}  // namespace cairn::llama
