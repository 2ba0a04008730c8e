#pragma once
// model/llama/llama_decoder.h — the decoder that is a llama.cpp context.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llama.h"
#include "model/llama/decoder.h"
#include "model/llama/llama_model.h"

namespace cairn::llama {

using ModelHandle = std::unique_ptr<llama_model, void (*)(llama_model*)>;
using ContextHandle = std::unique_ptr<llama_context, void (*)(llama_context*)>;

// What a model allows, and what the machine has room for, as numbers for a context.
struct ContextPlan {
  bool unified = false;
  bool rollback = true;
  bool batch_invariant = false;
  bool repacked = false;  // the model's weights
  bool on_cpu = true;
  int sequences = 0;
  int cells_per_sequence = 0;
  int prompt_piece = 0;  // tokens of a prompt evaluated at once
  int batch = 0;         // tokens in one decode: such a piece, or one of every sequence
  int outputs = 0;       // most of them with logits
  int threads = 0, threads_batch = 0;
  bool flash_attention = true;
  ggml_type keys = GGML_TYPE_F16, values = GGML_TYPE_F16;
  std::int64_t bytes_per_token = 0;  // of keys and values, in all layers
};

// The machine's.
std::int64_t memory_bytes();

// `invariant`: as wants_invariance() says.
ContextPlan plan_context(const llama_model* model, const LlamaOptions& options, bool invariant);

class LlamaDecoder : public Decoder {
 public:
  // Borrows the model. `path`: its file. Errors: Fault::model when there is no memory for the
  // context.
  LlamaDecoder(llama_model* model, const ContextPlan& plan, const std::string& name);

  const DecoderShape& shape() const override { return shape_; }
  void trim(int sequence, int length) override;
  void copy(int from, int to, int length) override;
  void share(int from, int to, int position) override;
  void swap(int a, int length_a, int b, int length_b) override;
  void decode(std::span<const BatchToken> batch) override;
  std::span<float> logits(std::size_t i) override;
  void capture(std::vector<int> layers) override;
  std::span<const float> captured(std::size_t k, std::size_t i) override;

 private:
  static bool on_tensor(ggml_tensor* tensor, bool ask, void* self);
  bool keep(ggml_tensor* tensor, bool ask);
  int layer_named(std::string_view tensor) const;  // -1: no layer's output
  void write_in_place(ggml_tensor* logits);
  std::span<const std::uint8_t> save(int sequence, std::vector<std::uint8_t>& memory);
  void load(int sequence, std::span<const std::uint8_t> cells);
  std::size_t output_row(std::size_t i) const;

  const std::string name_;
  DecoderShape shape_;
  int layers_ = 0;
  const bool takes_turns_;  // with other decoders, turn.h
  ContextHandle context_;
  llama_memory_t memory_ = nullptr;
  std::vector<std::uint8_t> moved_, swapped_;  // cells on their way to another sequence
  std::vector<BatchToken> last_;
  float* output_rows_ = nullptr;  // llama.cpp's, [batch_outputs * vocabulary]
  std::int64_t rows_written_ = 0;
  std::vector<int> capture_;
  std::vector<std::vector<float>> captured_;  // [capture_][rows * hidden_size]
};

}  // namespace cairn::llama
