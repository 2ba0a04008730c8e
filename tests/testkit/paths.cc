#include "testkit/paths.h"

namespace cairn::testkit {

std::filesystem::path source_dir() {
  return CAIRN_SOURCE_DIR;
}
std::filesystem::path program_path() {
  return CAIRN_BINARY_DIR "/cairn";
}

}  // namespace cairn::testkit
