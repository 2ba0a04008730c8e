#include "model/llama/kernels.h"

#include <fmt/core.h>
#include <llama.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include "cairn/rng.h"
#include "model/hub/gguf_layout.h"
#include "model/hub/gguf_tables.h"
#include "model/hub/trial.h"
#include "model/llama/attention.h"
#include "model/llama/product.h"

namespace cairn::llama {
namespace {

// Repacked on some processor, or in tiled products.
bool has_shape_bound_kernels(std::string_view type) {
  return type.ends_with("_K") || type.starts_with("iq") || type == "q4_0" || type == "mxfp4" ||
         type == "q1_0";
}

// More than that would make prompts slower by a third, see docs/engine.md.
constexpr double kBoundPart = 1.0 / 3;

constexpr int kProbedPrefix = 9, kProbedRows = 16;

// Reads and decodes with arbitrary tokens.
class Probe {
 public:
  using Logits = std::vector<std::vector<float>>;

  explicit Probe(Decoder& decoder)
      : decoder_(decoder), rows_(std::min(kProbedRows, decoder.shape().batch_outputs)) {}

  // A prefix in pieces of that many tokens, in every sequence that is decoded.
  void read(int piece) {
    clear();
    for (int begin = 0; begin < kProbedPrefix; begin += piece) {
      std::vector<BatchToken> batch;
      for (int i = begin; i < std::min(kProbedPrefix, begin + piece); ++i)
        batch.push_back({token(0, i), i, 0, true});
      decoder_.decode(batch);
    }
    for (int s = 1; s < rows_; ++s) decoder_.copy(0, s, kProbedPrefix);
  }

  // The logits of one more token of each of the first n sequences.
  Logits decode(int n) {
    std::vector<BatchToken> batch;
    for (int s = 0; s < n; ++s) batch.push_back({token(s, kProbedPrefix), kProbedPrefix, s, true});
    decoder_.decode(batch);
    Logits all;
    for (int i = 0; i < n; ++i) {
      const std::span<const float> row = decoder_.logits(i);
      all.emplace_back(row.begin(), row.end());
    }
    for (int s = 0; s < n; ++s) decoder_.trim(s, kProbedPrefix);
    return all;
  }

  void clear() {
    for (int s = 0; s < rows_; ++s) decoder_.trim(s, 0);
  }

  int rows() const { return rows_; }

 private:
  Token token(int sequence, int i) const {
    const auto vocabulary = static_cast<std::uint64_t>(decoder_.shape().vocabulary);
    return static_cast<Token>(mix(static_cast<std::uint64_t>(sequence), i) % vocabulary);
  }

  Decoder& decoder_;
  const int rows_;
};

// Are the rows of the smaller batch those of the larger one, bit for bit?
bool agree(const Probe::Logits& few, const Probe::Logits& many) {
  return std::equal(few.begin(), few.end(), many.begin(), [](const auto& a, const auto& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  });
}

// A question whose answer depends on the build of llama.cpp, on the processor and on how cells and
// weights are stored.
std::string here(std::string_view stored, std::string_view question) {
  return fmt::format("llama.cpp {}{}, own attention and products, {}: {} {}", llama_version(),
                     without_tiled_products(false) ? ", no tiled products" : "", stored,
                     llama_print_system_info(), question);
}

}  // namespace

double shape_bound_part(const std::string& path, bool own_products) {
  const hub::GgufLayout layout = hub::read_layout(path);
  const bool own_output = std::any_of(layout.tensors.begin(), layout.tensors.end(),
                                      [](const auto& t) { return t.name == "output.weight"; });
  double all = 0, bound = 0;
  for (const hub::GgufTensorInfo& tensor : layout.tensors) {
    const hub::TensorType* type = hub::tensor_type(tensor.type);
    const bool looked_up = own_output && tensor.name == "token_embd.weight";  // never multiplied
    if (type == nullptr || looked_up) continue;
    double bytes = static_cast<double>(type->bytes) / type->block;
    for (const std::uint64_t extent : tensor.shape) bytes *= static_cast<double>(extent);
    all += bytes;
    const bool own = own_products && knows_weights(static_cast<int>(tensor.type));
    if (has_shape_bound_kernels(type->name) && !own) bound += bytes;
  }
  return all == 0 ? 0 : bound / all;
}

bool wants_invariance(const LlamaOptions& options, bool tiles, bool own_products) {
  if (options.reproducible == Reproducible::off) return false;
  if (options.gpu_layers != 0 || !options.flash_attention || options.kv == KvLayout::unified)
    return false;
  if (options.reproducible == Reproducible::on) return true;
  if (options.rows < kInvariantMinimum) return false;
  return (tiles && options.repack) ||
         !hub::found_once(
             options.path,
             fmt::format("over {:.3f} shape-bound{}?", kBoundPart,
                         own_products ? " but for own products" : ""),
             [&] { return shape_bound_part(options.path, own_products) > kBoundPart; });
}

bool without_tiled_products(bool wanted) {
  static const bool unused = [wanted] {
    if (wanted) setenv("GGML_CPU_TILED_MM", "0", /*replace=*/1);
    return wanted;
  }();
  return unused;
}

bool rows_agree(Decoder& decoder) {
  Probe probe(decoder);
  probe.read(kProbedPrefix);
  const Probe::Logits expected = probe.decode(probe.rows());
  bool agrees = true;
  for (const int n : {2, 3, 4, 5, 8})
    if (n < probe.rows()) agrees = agrees && agree(probe.decode(n), expected);
  for (const int piece : {3, 7}) {
    probe.read(piece);
    agrees = agrees && agree(probe.decode(2), expected);
  }
  probe.clear();
  return agrees;
}

bool lone_rows_agree(Decoder& decoder) {
  Probe probe(decoder);
  probe.read(kProbedPrefix);
  const Probe::Logits expected = probe.decode(2);
  const bool agrees = agree(probe.decode(1), expected);
  probe.clear();
  return agrees;
}

bool attention_is_own(Decoder& decoder) {
  const std::int64_t before = left_to_llama();
  Probe probe(decoder);
  probe.read(kProbedPrefix);
  probe.clear();
  return left_to_llama() == before;
}

bool rows_agree_here(Decoder& decoder, const std::string& path, std::string_view stored) {
  return hub::found_once(path, here(stored, "rows agree?"), [&] { return rows_agree(decoder); });
}

int lone_positions_here(Decoder& decoder, const std::string& path, std::string_view stored) {
  const bool agree = hub::found_once(path, here(stored, "lone rows agree?"),
                                     [&] { return lone_rows_agree(decoder); });
  if (!agree) return 0;
  const bool own = hub::found_once(path, here(stored, "attention is the engine's own?"),
                                   [&] { return attention_is_own(decoder); });
  return own ? std::numeric_limits<int>::max() : kLonePositions;
}

}  // namespace cairn::llama
