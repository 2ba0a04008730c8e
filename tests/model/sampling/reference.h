#pragma once
// tests/model/sampling/reference.h — sampling the slow way: doubles and a full sort.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "cairn/language_model.h"

namespace cairn::sampling::reference {

struct Set {
  std::vector<Token> tokens;  // most probable first
  double margin = 1;          // how near top_p came to keeping one token more or less
};

inline std::vector<Token> by_probability(std::span<const float> logits) {
  std::vector<Token> order;
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (logits[i] > -INFINITY) order.push_back(static_cast<Token>(i));
  std::stable_sort(order.begin(), order.end(),
                   [&](Token a, Token b) { return logits[a] > logits[b]; });
  return order;
}

// exp((logit - best) / temperature) of each token, scaled to sum 1.
inline std::vector<double> probabilities(std::span<const float> logits,
                                         std::span<const Token> tokens, double temperature) {
  std::vector<double> p;
  double best = -INFINITY;
  for (Token t : tokens) best = std::max(best, double{logits[t]});
  for (Token t : tokens) p.push_back(std::exp((logits[t] - best) / temperature));
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= total;
  return p;
}

// What top_k, top_p and min_p leave, in this order, each renormalised.
// `order` = by_probability(logits).
inline Set filtered(std::span<const float> logits, const std::vector<Token>& order,
                    const Sampling& s) {
  Set set{order};
  if (s.top_k) set.tokens.resize(std::min<std::size_t>(set.tokens.size(), *s.top_k));
  if (s.top_p < 1) {
    const std::vector<double> p = probabilities(logits, set.tokens, 1);
    double sum = 0;
    std::size_t kept = 0;
    while (kept < p.size()) {
      sum += p[kept++];
      set.margin = std::min(set.margin, std::abs(sum - double{s.top_p}));
      if (sum >= double{s.top_p}) break;
    }
    set.tokens.resize(kept);
  }
  if (s.min_p > 0) {
    const std::vector<double> p = probabilities(logits, set.tokens, 1);
    std::size_t kept = 1;
    while (kept < p.size() && p[kept] >= s.min_p * p[0]) ++kept;
    set.tokens.resize(kept);
  }
  return set;
}

inline double log_sum_exp(std::span<const float> logits) {
  double best = -INFINITY, sum = 0;
  for (float x : logits) best = std::max(best, double{x});
  for (float x : logits) sum += std::exp(x - best);
  return best + std::log(sum);
}

}  // namespace cairn::sampling::reference
