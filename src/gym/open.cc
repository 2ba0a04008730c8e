// Exercises of tasks, where several ways lead to the goal.

#include "gym/families.h"
#include "gym/tasks.h"

namespace cairn::gym {

std::vector<Procedure> open() {
  return {{"game24", "numbers that become 24", nullptr, &game24()},
          {"countdown", "whole numbers that become a target", nullptr, &countdown()},
          {"blocksworld", "blocks moved from one stacking to another", nullptr, &blocksworld()},
          {"igsm", "quantities that depend on each other", nullptr, &igsm()}};
}

}  // namespace cairn::gym
