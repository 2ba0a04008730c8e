#pragma once
// model/hub/gguf_tables.h — what the llama.cpp that cairn is built with can read, as data.

#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn::hub {

// Architectures of language models, sorted.
const std::vector<std::string_view>& known_architectures();

// Architectures that llama.cpp reads but that are no language models of their own: projectors,
// draft heads, speech.
const std::vector<std::string_view>& other_architectures();

struct TensorType {
  std::uint32_t number;   // in the file
  std::string_view name;  // "q4_K"
  std::uint32_t block;    // elements in a block; a row is a whole number of blocks
  std::uint32_t bytes;    // of a block
};

// Nothing for a number that is unknown or was withdrawn.
const TensorType* tensor_type(std::uint32_t number);

}  // namespace cairn::hub
