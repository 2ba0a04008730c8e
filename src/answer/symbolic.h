#pragma once
// answer/symbolic.h — are two expressions the same function? By computer algebra (GiNaC), exactly.

#include <optional>

#include "base/expression.h"

namespace cairn::answer {

// True: a - b is nothing when it is brought to one fraction and multiplied out; roots and
// logarithms of whole numbers are taken apart into those of primes. False: it is something, and
// nothing in it is a root, a function or a number with a decimal point, which may be rounded.
// Nothing: neither is certain, or the work would be more than 1,000 terms, a degree of 400 or
// numbers of 20,000 bits. `positive`: the variables that stand for positive numbers alone. Threads:
// any number may call at once; one computes at a time. Never throws.
std::optional<bool> same_symbolically(const base::Expression& a, const base::Expression& b,
                                      const base::Names& positive);

}  // namespace cairn::answer
