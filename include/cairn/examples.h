#pragma once
// cairn/examples.h — the worked examples in a prompt, and which of them are like a question.
//
// In a prompt's turns each pair of a user's and an assistant's turn before the question's is an
// example: "## user" has its question, "## assistant" what was written for it.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/prompt.h"

namespace cairn {

class Examples {
 public:
  explicit Examples(Prompt pool);

  std::size_t size() const { return pairs_.size(); }

  // All examples, the most similar to the question first; those with the same question are left
  // out. Similar: the cosine of the counts of words, each weighted by ln((1 + n) / df) with df the
  // number of the n examples that have it; digits are no words. Equals keep the pool's order.
  std::vector<std::size_t> like(std::string_view question) const;

  // The pool's prompt with these examples, in this order. Requires: each < size().
  Prompt with(std::span<const std::size_t> chosen) const;

 private:
  struct Pair {
    Message question, answer;
  };
  std::vector<Message> before_, after_;  // the turns around the examples
  std::vector<Pair> pairs_;
};

}  // namespace cairn
