#include "model/hub/gguf_layout.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>
#include <unordered_set>

#include "cairn/error.h"

namespace cairn::hub {
namespace {

constexpr std::uint64_t kMostKeys = 1 << 16, kMostTensors = 1 << 16;
constexpr std::uint64_t kMostTokens = 1 << 22, kMostTokenBytes = 1 << 28;
constexpr std::uint64_t kLongestName = 1 << 16;
constexpr std::uint64_t kTensorNameLimit = 64;  // ggml's, with the terminating zero
constexpr std::uint32_t kMostDimensions = 4;
constexpr const char* kTokens = "tokenizer.ggml.tokens";

// Bytes of a number; 0 for strings and arrays.
std::size_t size_of(GgufType type) {
  constexpr std::array<std::size_t, 13> sizes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return sizes[static_cast<std::size_t>(type)];
}

// A text as it can be shown: at most 40 characters, control characters and high bytes replaced.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 40));
  for (char& c : result)
    if (c < 32 || c > 126) c = '?';
  return result + (text.size() > 40 ? "…" : "");
}

// A file read from front to back; asking for more than is left ends with an error.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path) {
    // Non-blocking, so that a pipe without a writer does not stop the program.
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd_ < 0) refuse(fmt::format("cannot be opened ({})", std::strerror(errno)));
    struct stat status {};
    if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(fd_);
      refuse("is not a regular file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~Reader() { ::close(fd_); }
  Reader(const Reader&) = delete;

  [[noreturn]] void refuse(const std::string& reason) const { refuse_gguf(path_, reason); }

  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return start_ + at_; }
  std::uint64_t left() const { return size_ - position(); }

  void need(std::uint64_t bytes, const std::string& what) const {
    if (bytes > left())
      refuse(fmt::format("is truncated: {} needs {} bytes at offset {} but the file ends at {}",
                         what, bytes, position(), size_));
  }

  void read(void* out, std::uint64_t bytes, const std::string& what) {
    need(bytes, what);
    auto* to = static_cast<char*>(out);
    while (bytes > 0) {
      if (at_ == buffer_.size()) fill();
      const std::size_t take = std::min<std::uint64_t>(bytes, buffer_.size() - at_);
      std::memcpy(to, buffer_.data() + at_, take);
      at_ += take, to += take, bytes -= take;
    }
  }

  void skip(std::uint64_t bytes, const std::string& what) {
    need(bytes, what);
    const std::uint64_t target = position() + bytes;
    if (target <= start_ + buffer_.size()) {
      at_ = target - start_;
    } else {
      start_ = target, at_ = 0;
      buffer_.clear();
    }
  }

  template <class T>
  T number(const std::string& what) {
    T value;
    read(&value, sizeof value, what);
    return value;
  }

  std::string text(std::uint64_t longest, const std::string& what) {
    const auto length = number<std::uint64_t>("the length of " + what);
    need(length, what);
    if (length > longest)
      refuse(fmt::format("has {} of {} bytes, {} at most are plausible", what, length, longest));
    std::string value(length, '\0');
    read(value.data(), length, what);
    return value;
  }

 private:
  void fill() {
    start_ += buffer_.size(), at_ = 0;
    buffer_.resize(std::min<std::uint64_t>(1 << 16, size_ - start_));
    std::size_t have = 0;
    while (have < buffer_.size()) {
      const ssize_t got = ::pread(fd_, buffer_.data() + have, buffer_.size() - have,
                                  static_cast<off_t>(start_ + have));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) refuse(fmt::format("cannot be read at offset {}", start_ + have));
      have += static_cast<std::size_t>(got);
    }
  }

  const std::filesystem::path& path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::vector<char> buffer_;  // of the file's bytes from start_
  std::uint64_t start_ = 0, at_ = 0;
};

class LayoutReader {
 public:
  explicit LayoutReader(const std::filesystem::path& path) : in_(path) {}

  GgufLayout read() {
    layout_.file_bytes = in_.size();
    const auto [tensors, keys] = read_counts();
    for (std::uint64_t i = 0; i < keys; ++i) read_entry(i);
    layout_.table_begin = in_.position();
    for (std::uint64_t i = 0; i < tensors; ++i) read_tensor(i);
    layout_.table_end = in_.position();
    return std::move(layout_);
  }

 private:
  std::pair<std::uint64_t, std::uint64_t> read_counts() {
    char magic[4];
    if (in_.size() < sizeof magic)
      in_.refuse(fmt::format("is not a GGUF file: it has only {} bytes", in_.size()));
    in_.read(magic, sizeof magic, "the magic");
    if (std::memcmp(magic, "GGUF", 4) != 0)
      in_.refuse(fmt::format("is not a GGUF file: it begins with \"{}\" instead of \"GGUF\"",
                             shown({magic, sizeof magic})));
    layout_.version = in_.number<std::uint32_t>("the version");
    check_version();
    const auto tensors = in_.number<std::uint64_t>("the number of tensors");
    const auto keys = in_.number<std::uint64_t>("the number of keys");
    check_count("tensors", tensors, kMostTensors, /*smallest=*/8 + 1 + 4 + 4 + 8);
    check_count("keys", keys, kMostKeys, /*smallest=*/8 + 1 + 4 + 1);
    return {tensors, keys};
  }

  void check_version() const {
    const std::uint32_t version = layout_.version;
    if (version == 2 || version == 3) return;
    if ((version & 0xFFFF) == 0 && version != 0)
      in_.refuse("is a big-endian GGUF file, which this machine cannot use");
    in_.refuse(fmt::format("has GGUF version {}; 2 and 3 can be read", version));
  }

  void check_count(const char* what, std::uint64_t count, std::uint64_t most,
                   std::uint64_t smallest) const {
    if (count > most)
      in_.refuse(fmt::format("claims {} {}, {} at most are plausible", count, what, most));
    if (count * smallest > in_.left())
      in_.refuse(fmt::format("is truncated: {} {} do not fit into the {} bytes that are left",
                             count, what, in_.left()));
  }

  GgufType type_of(std::uint32_t number, const std::string& key) const {
    if (number > static_cast<std::uint32_t>(GgufType::f64))
      in_.refuse(fmt::format("gives the key '{}' the unknown type {}", shown(key), number));
    return static_cast<GgufType>(number);
  }

  void read_entry(std::uint64_t index) {
    const std::string key = in_.text(kLongestName, fmt::format("key {}", index));
    if (key.empty()) in_.refuse(fmt::format("has an empty key (number {})", index));
    const std::string what = fmt::format("the value of '{}'", shown(key));
    GgufEntry entry;
    entry.type = type_of(in_.number<std::uint32_t>("the type of " + what), key);
    if (entry.type == GgufType::array)
      read_array(entry, key, what);
    else if (entry.type == GgufType::string)
      read_string(entry, what);
    else
      in_.read(&entry.bits, size_of(entry.type), what);
    if (!layout_.entries.emplace(key, std::move(entry)).second)
      in_.refuse(fmt::format("has the key '{}' twice", shown(key)));
  }

  void read_string(GgufEntry& entry, const std::string& what) {
    const auto length = in_.number<std::uint64_t>("the length of " + what);
    in_.need(length, what);
    if (length > kLongestText) return in_.skip(length, what);
    entry.text.resize(length);
    in_.read(entry.text.data(), length, what);
  }

  void read_array(GgufEntry& entry, const std::string& key, const std::string& what) {
    entry.is_array = true;
    entry.type = type_of(in_.number<std::uint32_t>("the element type of " + what), key);
    if (entry.type == GgufType::array)
      in_.refuse(fmt::format("nests arrays in '{}', which GGUF readers refuse", shown(key)));
    entry.length = in_.number<std::uint64_t>("the length of " + what);
    const std::uint64_t each = entry.type == GgufType::string ? 8 : size_of(entry.type);
    if (entry.length > in_.left() / each)
      in_.refuse(fmt::format("is truncated: {} has {} elements but only {} bytes are left", what,
                             entry.length, in_.left()));
    if (entry.type == GgufType::string) return read_strings(entry, key, what);
    const bool whole = entry.type == GgufType::u32 || entry.type == GgufType::i32;
    if (!whole || entry.length > kLongestList) return in_.skip(entry.length * each, what);
    entry.list.resize(entry.length);
    in_.read(entry.list.data(), entry.length * each, what);
  }

  void read_strings(const GgufEntry& entry, const std::string& key, const std::string& what) {
    if (key == kTokens) return read_tokens(entry.length);
    for (std::uint64_t i = 0; i < entry.length; ++i)
      in_.skip(in_.number<std::uint64_t>(what), what);
  }

  // llama.cpp insists that no two tokens have the same text.
  void read_tokens(std::uint64_t count) {
    if (count > kMostTokens)
      in_.refuse(fmt::format("claims {} tokens, {} at most are plausible", count, kMostTokens));
    std::unordered_set<std::string> seen;
    seen.reserve(count);
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string token = in_.text(kLongestText, "a token");
      bytes += token.size();
      if (bytes > kMostTokenBytes) in_.refuse("has more than 256 MiB of token texts");
      if (token.empty()) token = fmt::format("[EMPTY_{}]", i);  // as llama.cpp names it
      if (seen.insert(std::move(token)).second || layout_.tokens_repeat) continue;
      layout_.tokens_repeat = true;
      layout_.repeated = i;
    }
  }

  void read_tensor(std::uint64_t index) {
    const std::string what = fmt::format("tensor {}", index);
    GgufTensorInfo tensor;
    tensor.name = in_.text(kLongestName, "the name of " + what);
    if (tensor.name.size() >= kTensorNameLimit)
      in_.refuse(fmt::format("names {} with {} bytes; {} is the limit", what, tensor.name.size(),
                             kTensorNameLimit - 1));
    if (!names_.insert(tensor.name).second)
      in_.refuse(fmt::format("has the tensor '{}' twice", shown(tensor.name)));
    const auto dimensions = in_.number<std::uint32_t>(what);
    if (dimensions > kMostDimensions)
      in_.refuse(fmt::format("gives the tensor '{}' {} dimensions; {} is the limit",
                             shown(tensor.name), dimensions, kMostDimensions));
    tensor.shape.assign(kMostDimensions, 1);
    for (std::uint32_t i = 0; i < dimensions; ++i)
      tensor.shape[i] = in_.number<std::uint64_t>(what);
    tensor.type = in_.number<std::uint32_t>(what);
    tensor.offset = in_.number<std::uint64_t>(what);
    layout_.tensors.push_back(std::move(tensor));
  }

  Reader in_;
  GgufLayout layout_;
  std::set<std::string> names_;
};

}  // namespace

GgufLayout read_layout(const std::filesystem::path& path) {
  return LayoutReader(path).read();
}

void refuse_gguf(const std::filesystem::path& path, const std::string& reason) {
  throw Error(Fault::model, path.string(), reason,
              "Pull or download the file again, or choose another model");
}

}  // namespace cairn::hub
