#pragma once
// model/checked.h — a language model that is watched: every result is held against the contract of
// include/cairn/language_model.h, and what breaks it is an Error that says which rule and how.
//
// For tests and for new backends; the checks cost little beside a model.

#include "model/decorator.h"

namespace cairn {

class CheckedModel : public ModelDecorator {
 public:
  using ModelDecorator::ModelDecorator;

  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override;
  asio::awaitable<Reading> read(BranchPtr prefix, std::vector<Token> tokens,
                                Budget& budget) override;
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override;
};

}  // namespace cairn
