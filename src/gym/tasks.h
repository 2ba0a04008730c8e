#pragma once
// gym/tasks.h — the tasks, each in its own file.

#include "cairn/task.h"

namespace cairn::gym {

const Task& game24();
const Task& blocksworld();

// Splits at newlines; the last line may lack its own.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace cairn::gym
