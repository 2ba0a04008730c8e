#pragma once
// contracts/language_model_contract.h — what every LanguageModel keeps, whatever is behind it.
//
// Instantiate with factories:
//   INSTANTIATE_TEST_SUITE_P(Scripted, LanguageModelContract,
//                            testing::Values(ModelFactory{"scripted", [] { return …; }}));
// A model that is not reproducible() is excused from the equalities of tokens.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "cairn/language_model.h"

namespace cairn::contracts {

struct ModelFactory {
  std::string name;
  std::function<std::unique_ptr<LanguageModel>()> make;
  std::string prompt;    // a text the model goes on after for at least 24 tokens
  bool account = false;  // its account of what was evaluated is its own, whatever is apart below it
};

inline void PrintTo(const ModelFactory& factory, std::ostream* out) {
  *out << factory.name;
}

class LanguageModelContract : public testing::TestWithParam<ModelFactory> {
 protected:
  void SetUp() override { model_ = GetParam().make(); }

  BranchPtr start() const;
  GenerateRequest request(int tokens, std::uint64_t seed, float temperature = 1) const;

  std::unique_ptr<LanguageModel> model_;
};

inline std::string factory_name(const testing::TestParamInfo<ModelFactory>& info) {
  return info.param.name;
}

}  // namespace cairn::contracts
