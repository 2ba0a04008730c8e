#include "testkit/gguf_mutations.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <random>

namespace cairn::testkit {
namespace {

// The fields of one kind are many (a length for each token): the first, the last and two between.
std::vector<GgufField> sample(const std::vector<GgufField>& fields) {
  std::map<std::string, std::vector<GgufField>> kinds;
  for (const GgufField& field : fields) kinds[field.what].push_back(field);
  std::vector<GgufField> chosen;
  for (const auto& [kind, all] : kinds)
    for (std::size_t i = 0; i < 4 && i < all.size(); ++i)
      chosen.push_back(all[all.size() <= 4 ? i : i * (all.size() - 1) / 3]);
  return chosen;
}

std::vector<std::uint64_t> wrong_numbers(std::uint64_t right) {
  return {0,
          1,
          right + 1,
          right - 1,
          right * 2 + 3,
          13,
          0x7FFFFFFF,
          0xFFFFFFFF,
          0x100000001,
          0x3FFFFFFFFFFFFFFF,
          0x7FFFFFFFFFFFFFFF,
          0x8000000000000000,
          0xFFFFFFFFFFFFFFFF,
          right << 32 | right >> 32};
}

Mutation edited(const std::string& bytes, const GgufField& field, std::uint64_t value) {
  Mutation mutation{
      field.what + " at " + std::to_string(field.offset) + " = " + std::to_string(value), bytes};
  std::memcpy(mutation.bytes.data() + field.offset, &value,
              std::min(field.size, sizeof value));  // little-endian: the low bytes come first
  return mutation;
}

std::vector<GgufValue> other_values() {
  return {std::uint32_t{0},
          std::uint32_t{1},
          std::uint32_t{3},
          std::uint32_t{100000},
          std::uint32_t{0xFFFFFFFF},
          std::int32_t{-1},
          0.0f,
          std::uint64_t{1} << 40,
          true,
          std::string(),
          std::string("\xFF\xFE nonsense"),
          std::vector<std::uint32_t>{},
          std::vector<std::uint32_t>{2, 0},
          std::vector<std::int32_t>{-5, 7},
          std::vector<std::string>{"a", "b"},
          std::vector<float>{1.0f}};
}

void edit_keys(const GgufFile& file, std::vector<Mutation>& out) {
  for (const auto& [key, value] : file.values) {
    GgufFile without = file;
    without.erase(key);
    out.push_back({"without " + key, without.bytes()});
    int number = 0;
    for (const GgufValue& other : other_values()) {
      GgufFile changed = file;
      changed.set(key, other);
      out.push_back({key + " = value " + std::to_string(number++), changed.bytes()});
    }
  }
}

std::vector<std::vector<std::uint64_t>> other_shapes(const std::vector<std::uint64_t>& shape) {
  std::vector<std::vector<std::uint64_t>> shapes(6, shape);
  std::reverse(shapes[0].begin(), shapes[0].end());
  shapes[1].push_back(2);
  shapes[2].pop_back();
  shapes[3].front() /= 2;
  shapes[4].back() += 1;
  shapes[5] = {1};
  return shapes;
}

// A tensor of another shape or type whose data has the length that goes with it.
GgufTensor reshaped(GgufTensor tensor, std::vector<std::uint64_t> shape, std::uint32_t type) {
  std::uint64_t elements = 1;
  for (const std::uint64_t extent : shape) elements *= extent;
  constexpr std::uint32_t kQ8 = 8;  // 34 bytes for 32 elements
  const std::uint64_t bytes = type == kQ8 ? elements / 32 * 34 : elements * (type == 1 ? 2 : 4);
  tensor.shape = std::move(shape);
  tensor.type = type;
  tensor.data.resize(bytes, '\x11');
  return tensor;
}

void edit_tensors(const GgufFile& file, std::vector<Mutation>& out) {
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    const std::string& name = file.tensors[i].name;
    GgufFile changed = file;
    changed.tensors.erase(changed.tensors.begin() + static_cast<std::ptrdiff_t>(i));
    out.push_back({"without " + name, changed.bytes()});
    for (const auto& shape : other_shapes(file.tensors[i].shape)) {
      changed = file;
      changed.tensors[i] = reshaped(file.tensors[i], shape, file.tensors[i].type);
      out.push_back({name + " in another shape", changed.bytes()});
    }
    for (const std::uint32_t type : {1u, 8u, 26u}) {  // F16, Q8_0, I32
      changed = file;
      changed.tensors[i] = reshaped(file.tensors[i], file.tensors[i].shape, type);
      out.push_back({name + " as type " + std::to_string(type), changed.bytes()});
    }
    changed = file;
    changed.tensors[i].name = "blk.7.unknown.weight";
    out.push_back({name + " renamed", changed.bytes()});
  }
}

}  // namespace

std::vector<Mutation> truncations(const GgufFile& file) {
  std::vector<GgufField> fields;
  const std::string bytes = file.bytes(&fields);
  std::vector<std::size_t> ends = {0, 1, 3, 5, 9, 20, bytes.size() - 1, bytes.size() / 2};
  for (const GgufField& field : sample(fields)) {
    ends.push_back(field.offset);
    ends.push_back(field.offset + field.size / 2);
  }
  std::vector<Mutation> mutations;
  for (const std::size_t end : ends)
    mutations.push_back({"cut at " + std::to_string(end), bytes.substr(0, end)});
  return mutations;
}

std::vector<Mutation> field_edits(const GgufFile& file) {
  std::vector<GgufField> fields;
  const std::string bytes = file.bytes(&fields);
  std::vector<Mutation> mutations;
  for (const GgufField& field : sample(fields)) {
    std::uint64_t right = 0;
    std::memcpy(&right, bytes.data() + field.offset, std::min(field.size, sizeof right));
    for (const std::uint64_t wrong : wrong_numbers(right))
      mutations.push_back(edited(bytes, field, wrong));
  }
  return mutations;
}

std::vector<Mutation> meaning_edits(const GgufFile& file) {
  std::vector<Mutation> mutations;
  edit_keys(file, mutations);
  edit_tensors(file, mutations);
  return mutations;
}

std::vector<Mutation> byte_flips(const GgufFile& file, std::size_t count, std::uint64_t seed) {
  std::vector<GgufField> fields;
  const std::string bytes = file.bytes(&fields);
  const auto data = std::find_if(fields.begin(), fields.end(),
                                 [](const GgufField& f) { return f.what == "tensor data"; });
  std::mt19937_64 rng(seed);
  std::vector<Mutation> mutations;
  for (std::size_t i = 0; i < count; ++i) {
    Mutation mutation{"flip " + std::to_string(i) + " of seed " + std::to_string(seed), bytes};
    for (std::uint64_t n = 1 + rng() % 8; n > 0; --n)
      mutation.bytes[rng() % data->offset] = static_cast<char>(rng());
    mutations.push_back(std::move(mutation));
  }
  return mutations;
}

}  // namespace cairn::testkit
