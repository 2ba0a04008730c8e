#include "testkit/paths.h"

#include "model/hub/pull.h"
#include "model/hub/registry.h"

namespace cairn::testkit {

std::filesystem::path source_dir() {
  return CAIRN_SOURCE_DIR;
}
std::filesystem::path program_path() {
  return CAIRN_BINARY_DIR "/cairn";
}
std::filesystem::path small_model_path() {
  return hub::path_of(hub::find_entry(hub::registry(), "smollm2-135m-instruct"));
}

}  // namespace cairn::testkit
