#pragma once
// model/hub/widen.h — a model file whose 5-bit weights (Q5_0) are stored as 8-bit integers (Q8_0).
//
// The weights are the same numbers: a block of 32 keeps its scale, and integers in [-16, 15] fit
// into bytes. Processors that multiply tiles of 8-bit integers do so for Q8_0 and not for Q5_0; a
// weight takes 8.5 bits instead of 5.5.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

namespace cairn::hub {

inline constexpr std::size_t kQ5Block = 22, kQ8Block = 34;

// One block. `from`: [kQ5Block], `to`: [kQ8Block].
void widen_block(std::span<const std::uint8_t, kQ5Block> from,
                 std::span<std::uint8_t, kQ8Block> to);

// The copy of `file` in the cache folder, written where there is none of this state of the file.
// Nothing where the file has no such weights, or the copy cannot be written.
// Errors: Fault::model when the file is no GGUF. Threads and processes: one writes, others wait.
std::optional<std::filesystem::path> widened(const std::filesystem::path& file);

}  // namespace cairn::hub
