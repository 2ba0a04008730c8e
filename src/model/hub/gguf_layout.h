#pragma once
// model/hub/gguf_layout.h — the header of a GGUF file, read without trusting it.
//
// Every count and length is compared with the bytes that are left in the file before anything is
// allocated or skipped.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cairn::hub {

enum class GgufType : std::uint32_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  f32,
  boolean,
  string,
  array,
  u64,
  i64,
  f64
};

struct GgufEntry {
  GgufType type = GgufType::u8;  // of an array: of its elements
  bool is_array = false;
  std::uint64_t length = 1;         // of an array
  std::uint64_t bits = 0;           // of a number or boolean: its bytes, zero-extended
  std::string text;                 // of a string of up to kLongestText bytes
  std::vector<std::uint32_t> list;  // of an array of u32 or i32 with up to kLongestList elements
};

inline constexpr std::size_t kLongestText = 1 << 20;
inline constexpr std::size_t kLongestList = 4096;

struct GgufTensorInfo {
  std::string name;
  std::vector<std::uint64_t> shape;  // four extents, 1 where the file has none
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  // in the data
};

struct GgufLayout {
  std::uint32_t version = 0;
  std::map<std::string, GgufEntry> entries;
  std::vector<GgufTensorInfo> tensors;
  std::uint64_t table_begin = 0, table_end = 0;  // of the tensor table, in the file
  std::uint64_t file_bytes = 0;
  bool tokens_repeat = false;  // tokenizer.ggml.tokens holds a text twice
  std::uint64_t repeated = 0;  // where
};

// Errors: Fault::model, naming the file and the reason.
GgufLayout read_layout(const std::filesystem::path& path);

[[noreturn]] void refuse_gguf(const std::filesystem::path& path, const std::string& reason);

}  // namespace cairn::hub
