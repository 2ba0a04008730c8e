#pragma once
// testkit/tiny_gguf.h — models of a few hundred kilobytes with seeded random weights that
// llama.cpp loads and decodes in milliseconds.
//
// The tokenizer is byte-level BPE (GPT-2's alphabet): one token for each of the 256 bytes, some
// merges ("th", "the", " the", …), and the control tokens <|endoftext|> (begin of text),
// <|im_start|>, <|im_end|> (end of text and end of turn). The chat template is ChatML.

#include <cstdint>
#include <filesystem>
#include <string>

#include "testkit/gguf_file.h"

namespace cairn::testkit {

// How matrices are stored. mixed: as in files "Q4_K_M", most in Q4_K and ffn_down in Q6_K, with
// random quants; every row is a multiple of 256 then. five: Q5_0, rows of multiples of 32.
enum class TinyWeights { f32, f16, mixed, five };

// How much of its past a model can forget.
//   llama    attention over everything: any suffix can be removed
//   gemma3   every layer but the last attends to a window only
//   mamba    recurrent: one state for the whole past
//   lfm2     a recurrent layer (short convolution) and an attention layer
//   qwen3    as llama, with a classification head: "no", "yes"
enum class TinyArch { llama, gemma3, mamba, lfm2, qwen3 };

struct TinyModel {
  TinyArch arch = TinyArch::llama;
  std::uint64_t seed = 1;
  std::uint32_t layers = 2;
  std::uint32_t embedding = 64;
  std::uint32_t heads = 4;
  std::uint32_t kv_heads = 2;
  std::uint32_t feed_forward = 128;
  std::uint32_t context = 4096;
  std::uint32_t window = 16;  // gemma3 only
  TinyWeights weights = TinyWeights::f32;
  bool chat_template = true;
};

GgufFile tiny_gguf(const TinyModel& options = {});

// Writes the model into `dir` and returns the file's path.
std::string write_tiny_gguf(const std::filesystem::path& dir, const TinyModel& options = {});

}  // namespace cairn::testkit
