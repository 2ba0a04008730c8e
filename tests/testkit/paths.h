#pragma once

#include <filesystem>

namespace cairn::testkit {

std::filesystem::path source_dir();        // of the checkout
std::filesystem::path program_path();      // the cairn that was built beside the tests
std::filesystem::path small_model_path();  // of smollm2-135m-instruct, which ./test pulls

}  // namespace cairn::testkit
