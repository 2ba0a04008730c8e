#pragma once
// gym/tasks.h — the tasks.

#include "cairn/task.h"

namespace cairn::gym {

const Task& game24();
const Task& countdown();
const Task& blocksworld();
const Task& igsm();

// Splits at newlines; the last line may lack its own.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace cairn::gym
