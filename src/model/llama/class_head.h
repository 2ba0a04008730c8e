#pragma once
// model/llama/class_head.h — the classification head of a model: classes in the place of tokens.
//
//   logits [classes] = weights [classes, hidden size] · state [hidden size]
//
// The state is what the logits of tokens are made of too: the last layer's output, normed. Such a
// head stands in GGUF files of Qwen3 (cls.output.weight, classifier.output_labels); llama.cpp loads
// those of no other decoder.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llama.h"

namespace cairn::llama {

struct ClassHead {
  std::vector<std::string> classes;
  std::vector<float> weights;

  std::vector<float> logits(std::span<const float> state) const;
};

// The head of a loaded model, from its file; nothing where it has none with named classes.
std::optional<ClassHead> read_class_head(const llama_model* model, const std::string& path);

}  // namespace cairn::llama
