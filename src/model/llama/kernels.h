#pragma once
// model/llama/kernels.h — which kernels of llama.cpp's CPU backend may be used so that a row's
// logits do not depend on what else is in its batch, and whether that is so on this machine.
//
// llama.cpp takes other kernels for other shapes of a batch, with other last bits. Where products
// are left to it (product.h): repacked weights (rows by fours, and what is left) and tiled products
// of K-quants and IQ-quants (from 8 rows on); where attention is (attention.h): tiled attention
// (from 64 tokens of a sequence on) and attention split among threads (a batch of one token after
// 256). The first two can be switched off, the others kept away from by the shapes of batches. See
// docs/engine.md, "Reproducible batches".

#include <string>
#include <string_view>

#include "model/llama/decoder.h"
#include "model/llama/llama_model.h"

namespace cairn::llama {

// Fewer tokens than this in a batch, or outputs, take other kernels; more of one sequence, too.
// Where lone rows agree, a single token does so from this position on only, and outputs do not; but
// not even that where all attention is the engine's own.
inline constexpr int kInvariantMinimum = 2, kInvariantMaximum = 63, kLonePositions = 256;

// The part of a model's weights, in bytes, whose fastest kernels depend on the shape of a batch;
// `own_products`: but for those that the engine has products for. In [0, 1].
// Time: a tenth of a second for a vocabulary of 151,936. Errors: Fault::model when the file is no
// GGUF.
double shape_bound_part(const std::string& path, bool own_products);

// Are results asked for that do not depend on their batch? `automatic` says so where at most a
// third of the weights pay for it, which is found out once for a file, and more than one row is
// allowed. `tiles`: as has_tiles() says; with them none pays. `own_products`: as
// has_own_products() says. Errors: as shape_bound_part().
bool wants_invariance(const LlamaOptions& options, bool tiles, bool own_products);

// Leaves tiled products unused from now on if `wanted`. llama.cpp looks at this once in a process,
// so the first call decides for all models. Returns whether they are unused.
// Threads: sets an environment variable, so call it before others read them.
bool without_tiled_products(bool wanted);

// Do rows give the same bits in batches and pieces of the allowed shapes? Tried out with about a
// hundred tokens. Requires: an idle decoder of empty split sequences, at least four; leaves it so.
bool rows_agree(Decoder& decoder);
// Does a row that is a batch by itself give the bits that it gives beside another? They do in
// quantized models. Requires: as rows_agree().
bool lone_rows_agree(Decoder& decoder);
// Does it leave no attention to llama.cpp? Requires: as rows_agree().
bool attention_is_own(Decoder& decoder);

// The same, tried once for a model file on this kind of processor. `stored`: how cells and weights
// are. Of lone rows: up to which position they agree.
bool rows_agree_here(Decoder& decoder, const std::string& path, std::string_view stored);
int lone_positions_here(Decoder& decoder, const std::string& path, std::string_view stored);

}  // namespace cairn::llama
