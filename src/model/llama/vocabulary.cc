#include "model/llama/vocabulary.h"

#include <fmt/core.h>

#include "cairn/error.h"

namespace cairn::llama {
namespace {

// Stands for the i-th message's content while the template is rendered, so that markup and contents
// can be tokenized apart: text from outside must not become markup.
std::string placeholder(std::size_t i) {
  return fmt::format("\x02{}\x03", i);
}

}  // namespace

Vocabulary::Vocabulary(const llama_model* model, std::string name)
    : vocab_(llama_model_get_vocab(model)),
      name_(std::move(name)),
      size_(llama_vocab_n_tokens(vocab_)) {
  if (const char* text = llama_model_chat_template(model, nullptr)) template_ = text;
}

std::string Vocabulary::piece(Token token) const {
  if (token < 0 || token >= size_)
    throw Error(Fault::input, "model/llama",
                fmt::format("token {} is not in the vocabulary of {}", token, size_),
                "Use the tokens of this model");
  std::string piece(16, '\0');
  const auto read = [&] {
    return llama_token_to_piece(vocab_, token, piece.data(), static_cast<int>(piece.size()), 0,
                                /*special=*/true);
  };
  int length = read();
  if (length < 0) {
    piece.resize(-length);
    length = read();
  }
  piece.resize(length);
  return piece;
}

bool Vocabulary::ends_text(Token token) const {
  return llama_vocab_is_eog(vocab_, token);
}

std::vector<Token> Vocabulary::tokenize(std::string_view text, bool special) const {
  std::vector<Token> tokens;
  append_text(tokens, text, special);
  return tokens;
}

void Vocabulary::append_text(std::vector<Token>& tokens, std::string_view text,
                             bool special) const {
  if (text.empty()) return;
  std::vector<Token> more(text.size() + 8);
  const int count = llama_tokenize(vocab_, text.data(), static_cast<int>(text.size()), more.data(),
                                   static_cast<int>(more.size()), /*add_special=*/false,
                                   /*parse_special=*/special);
  if (count < 0)
    throw Error(Fault::model, "model/llama",
                fmt::format("{} bytes of text could not be tokenized by {}", text.size(), name_),
                "Shorten the text");
  tokens.insert(tokens.end(), more.begin(), more.begin() + count);
}

std::string Vocabulary::detokenize(std::span<const Token> tokens) const {
  std::string text;
  for (const Token token : tokens) text += piece(token);
  return text;
}

std::string Vocabulary::render(std::span<const Message> messages, bool open_turn) const {
  std::vector<std::string> contents;
  std::vector<llama_chat_message> turns;
  contents.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) contents.push_back(placeholder(i));
  for (std::size_t i = 0; i < messages.size(); ++i)
    turns.push_back({messages[i].role.c_str(), contents[i].c_str()});
  std::string text(1024 + 256 * messages.size(), '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    const int length =
        llama_chat_apply_template(template_.c_str(), turns.data(), turns.size(), open_turn,
                                  text.data(), static_cast<int>(text.size()));
    if (length < 0)
      throw Error(
          Fault::model, "model/llama",
          fmt::format("the chat template of {} is of no family that llama.cpp renders", name_),
          "Use a model with a known template (ChatML, Llama, Gemma, Mistral, Phi, …)");
    const bool fits = length <= static_cast<int>(text.size());
    text.resize(length);
    if (fits) break;
  }
  return text;
}

std::vector<Token> Vocabulary::chat(std::span<const Message> messages) const {
  std::vector<Token> tokens;
  if (llama_vocab_get_add_bos(vocab_)) tokens.push_back(llama_vocab_bos(vocab_));
  if (!has_template()) {  // a base model: the turns as paragraphs
    for (std::size_t i = 0; i < messages.size(); ++i)
      append_text(tokens, messages[i].content + (i + 1 < messages.size() ? "\n\n" : ""), false);
    if (!messages.empty() && messages.back().role != "assistant")
      append_text(tokens, "\n\n", false);
    return tokens;
  }
  const bool prefill = !messages.empty() && messages.back().role == "assistant";
  const auto turns = messages.first(messages.size() - prefill);
  const std::string text = render(turns, /*open_turn=*/true);
  std::size_t at = 0;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const std::string mark = placeholder(i);
    const std::size_t found = text.find(mark, at);
    if (found == std::string::npos) continue;  // a template may leave a turn out
    append_text(tokens, std::string_view(text).substr(at, found - at), true);
    append_text(tokens, turns[i].content, false);
    at = found + mark.size();
  }
  append_text(tokens, std::string_view(text).substr(at), true);
  if (prefill) append_text(tokens, messages.back().content, false);
  return tokens;
}

}  // namespace cairn::llama
