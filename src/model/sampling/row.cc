#include "model/sampling/row.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace cairn::sampling {
namespace {

constexpr float kHighest = std::numeric_limits<float>::max();

float defined(float logit) {
  if (std::isnan(logit)) return -std::numeric_limits<float>::infinity();
  return std::min(logit, kHighest);
}

}  // namespace

void Row::read(std::span<const float> logits, std::optional<float> slope) {
  logits_ = logits;
  slope_ = slope;
  const int vocabulary = static_cast<int>(logits.size());
  blocks_.clear();
  for (int begin = 0; begin < vocabulary; begin += kBlock)
    blocks_.push_back({.data = logits.data() + begin,
                       .begin = begin,
                       .count = std::min(kBlock, vocabulary - begin)});
  lane_max_.resize(blocks_.size() * kLanes);
  for (Block& block : blocks_) measure(block);
  find_max();
  stats_ = summary();
}

void Row::measure(Block& block) {
  const Kernels& k = kernels();
  float* lane_max = &lane_max_[block.begin / kBlock * kLanes];
  block.sum = k.scan(block.data, block.count, lane_max);
  block.finite = block.count;
  if (!std::isfinite(block.sum)) clean(block, lane_max);
  block.max = *std::max_element(lane_max, lane_max + kLanes);
  block.mass = block.moment = block.weight = 0;
  block.changed = false;
  if (block.max == kNever) return;
  if (!slope_ || *slope_ == 1) {
    block.mass = block.weight = k.mass(block.data, block.count, block.max, &block.moment);
  } else {
    k.masses(block.data, block.count, block.max, *slope_, &block.mass, &block.moment,
             &block.weight);
  }
}

void Row::clean(Block& block, float* lane_max) {
  float* data = own(block);
  block.sum = block.finite = 0;
  for (int i = 0; i < block.count; ++i) {
    data[i] = defined(data[i]);
    if (data[i] == kNever) continue;
    block.sum += data[i];
    ++block.finite;
  }
  kernels().scan(data, block.count, lane_max);
}

float* Row::own(Block& block) {
  if (copy_.size() < logits_.size()) copy_.resize(logits_.size());
  float* mine = copy_.data() + block.begin;
  if (block.data != mine) std::copy_n(block.data, block.count, mine);
  block.data = mine;
  return mine;
}

void Row::find_max() {
  max_ = kNever;
  for (const Block& block : blocks_) max_ = std::max(max_, block.max);
}

double Row::log_sum_exp() const {
  if (empty()) return kNever;
  double mass = 0;
  for (const Block& block : blocks_)
    if (block.mass > 0) mass += block.mass * std::exp(double{block.max} - max_);
  return max_ + std::log(mass);
}

RowStats Row::summary() const {
  if (empty()) return {.log_sum_exp = kNever};
  double sum = 0, finite = 0, below = 0;  // below: sum of (max_ - x) exp(x - max_)
  for (const Block& block : blocks_) {
    sum += block.sum;
    finite += block.finite;
    if (block.mass > 0) {
      const double down = double{max_} - block.max;
      below += (down * block.mass - block.moment) * std::exp(-down);
    }
  }
  const double lse = log_sum_exp();
  return {.log_sum_exp = lse,
          .certainty = std::max(0.0, lse - sum / finite - std::log(finite)),
          .entropy = lse - max_ + below * std::exp(max_ - lse)};
}

double Row::logprob(Token token) const {
  return defined(logits_[token]) - stats_.log_sum_exp;
}

float Row::at(Token token) const {
  const Block& block = blocks_[token / kBlock];
  return block.data[token - block.begin];
}

void Row::set(Token token, float logit) {
  Block& block = blocks_[token / kBlock];
  own(block)[token - block.begin] = logit;
  block.changed = true;
}

std::span<float> Row::rewrite() {
  for (Block& block : blocks_) {
    own(block);
    block.changed = true;
  }
  return std::span(copy_).first(logits_.size());
}

void Row::refresh() {
  for (Block& block : blocks_)
    if (block.changed) measure(block);
  find_max();
}

Token Row::best() const {
  const auto block = std::find_if(blocks_.begin(), blocks_.end(),
                                  [this](const Block& b) { return b.max == max_; });
  return block->begin +
         static_cast<Token>(std::find(block->data, block->data + block->count, max_) - block->data);
}

Token Row::draw(double u) const {
  const auto share = [this](const Block& block) {
    return block.weight > 0 ? std::exp((double{block.max} - max_) * *slope_) : 0.0;
  };
  double total = 0;
  for (const Block& block : blocks_) total += block.weight * share(block);
  // The block in which the distribution function passes u; the last that has any weight where
  // rounding left nothing to pass it.
  double rest = u * total;
  const Block* chosen = nullptr;
  double scale = 1;
  for (const Block& block : blocks_) {
    const double weight = block.weight * share(block);
    if (weight <= 0) continue;
    chosen = &block;
    scale = share(block);
    if (rest < weight) break;
    rest -= weight;
  }
  float weights[kBlock];
  kernels().weights(chosen->data, chosen->count, chosen->max, *slope_, weights);
  rest /= scale;
  int last = 0;
  for (int i = 0; i < chosen->count; ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (rest < weights[i]) break;
    rest -= weights[i];
  }
  return chosen->begin + last;
}

void Row::gather(float least, std::vector<Candidate>& out) {
  out.clear();
  least = std::max(least, -kHighest);
  found_.resize(kBlock);
  for (const Block& block : blocks_) {
    if (block.max < least) continue;
    const int count = kernels().at_least(block.data, block.count, least, found_.data());
    for (int i = 0; i < count; ++i) out.push_back({block.data[found_[i]], block.begin + found_[i]});
  }
}

float Row::reached_by(std::size_t k) {
  // Each lane of each block has its largest logit from a token of its own.
  if (k > lane_max_.size()) return kNever;
  order_ = lane_max_;
  std::nth_element(order_.begin(), order_.begin() + (k - 1), order_.end(), std::greater<>());
  return order_[k - 1];
}

}  // namespace cairn::sampling
