#pragma once
// model/llama/vocabulary.h — text to tokens and back, and conversations as the model reads them.
// Threads: immutable.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/language_model.h"
#include "llama.h"

namespace cairn::llama {

class Vocabulary {
 public:
  // Borrows the model. `name`: for messages.
  Vocabulary(const llama_model* model, std::string name);

  int size() const { return size_; }
  bool has_template() const { return !template_.empty(); }
  bool ends_text(Token token) const;

  std::vector<Token> tokenize(std::string_view text, bool special) const;
  std::string piece(Token token) const;  // exact bytes
  std::string detokenize(std::span<const Token> tokens) const;
  std::vector<Token> chat(std::span<const Message> messages) const;

 private:
  std::string render(std::span<const Message> messages, bool open_turn) const;
  void append_text(std::vector<Token>& tokens, std::string_view text, bool special) const;

  const llama_vocab* vocab_;
  std::string name_, template_;
  int size_;
};

}  // namespace cairn::llama
