#pragma once
// app/trace_text.h — a problem's tree of steps as text, for `cairn trace show`.

#include <string>

#include "store/trace_file.h"

namespace cairn::app {

// The question, the tree, the answer; a * marks the steps on the path to the answer. Text of models
// is made printable.
std::string episode_text(const store::Episode& episode);

}  // namespace cairn::app
