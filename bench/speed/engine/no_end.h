#pragma once
// speed/engine/no_end.h — the bias that forbids to end a text, so that all are equally long.

#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "cairn/language_model.h"

namespace cairn::bench {

inline std::vector<std::pair<Token, float>> no_end(const LanguageModel& model) {
  std::vector<std::pair<Token, float>> bias;
  for (std::string_view end : {"<|im_end|>", "<|endoftext|>", "<|eot_id|>", "</s>", "<eos>",
                               "<end_of_turn>", "<|end|>", "<|end_of_text|>"}) {
    const std::vector<Token> tokens = model.tokenize(end, /*special=*/true);
    if (tokens.size() == 1) bias.emplace_back(tokens[0], -std::numeric_limits<float>::infinity());
  }
  return bias;
}

}  // namespace cairn::bench
