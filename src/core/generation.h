#pragma once
// core/generation.h — turns tokens drawn one by one into a Generation.
//
// Every backend feeds what it draws to a GenerationBuilder, so that stop strings, segment
// boundaries, limits and offered tokens mean the same everywhere.
//
//   drawn      t0 t1 t2 t3 t4        a boundary known at t4 that lies inside t2:
//   step       t0 t1 t2              rounded up to the end of the token that covers it
//   offered             t3 t4        whole tokens past it
//
// Threads: belongs to one thread at a time.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/language_model.h"

namespace cairn {

class GenerationBuilder {
 public:
  // `piece` gives the exact bytes of a token. Both are borrowed for the builder's life.
  using Piece = std::string (*)(const void* model, Token token);
  GenerationBuilder(const GenerateRequest& request, const void* model, Piece piece);

  // Tokens the next evaluation has to include, in order: the offered ones, taken as drawn.
  // Why the generation is already complete, if the offered tokens end it.
  std::optional<Stop> replay_offered();

  // A token was drawn. Returns why the generation is complete, or nothing while it goes on.
  std::optional<Stop> push(Token token, float logprob, float certainty, float entropy);

  // Drawn so far, offered ones included.
  const std::vector<Token>& tokens() const { return tokens_; }

  // The result; `branch` and `usage` are the backend's to fill in.
  Generation finish(Stop stop);

 private:
  void append(Token token, float logprob, float certainty, float entropy);
  // Why the generation is complete with the token appended last.
  std::optional<Stop> after_last();
  std::optional<Stop> after_piece(std::string_view piece);
  std::optional<std::size_t> stop_string_end(std::size_t fed) const;

  const GenerateRequest& request_;
  const void* model_;
  Piece piece_;
  std::unique_ptr<Segmenter::Cursor> cursor_;
  std::size_t longest_stop_ = 0;
  std::vector<Token> tokens_;
  std::vector<float> logprobs_, certainties_, entropies_;
  std::vector<std::size_t> ends_;  // [tokens]; where each token's bytes end in text_
  std::string text_;
  std::optional<std::size_t> boundary_;  // bytes of the step, once known
};

}  // namespace cairn
