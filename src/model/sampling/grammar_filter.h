#pragma once
// model/sampling/grammar_filter.h — which tokens a grammar admits next.
//
// It stands at one place of one generation: accept() moves it on by a token. The sampler only asks;
// whoever takes the drawn token (or an offered one) tells the filter.

#include <span>

#include "cairn/step.h"

namespace cairn::sampling {

class GrammarFilter {
 public:
  virtual ~GrammarFilter() = default;

  // Sets the logit of every token that is not admitted to minus infinity.
  virtual void apply(std::span<float> logits) = 0;
  virtual bool accepts(Token token) = 0;  // the same question for one token, much cheaper
  // Requires: accepts(token).
  virtual void accept(Token token) = 0;
};

}  // namespace cairn::sampling
