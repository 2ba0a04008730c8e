#include "model/sampling/filters.h"

#include <algorithm>
#include <cmath>

namespace cairn::sampling {
namespace {

bool before(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

float best_logit(std::span<const Candidate> kept) {
  return std::min_element(kept.begin(), kept.end(), before)->logit;
}

// Calls each(weight, candidate) with exp((logit - reference) * slope) until it returns false.
template <class Each>
void weigh(std::span<const Candidate> part, float reference, float slope, const Each& each) {
  constexpr std::size_t kRound = 256;
  float logits[kRound], weights[kRound];
  for (; !part.empty(); part = part.subspan(std::min(kRound, part.size()))) {
    const std::size_t count = std::min(kRound, part.size());
    for (std::size_t i = 0; i < count; ++i) logits[i] = part[i].logit;
    kernels().weights(logits, static_cast<int>(count), reference, slope, weights);
    for (std::size_t i = 0; i < count; ++i)
      if (!each(double{weights[i]}, part[i])) return;
  }
}

double mass(std::span<const Candidate> part, float reference) {
  double sum = 0;
  weigh(part, reference, 1, [&](double weight, const Candidate&) { return sum += weight, true; });
  return sum;
}

// Keeps the shortest run, in order of probability, with sum exp(logit - reference) >= needed.
// Halves the part in which the run ends until it is short enough to sort.
void keep_mass(float reference, double needed, std::vector<Candidate>& kept) {
  constexpr std::ptrdiff_t kSorted = 64;
  auto begin = kept.begin(), end = kept.end();
  double before_begin = 0;
  while (end - begin > kSorted) {
    const auto middle = begin + (end - begin) / 2;
    std::nth_element(begin, middle, end, before);
    const double half = mass({begin, middle}, reference);
    if (before_begin + half >= needed) {
      end = middle;
    } else {
      before_begin += half;
      begin = middle;
    }
  }
  std::sort(begin, end, before);
  double sum = before_begin;
  std::ptrdiff_t more = 0;
  weigh({begin, end}, reference, 1, [&](double weight, const Candidate&) {
    ++more;
    return (sum += weight) < needed;
  });
  kept.erase(begin + more, kept.end());
}

}  // namespace

void keep_top_k(Row& row, std::size_t k, std::vector<Candidate>& kept) {
  row.gather(row.reached_by(k), kept);
  if (kept.size() > k) {
    std::nth_element(kept.begin(), kept.begin() + (k - 1), kept.end(), before);
    kept.resize(k);
  }
  std::sort(kept.begin(), kept.end(), before);
}

void keep_top_p(Row& row, float p, std::vector<Candidate>& kept) {
  constexpr double kBounds[] = {1e-3, 1e-4, 1e-5, 0};  // few tokens are enough almost always
  const double whole = row.log_sum_exp();
  const double needed = p * std::exp(whole - row.max());
  for (double bound : kBounds) {
    row.gather(static_cast<float>(whole + std::log(bound)), kept);
    if (mass(kept, row.max()) >= needed) break;
  }
  keep_mass(row.max(), needed, kept);
}

void keep_top_p(float p, std::vector<Candidate>& kept) {
  const float reference = best_logit(kept);
  keep_mass(reference, p * mass(kept, reference), kept);
}

void keep_min_p(Row& row, float min_p, std::vector<Candidate>& kept) {
  constexpr float kSlack = 1e-3f;  // far more than the bound's rounding; the rest is decided below
  const float bound = row.max() + std::log(min_p);
  row.gather(bound - kSlack * (1 + std::abs(bound)), kept);
  keep_min_p(min_p, kept);
}

void keep_min_p(float min_p, std::vector<Candidate>& kept) {
  const double best = best_logit(kept);
  std::erase_if(kept, [&](const Candidate& c) { return std::exp(c.logit - best) < min_p; });
}

Token draw(std::span<const Candidate> kept, float slope, double u) {
  const float best = best_logit(kept);
  double total = 0;
  weigh(kept, best, slope, [&](double weight, const Candidate&) { return total += weight, true; });
  double rest = u * total;
  Token drawn = kept.front().token;
  weigh(kept, best, slope, [&](double weight, const Candidate& c) {
    if (weight <= 0) return true;
    drawn = c.token;
    return (rest -= weight) >= 0;
  });
  return drawn;
}

}  // namespace cairn::sampling
