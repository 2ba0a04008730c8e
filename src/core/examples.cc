#include "cairn/examples.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/text.h"

namespace cairn {
namespace {

using Weights = std::map<std::string, double, std::less<>>;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

Weights word_counts(std::string_view text) {
  Weights counts;
  std::string word;
  for (const char c : base::lower(text) + " ") {
    if (is_letter(c)) {
      word += c;
    } else if (!word.empty()) {
      ++counts[std::exchange(word, {})];
    }
  }
  return counts;
}

double dot(const Weights& a, const Weights& b) {
  double sum = 0;
  for (const auto& [word, weight] : a)
    if (const auto other = b.find(word); other != b.end()) sum += weight * other->second;
  return sum;
}

double cosine(const Weights& a, const Weights& b) {
  const double lengths = std::sqrt(dot(a, a) * dot(b, b));
  return lengths > 0 ? dot(a, b) / lengths : 0;
}

// Each count times the weight of its word.
Weights weighted(Weights counts, const Weights& weights) {
  for (auto& [word, count] : counts) {
    const auto found = weights.find(word);
    count *= found == weights.end() ? 0 : found->second;
  }
  return counts;
}

}  // namespace

Examples::Examples(Prompt pool) {
  std::vector<Message>& turns = pool.turns;
  const auto is_example = [&turns](std::size_t i) {
    return i + 1 < turns.size() && turns[i].role == "user" && turns[i + 1].role == "assistant" &&
           turns[i].content.find("{question}") == std::string::npos;
  };
  std::size_t at = 0;
  while (at < turns.size() && !is_example(at)) before_.push_back(turns[at++]);
  for (; is_example(at); at += 2) pairs_.push_back({turns[at], turns[at + 1]});
  after_.assign(turns.begin() + static_cast<std::ptrdiff_t>(at), turns.end());
}

std::vector<std::size_t> Examples::like(std::string_view question) const {
  std::vector<Weights> counts;
  Weights weights;  // first the number of examples that have a word
  for (const Pair& pair : pairs_) {
    counts.push_back(word_counts(pair.question.content));
    for (const auto& [word, count] : counts.back()) ++weights[word];
  }
  const double all = static_cast<double>(pairs_.size());
  for (auto& [word, weight] : weights) weight = std::log((1 + all) / weight);
  const Weights asked = weighted(word_counts(question), weights);
  std::vector<double> likeness;
  for (const Weights& own : counts) likeness.push_back(cosine(asked, weighted(own, weights)));
  std::vector<std::size_t> order(pairs_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) {
    return base::trim(pairs_[i].question.content) == base::trim(question);
  });
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return likeness[i] > likeness[j]; });
  return order;
}

Prompt Examples::with(std::span<const std::size_t> chosen) const {
  Prompt prompt{before_};
  for (const std::size_t i : chosen) {
    prompt.turns.push_back(pairs_[i].question);
    prompt.turns.push_back(pairs_[i].answer);
  }
  prompt.turns.insert(prompt.turns.end(), after_.begin(), after_.end());
  return prompt;
}

}  // namespace cairn
