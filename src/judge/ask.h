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
  // Where an answer does not hold `mark`, `lead` and the mark are written behind it for the model,
  // which ends them with a brace or a line.
  std::string lead = {}, mark = {};
};

// The question as a branch. Who holds the part that the next question begins with too lets that be
// read from where the two part; to hold more would fill the cache.
BranchPtr question(LanguageModel& model, const std::vector<Message>& messages, Budget& budget);

// How many tokens both begin with.
std::size_t shared_tokens(const std::vector<Token>& a, const std::vector<Token>& b);

// The part of `branch` that `longer` begins with too.
BranchPtr shared_part(LanguageModel& model, const BranchPtr& branch,
                      const std::vector<Token>& longer);

// What the model replies, [answers]; empty texts where the budget ended it.
asio::awaitable<std::vector<std::string>> ask(LanguageModel& model, BranchPtr question,
                                              Asking asking, Budget& budget);

}  // namespace cairn::judge
