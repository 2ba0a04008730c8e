#pragma once
// judge/ask.h — a judge's questions that the model answers in words.

#include <string>
#include <vector>

#include "cairn/language_model.h"

namespace cairn::judge {

struct Asking {
  int answers = 1;  // drawn independently
  float temperature = 0;
  int max_tokens = 256;  // of each
  std::uint64_t seed = 0;
};

// The question as a branch: who holds it lets the next question that begins alike be read from
// where the two part.
BranchPtr question(LanguageModel& model, const std::vector<Message>& messages, Budget& budget);

// What the model replies, [answers]; empty texts where the budget ended it.
asio::awaitable<std::vector<std::string>> ask(LanguageModel& model, BranchPtr question,
                                              Asking asking, Budget& budget);

}  // namespace cairn::judge
