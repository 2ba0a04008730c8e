#pragma once
// cairn/kit.h — what a recipe receives. A recipe touches nothing else.

#include <cstdint>

#include "cairn/budget.h"
#include "cairn/error.h"
#include "cairn/judge.h"
#include "cairn/language_model.h"
#include "cairn/outcome.h"
#include "cairn/policy.h"
#include "cairn/problem.h"
#include "cairn/tools.h"

namespace cairn {

// One problem's kit. Everything is borrowed from the runner (cairn/recipe.h) and outlives the
// recipe.
struct Kit {
  Policy& policy;
  Policy& draft;  // the second model's (--draft); the policy itself where there is none
  Judge& judge;   // the one that was asked for by name, or the recipe's default
  Toolbox& tools;
  Budget& budget;
  std::uint64_t seed;  // of the run and the problem
};

}  // namespace cairn
