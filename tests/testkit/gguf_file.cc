#include "testkit/gguf_file.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace cairn::testkit {
namespace {

constexpr std::size_t kAlignment = 32;

// GGUF's numbers for the types of values.
enum : std::uint32_t { u32 = 4, i32 = 5, f32 = 6, boolean = 7, string = 8, array = 9, u64 = 10 };

class Writer {
 public:
  explicit Writer(std::vector<GgufField>* fields) : fields_(fields) {}

  template <class T>
  void number(const char* what, T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    mark(what, sizeof value);
    out_.append(raw, sizeof value);
  }

  void text(const char* length, const char* what, const std::string& value) {
    number(length, std::uint64_t{value.size()});
    mark(what, value.size());
    out_ += value;
  }

  void bytes(const char* what, const std::string& value) {
    mark(what, value.size());
    out_ += value;
  }

  void pad() { out_.resize((out_.size() + kAlignment - 1) / kAlignment * kAlignment, '\0'); }

  std::string take() { return std::move(out_); }

 private:
  void mark(const char* what, std::size_t size) {
    if (fields_ != nullptr && size > 0) fields_->push_back({what, out_.size(), size});
  }

  std::string out_;
  std::vector<GgufField>* fields_;
};

void write(Writer& out, std::uint32_t value) {
  out.number("value", value);
}
void write(Writer& out, std::int32_t value) {
  out.number("value", value);
}
void write(Writer& out, float value) {
  out.number("value", value);
}
void write(Writer& out, std::uint64_t value) {
  out.number("value", value);
}
void write(Writer& out, bool value) {
  out.number("value", static_cast<std::int8_t>(value));
}
void write(Writer& out, const std::string& value) {
  out.text("string length", "string", value);
}

template <class T>
constexpr std::uint32_t type_of() {
  if constexpr (std::is_same_v<T, std::uint32_t>) return u32;
  if constexpr (std::is_same_v<T, std::int32_t>) return i32;
  if constexpr (std::is_same_v<T, float>) return f32;
  if constexpr (std::is_same_v<T, bool>) return boolean;
  if constexpr (std::is_same_v<T, std::string>) return string;
  if constexpr (std::is_same_v<T, std::uint64_t>) return u64;
}

template <class T>
void write_value(Writer& out, const T& value) {
  out.number("value type", type_of<T>());
  write(out, value);
}

template <class T>
void write_value(Writer& out, const std::vector<T>& values) {
  out.number("value type", static_cast<std::uint32_t>(array));
  out.number("array type", type_of<T>());
  out.number("array length", std::uint64_t{values.size()});
  for (const T& value : values) write(out, value);
}

}  // namespace

void GgufFile::set(const std::string& key, GgufValue value) {
  for (auto& [name, old] : values)
    if (name == key) {
      old = std::move(value);
      return;
    }
  values.emplace_back(key, std::move(value));
}

void GgufFile::erase(const std::string& key) {
  std::erase_if(values, [&](const auto& entry) { return entry.first == key; });
}

GgufTensor& GgufFile::tensor(const std::string& name) {
  for (GgufTensor& tensor : tensors)
    if (tensor.name == name) return tensor;
  throw std::out_of_range("no tensor " + name);
}

std::string GgufFile::bytes(std::vector<GgufField>* fields) const {
  Writer out(fields);
  out.bytes("magic", "GGUF");
  out.number("version", version);
  out.number("tensor count", std::uint64_t{tensors.size()});
  out.number("key count", std::uint64_t{values.size()});
  for (const auto& [key, value] : values) {
    out.text("key length", "key", key);
    std::visit([&](const auto& held) { write_value(out, held); }, value);
  }
  std::uint64_t offset = 0;
  for (const GgufTensor& tensor : tensors) {
    out.text("tensor name length", "tensor name", tensor.name);
    out.number("dimensions", static_cast<std::uint32_t>(tensor.shape.size()));
    for (const std::uint64_t extent : tensor.shape) out.number("extent", extent);
    out.number("tensor type", tensor.type);
    out.number("tensor offset", offset);
    offset += (tensor.data.size() + kAlignment - 1) / kAlignment * kAlignment;
  }
  out.pad();
  for (const GgufTensor& tensor : tensors) {
    out.bytes("tensor data", tensor.data);
    out.pad();
  }
  return out.take();
}

}  // namespace cairn::testkit
