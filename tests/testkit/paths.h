#pragma once

#include <filesystem>

namespace cairn::testkit {

std::filesystem::path source_dir();    // of the checkout
std::filesystem::path program_path();  // the cairn that was built beside the tests

}  // namespace cairn::testkit
