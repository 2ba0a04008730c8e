#pragma once
// testkit/scripted_decoder.h — a decoder whose logits are a function of the cells it really holds,
// so that any mistake in the book-keeping of sequences changes what is drawn.

#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "cairn/rng.h"
#include "model/llama/decoder.h"

namespace cairn::testkit {

// The hash that stands for a prefix, and the logits after it.
inline std::uint64_t extend_hash(std::uint64_t hash, Token token) {
  return mix(hash, static_cast<std::uint64_t>(token) + 1);
}
inline std::vector<float> logits_after(std::uint64_t hash, int vocabulary) {
  std::vector<float> logits(vocabulary);
  for (int v = 0; v < vocabulary; ++v) logits[v] = static_cast<float>(6 * uniform(hash, v));
  return logits;
}

class ScriptedDecoder : public llama::Decoder {
 public:
  explicit ScriptedDecoder(llama::DecoderShape shape)
      : shape_(shape), sequences_(shape.sequences), logits_(shape.batch_tokens) {}

  const llama::DecoderShape& shape() const override { return shape_; }

  void trim(int sequence, int length) override {
    check(shape_.rollback || length == 0, "trim of a decoder that cannot roll back");
    auto& cells = sequences_.at(sequence);
    if (static_cast<int>(cells.size()) > length) cells.resize(length);
  }

  void copy(int from, int to, int length) override {
    const auto& source = sequences_.at(from);
    check(length <= static_cast<int>(source.size()), "copy of more cells than there are");
    check(shape_.rollback || length == static_cast<int>(source.size()),
          "partial copy without rollback");
    std::vector<Cell> cells(source.begin(), source.begin() + length);
    if (!shape_.unified)
      for (Cell& cell : cells) cell = std::make_shared<Token>(*cell);
    sequences_.at(to) = std::move(cells);
  }

  void share(int from, int to, int position) override {
    check(shape_.unified, "share without a unified pool");
    Cell& cell = sequences_.at(to).at(position);
    check(*cell == *sequences_.at(from).at(position), "share of different tokens");
    cell = sequences_.at(from).at(position);
  }

  void swap(int a, int length_a, int b, int length_b) override {
    check(length_a == static_cast<int>(sequences_.at(a).size()), "swap with a wrong length");
    check(length_b == static_cast<int>(sequences_.at(b).size()), "swap with a wrong length");
    std::swap(sequences_.at(a), sequences_.at(b));
  }

  void decode(std::span<const llama::BatchToken> batch) override {
    check(static_cast<int>(batch.size()) <= shape_.batch_tokens, "batch too large");
    int outputs = 0, last_sequence = -1;
    std::map<int, int> used;  // tokens of each sequence
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto& token = batch[i];
      auto& cells = sequences_.at(token.sequence);
      check(token.position == static_cast<int>(cells.size()), "a token does not follow its cells");
      check(token.sequence >= last_sequence, "sequences are not in order");
      check(token.position < shape_.cells_per_sequence, "a sequence is longer than allowed");
      last_sequence = token.sequence;
      ++used[token.sequence];
      cells.push_back(std::make_shared<Token>(token.token));
      if (!token.output) continue;
      ++outputs;
      std::uint64_t hash = 0;
      for (const Cell& cell : cells) hash = extend_hash(hash, *cell);
      logits_[i] = logits_after(hash, shape_.vocabulary);
    }
    check(outputs <= shape_.batch_outputs, "too many outputs");
    check(!shape_.unified || physical_cells() <= shape_.cells, "the pool is too small");
    if (!shape_.unified) {
      const auto [first, each] = *used.begin();
      check(used.rbegin()->first - first + 1 == static_cast<int>(used.size()),
            "rows are not neighbours");
      for (const auto& [sequence, tokens] : used) check(tokens == each, "rows of several lengths");
    }
    const bool may_be_lone = batch.size() == 1 && batch[0].position < shape_.lone_positions;
    check(may_be_lone || static_cast<int>(batch.size()) >= shape_.batch_minimum,
          "a batch that is too small");
    check(outputs == 0 || outputs >= shape_.output_minimum, "too few outputs");
    ++decodes;
  }

  std::span<float> logits(std::size_t i) override { return logits_.at(i); }

  void capture(std::vector<int> layers) override { capture_ = std::move(layers); }
  std::span<const float> captured(std::size_t, std::size_t i) override { return logits_.at(i); }

  int physical_cells() const {
    std::set<const Token*> cells;
    for (const auto& sequence : sequences_)
      for (const Cell& cell : sequence) cells.insert(cell.get());
    return static_cast<int>(cells.size());
  }

  int decodes = 0;

 private:
  using Cell = std::shared_ptr<Token>;
  static void check(bool holds, const char* rule) {
    if (!holds) throw std::logic_error(std::string("scripted decoder: ") + rule);
  }

  const llama::DecoderShape shape_;
  std::vector<std::vector<Cell>> sequences_;
  std::vector<std::vector<float>> logits_;
  std::vector<int> capture_;
};

}  // namespace cairn::testkit
