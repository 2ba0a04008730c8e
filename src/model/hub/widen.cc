#include "model/hub/widen.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "cairn/error.h"
#include "model/hub/file_lock.h"
#include "model/hub/gguf_check.h"
#include "model/hub/gguf_layout.h"
#include "model/hub/gguf_tables.h"
#include "model/hub/part_file.h"
#include "model/hub/pull.h"
#include "model/hub/sha256.h"
#include "model/hub/trial.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kQ5 = 6, kQ8 = 8;         // as types of tensors
constexpr std::uint64_t kBlocksAtOnce = 1 << 15;  // of 32 weights

// Of a tensor that was checked, if it were of this type.
std::uint64_t bytes_of(const GgufTensorInfo& tensor, std::uint32_t type) {
  const TensorType* stored = tensor_type(type);
  std::uint64_t elements = 1;
  for (const std::uint64_t extent : tensor.shape) elements *= extent;
  return elements / stored->block * stored->bytes;
}

template <class T>
void put(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

class Widening {
 public:
  Widening(const fs::path& from, PartFile& to)
      : alignment_(check_gguf(from).alignment), layout_(read_layout(from)), to_(to) {
    in_.exceptions(std::ios::failbit | std::ios::badbit);
    in_.open(from, std::ios::binary);
  }

  void write() {
    copy(0, layout_.table_begin);
    to_.append(table());
    pad();
    const std::uint64_t data = aligned(layout_.table_end);
    for (const GgufTensorInfo& tensor : layout_.tensors) {
      if (tensor.type == kQ5)
        widen(data + tensor.offset, bytes_of(tensor, kQ5));
      else
        copy(data + tensor.offset, bytes_of(tensor, tensor.type));
      pad();
    }
  }

 private:
  std::string table() const {
    std::string out;
    std::uint64_t offset = 0;
    for (const GgufTensorInfo& tensor : layout_.tensors) {
      const std::uint32_t type = tensor.type == kQ5 ? kQ8 : tensor.type;
      put<std::uint64_t>(out, tensor.name.size());
      out += tensor.name;
      put<std::uint32_t>(out, static_cast<std::uint32_t>(tensor.shape.size()));
      for (const std::uint64_t extent : tensor.shape) put(out, extent);
      put(out, type);
      put(out, offset);
      offset = aligned(offset + bytes_of(tensor, type));
    }
    return out;
  }

  std::uint64_t aligned(std::uint64_t at) const {
    return (at + alignment_ - 1) / alignment_ * alignment_;
  }

  void pad() {
    const auto at = static_cast<std::uint64_t>(to_.size());
    to_.append(std::string(aligned(at) - at, '\0'));
  }

  std::string_view read(std::uint64_t bytes) {
    buffer_.resize(bytes);
    in_.read(buffer_.data(), static_cast<std::streamsize>(bytes));
    return buffer_;
  }

  void copy(std::uint64_t at, std::uint64_t bytes) {
    in_.seekg(static_cast<std::streamoff>(at));
    for (std::uint64_t done = 0; done < bytes; done += buffer_.size())
      to_.append(read(std::min(kBlocksAtOnce * kQ8Block, bytes - done)));
  }

  void widen(std::uint64_t at, std::uint64_t bytes) {
    in_.seekg(static_cast<std::streamoff>(at));
    std::string wide;
    for (std::uint64_t done = 0; done < bytes; done += buffer_.size()) {
      const std::string_view from = read(std::min(kBlocksAtOnce * kQ5Block, bytes - done));
      const std::size_t blocks = from.size() / kQ5Block;
      wide.resize(blocks * kQ8Block);
      const auto* source = reinterpret_cast<const std::uint8_t*>(from.data());
      auto* target = reinterpret_cast<std::uint8_t*>(wide.data());
      for (std::size_t i = 0; i < blocks; ++i)
        widen_block(std::span<const std::uint8_t, kQ5Block>(source + i * kQ5Block, kQ5Block),
                    std::span<std::uint8_t, kQ8Block>(target + i * kQ8Block, kQ8Block));
      to_.append(wide);
    }
  }

  const std::uint64_t alignment_;
  const GgufLayout layout_;
  PartFile& to_;
  std::ifstream in_;
  std::string buffer_;
};

bool has_five_bits(const fs::path& file) {
  const GgufLayout layout = read_layout(file);
  return std::any_of(layout.tensors.begin(), layout.tensors.end(),
                     [](const GgufTensorInfo& tensor) { return tensor.type == kQ5; });
}

}  // namespace

// Q5_0: the scale, 16 bits; the fifth bits of all; then low halves of integers 0 … 15 and high
// halves of 16 … 31, each 16 too large.
void widen_block(std::span<const std::uint8_t, kQ5Block> from,
                 std::span<std::uint8_t, kQ8Block> to) {
  to[0] = from[0], to[1] = from[1];
  const std::uint32_t fifth =
      from[2] | from[3] << 8 | from[4] << 16 | static_cast<std::uint32_t>(from[5]) << 24;
  for (int i = 0; i < 16; ++i) {
    const int low = (from[6 + i] & 15) | (fifth >> i & 1) << 4;
    const int high = from[6 + i] >> 4 | (fifth >> (i + 16) & 1) << 4;
    to[2 + i] = static_cast<std::uint8_t>(low - 16);
    to[18 + i] = static_cast<std::uint8_t>(high - 16);
  }
}

std::optional<fs::path> widened(const fs::path& file) {
  if (!found_once(file, "has 5-bit weights?", [&] { return has_five_bits(file); })) return {};
  try {
    const fs::path folder = model_folder().parent_path() / "widened";
    fs::create_directories(folder);
    Sha256 name;
    name.update(fs::canonical(file).string());
    const fs::path copy = folder / (name.hex().substr(0, 24) + ".gguf");
    const std::string made = fmt::format("widened into {}", copy.string());
    const auto never = [] { return false; };
    const FileLock lock(
        fs::path(copy) += ".lock", [] {}, never);
    if (fs::exists(copy) && is_noted(file, made)) return copy;
    PartFile part(fs::path(copy) += ".part");
    part.restart();
    try {
      Widening(file, part).write();
      part.publish(copy);
    } catch (...) {
      part.remove();
      throw;
    }
    note(file, made);
    return copy;
  } catch (const Error&) {
    return {};
  } catch (const std::system_error&) {  // of streams and file systems
    return {};
  }
}

}  // namespace cairn::hub
