#pragma once
// base/file.h — a file's bytes.

#include <filesystem>
#include <optional>
#include <string>

namespace cairn::base {

// Nothing where there is no such file, or it cannot be read.
std::optional<std::string> file_content(const std::filesystem::path& path);

}  // namespace cairn::base
