#pragma once
// judge/arithmetic.h — the equations between numbers that a text states, and whether they are true.
//
//   "4 pounds + 4 pounds = 8 pounds"   "<<5*3=15>>"   "20% of 50 = 10"   "\frac{6}{4} = 1.5"
//
// Only what is surely an equation between numbers is read: an equation with a variable, with units
// that have to be converted, with a remainder, or one that the text itself questions ("3 + 4 = 8?")
// is passed over. A stated result may be rounded or cut off at its last digit.
// Time linear in the length but for brackets, of which 64 may be nested; never evaluates code.

#include <optional>
#include <string>
#include <string_view>

namespace cairn::judge {

struct Arithmetic {
  int equations = 0;                       // that could be computed again
  std::optional<std::string> false_one{};  // the first whose sides differ: "5 * 3 = 16: it is 15"
};

Arithmetic check_arithmetic(std::string_view text);

}  // namespace cairn::judge
