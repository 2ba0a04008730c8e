#pragma once
// gym/families.h — the procedures, a file for each family, and what they are written with.

#include <string>
#include <vector>

#include "cairn/procedure.h"
#include "gym/draw.h"

namespace cairn::gym {

using Lines = std::vector<std::string>;

std::string shown(const std::vector<int>& numbers);  // "3 1 2"

// An exercise: what to do and how a state is written, from what, and the states. The last of them
// is the answer. Requires: steps is not empty.
Exercise made(std::string rules, std::string given, Lines steps,
              AnswerKind kind = AnswerKind::text);

std::vector<Procedure> lists();
std::vector<Procedure> numbers();
std::vector<Procedure> machines();
std::vector<Procedure> procbench();
std::vector<Procedure> texts();
std::vector<Procedure> worlds();

}  // namespace cairn::gym
