#pragma once
// answer/math.h — do two mathematical texts mean the same?

#include <optional>
#include <string>
#include <string_view>

namespace cairn::answer {

struct MathVerdict {
  bool equal = false;
  // Which rule decided: "symbolic" (computer algebra), "value" (numbers), "identity" (at several
  // places of the variables), "percent", "interval", "set", "tuple", "matrix", "equation",
  // "structure".
  std::string rule;
};

// Nothing when one of them is no mathematics that is known (base/expression.h). A value is equal to
// another within a relative 1e-9. "x = 3" is the value 3, "x > 2" the interval (2, ∞), "±2" the
// set of both values, "{2, 1}" and "1, 2" are the same set; tuples keep their order. Units after a
// number are passed over where only one has them.
// Time linear in the length; never throws.
std::optional<MathVerdict> compare_math(std::string_view a, std::string_view b);

}  // namespace cairn::answer
