#include "base/file.h"

#include <fstream>
#include <iterator>

namespace cairn::base {

std::optional<std::string> file_content(const std::filesystem::path& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return {};
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return {};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace cairn::base
