#pragma once
// base/nearest.h — the name that was probably meant.

#include <span>
#include <string>
#include <string_view>

namespace cairn::base {

// The candidate with the fewest edits (insert, delete, replace, swap of neighbours; case counts
// half an edit) from `name`, the first of equals; where all are over two edits and a third of the
// longer name away, the first that begins with `name`, if that has 3 letters or more; else empty.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

// What to tell someone who wrote `name`: the nearest candidate, or all there are. No full stop.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace cairn::base
