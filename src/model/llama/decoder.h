#pragma once
// model/llama/decoder.h — what the scheduler needs of a transformer: sequences of cells and decode.
//
// A sequence is a numbered list of cells, one a token, from position 0 without gaps. The embedded
// engine is one decoder (llama_decoder.h); tests use a scripted one.
// Threads: used by the scheduler's thread only.

#include <cstdint>
#include <span>
#include <vector>

#include "cairn/step.h"

namespace cairn::llama {

struct BatchToken {
  Token token = 0;
  int position = 0;
  int sequence = 0;
  bool output = false;  // logits are wanted
};

struct DecoderShape {
  int sequences = 0;             // numbered from 0
  int cells = 0;                 // in all: of the pool, or of all sequences together
  int cells_per_sequence = 0;    // longest sequence
  std::int64_t cache_bytes = 0;  // of all cells
  int batch_tokens = 0;          // most tokens in one decode
  int batch_outputs = 0;         // most tokens with logits in one decode
  int vocabulary = 0;
  int hidden_size = 0;
  bool unified = true;   // sequences share the cells of a common prefix; a fork is free
  bool rollback = true;  // trim() can keep a part; otherwise it keeps all or nothing
  // The logits of a row are the same, to the last bit, whatever else is in its batch, if every
  // batch has at least `batch_minimum` tokens, none or `output_minimum` outputs, and in pieces of
  // several tokens no more in all than the scheduler is told. At a position below `lone_positions`
  // a token may be a batch by itself. Dropped tokens fill a batch up.
  bool batch_invariant = false;
  int batch_minimum = 1, output_minimum = 1, lone_positions = 0;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual const DecoderShape& shape() const = 0;

  // Keeps the first `length` cells of a sequence. Requires: shape().rollback or length == 0.
  virtual void trim(int sequence, int length) = 0;
  // `to` becomes the first `length` cells of `from`. Requires: shape().rollback or length is all.
  virtual void copy(int from, int to, int length) = 0;
  // Makes `to` share `from`'s cell at `position` instead of its own equal one. Only where unified.
  virtual void share(int from, int to, int position) = 0;
  // Exchanges two sequences. `length_a`, `length_b`: their cells.
  virtual void swap(int a, int length_a, int b, int length_b) = 0;

  // Evaluates the tokens. Tokens of one sequence stand together, in order of position, right after
  // its cells; sequences in ascending order.
  // Errors: Fault::model when the backend fails.
  virtual void decode(std::span<const BatchToken> batch) = 0;
  // The logits of the i-th token of the last batch, which asked for them; [vocabulary]. May be
  // written to; valid until the next decode. Called from any thread, by several at once.
  virtual std::span<float> logits(std::size_t i) = 0;

  // From now on decode() keeps the outputs of these layers (empty: of none). The layer after the
  // last is what the logits, and the classes, are made of: the last one's output, normed.
  virtual void capture(std::vector<int> layers) = 0;
  // The output of the k-th captured layer for the i-th token of the last batch; [hidden_size]. From
  // the last layer on the token must have asked for logits. Requires: a batch of one sequence.
  virtual std::span<const float> captured(std::size_t k, std::size_t i) = 0;
};

}  // namespace cairn::llama
