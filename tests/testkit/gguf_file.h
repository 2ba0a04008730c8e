#pragma once
// testkit/gguf_file.h — a GGUF file in memory, to be written whole or spoilt on purpose.
//
// The layout (GGUF version 3, little-endian): magic, version, number of tensors, number of keys,
// the keys with their values, the tensors' names, shapes, types and offsets, padding, tensor data.
// Write-only, and it knows nothing of ggml, so that tests without the engine can use it.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::testkit {

using GgufValue = std::variant<std::uint32_t, std::int32_t, float, bool, std::string, std::uint64_t,
                               std::vector<std::uint32_t>, std::vector<std::int32_t>,
                               std::vector<float>, std::vector<bool>, std::vector<std::string>>;

struct GgufTensor {
  std::string name;
  std::vector<std::uint64_t> shape;  // ne[0] (the row's length) first
  std::uint32_t type = 0;            // ggml's number: 0 F32, 1 F16
  std::string data;                  // exact bytes
};

// A field of the written file: where a mutation can do something.
struct GgufField {
  std::string what;  // "magic", "version", "tensor count", "key length", "value type", …
  std::size_t offset = 0;
  std::size_t size = 0;
};

struct GgufFile {
  std::uint32_t version = 3;
  std::vector<std::pair<std::string, GgufValue>> values;
  std::vector<GgufTensor> tensors;

  void set(const std::string& key, GgufValue value);  // replaces, or appends
  void erase(const std::string& key);
  GgufTensor& tensor(const std::string& name);  // throws std::out_of_range

  std::string bytes(std::vector<GgufField>* fields = nullptr) const;
};

}  // namespace cairn::testkit
