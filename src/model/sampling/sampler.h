#pragma once
// model/sampling/sampler.h — the next token of one row of logits.
//
//   logits ─ bias, penalties ─ grammar ─ top_k ─ top_p ─ min_p ─ temperature ─ draw(u) ─ token
//      └──── log p(token), certainty, entropy: of the model itself, before any of it
//
// One pass over the logits and no sort of the vocabulary. The token is a function of the logits,
// the recent tokens, the grammar's place and u alone: no other row, thread or earlier draw has any
// influence.

#include <optional>
#include <span>
#include <vector>

#include "cairn/language_model.h"
#include "model/sampling/filters.h"
#include "model/sampling/grammar_filter.h"
#include "model/sampling/row.h"

namespace cairn::sampling {

struct Draw {
  Token token = 0;
  float logprob = 0;    // nats, temperature 1, before any filter
  float certainty = 0;  // KL(uniform || model), nats
  float entropy = 0;    // of the model's distribution, nats
};

// Memory that draws need, to be used by one thread at a time; it grows to a few bytes for each word
// of the vocabulary and is then used again.
struct Scratch {
  Row row;
  std::vector<Candidate> kept;
  std::vector<Token> recent;
};

class Sampler {
 public:
  // Errors: Fault::input for an option out of its range or a biased token outside the vocabulary.
  Sampler(const Sampling& sampling, int vocabulary);

  // logits  [vocabulary], the model's own; read only
  // recent  the tokens so far, of which the last penalty_window count; ids outside are ignored
  // u       uniform in [0, 1); see cairn/rng.h
  // Nothing when bias and grammar leave no token. The grammar, if any, is not moved on.
  // Errors: Fault::model when no logit is finite.
  // Threads: any number at once, each with a scratch of its own.
  std::optional<Draw> draw(std::span<const float> logits, std::span<const Token> recent, double u,
                           GrammarFilter* grammar, Scratch& scratch) const;

 private:
  bool filtered() const { return sampling_.top_k || sampling_.top_p < 1 || sampling_.min_p > 0; }
  bool greedy() const { return sampling_.temperature == 0; }
  void change(std::span<const Token> recent, Scratch& scratch) const;
  void penalise(std::span<const Token> recent, Scratch& scratch) const;
  Token pick(double u, Scratch& scratch) const;
  Token pick_filtered(double u, Scratch& scratch) const;

  Sampling sampling_;
  int vocabulary_;
  float slope_ = 1;  // 1 / temperature
};

// Of the model itself: temperature 1, before any filter. logits [vocabulary].
// Errors: Fault::model when no logit is finite.
RowStats measure(std::span<const float> logits, Scratch& scratch);

}  // namespace cairn::sampling
