#pragma once
// model/sampling/row.h — one row of logits, measured block by block.
//
//   row    [vocabulary]   block 0 | block 1 | … | last block (kBlock logits each)
//   block                 max, sum of exp(x - max) and of (x - max) exp(x - max), sum of
//                         exp((x - max) / temperature)
//
// The row itself is never written: a block that has to change (a bias, a grammar, a logit that is
// not a number) is copied first, and only changed blocks are measured again. A Row is scratch
// memory: made once for each thread and read into again for every row.
//
// Logits that are not finite: NaN counts as minus infinity, plus infinity as the largest float.

#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cairn/step.h"
#include "model/sampling/kernels.h"

namespace cairn::sampling {

// What the model itself thinks: temperature 1, before any filter.
struct RowStats {
  double log_sum_exp = 0;  // nats; minus infinity: no token can occur
  double certainty = 0;    // KL(uniform || model) over the tokens that can occur, nats
  double entropy = 0;      // nats
};

struct Candidate {
  float logit = 0;
  Token token = 0;
};

class Row {
 public:
  // `slope` = 1 / temperature for draw(), or nothing when it will not be called. Borrows `logits`.
  void read(std::span<const float> logits, std::optional<float> slope);

  // As read: later changes do not count.
  const RowStats& stats() const { return stats_; }
  double logprob(Token token) const;

  float at(Token token) const;  // with the changes so far
  void set(Token token, float logit);
  std::span<float> rewrite();  // the whole row, to be changed at will
  // Measures what was changed. Everything below needs it after set() or rewrite().
  void refresh();

  bool empty() const { return max_ == kNever; }  // no token can occur
  float max() const { return max_; }
  double log_sum_exp() const;  // nats; of the row as changed
  Token best() const;          // the lowest id wins a tie. Requires !empty()
  // By inverse distribution function at temperature 1 / slope, u in [0, 1). Requires !empty().
  Token draw(double u) const;

  // Every token that can occur with a logit of at least `least`, by rising id.
  void gather(float least, std::vector<Candidate>& out);
  // A logit that at least k tokens reach, as high as can be told from what was measured.
  float reached_by(std::size_t k);

 private:
  static constexpr float kNever = -std::numeric_limits<float>::infinity();
  struct Block {
    const float* data = nullptr;
    int begin = 0, count = 0;
    int finite = 0;  // logits that are not minus infinity
    double sum = 0;  // of the finite ones
    float max = kNever;
    float mass = 0;        // temperature 1
    float moment = 0;      // sum of (x - max) exp(x - max)
    float weight = 0;      // temperature 1 / slope
    bool changed = false;  // since it was measured
  };
  void measure(Block& block);
  void clean(Block& block, float* lane_max);
  float* own(Block& block);
  void find_max();
  RowStats summary() const;

  std::span<const float> logits_;
  std::optional<float> slope_;
  RowStats stats_;
  float max_ = kNever;
  std::vector<Block> blocks_;
  std::vector<float> lane_max_;  // [blocks, kLanes]
  std::vector<float> copy_;      // [vocabulary]; blocks that were changed live here
  std::vector<float> order_;
  std::vector<int> found_;
};

}  // namespace cairn::sampling
