#pragma once
// testkit/gguf_mutations.h — a valid GGUF file, spoilt in many ways, the same ways every time.

#include <cstdint>
#include <string>
#include <vector>

#include "testkit/gguf_file.h"

namespace cairn::testkit {

struct Mutation {
  std::string what;   // "tensor count = 18446744073709551615"
  std::string bytes;  // of the whole file
};

// Cut off after each kind of field, and at seeded places.
std::vector<Mutation> truncations(const GgufFile& file);
// Counts, lengths, types, extents and offsets set to 0, 1, huge values and near misses.
std::vector<Mutation> field_edits(const GgufFile& file);
// Well-formed files with another meaning: a key missing, of another type or value, a tensor
// missing, of another shape or type.
std::vector<Mutation> meaning_edits(const GgufFile& file);
// 1 to 8 random bytes of the header changed.
std::vector<Mutation> byte_flips(const GgufFile& file, std::size_t count, std::uint64_t seed);

}  // namespace cairn::testkit
