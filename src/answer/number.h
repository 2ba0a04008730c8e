#pragma once
// answer/number.h — numbers as people write them, exactly.
//
//   1,234.50   $3.5   -7   3/4   1 1/2   \frac{3}{4}   1.2e3   3\times10^4   50%   18 dollars
//
// No evaluation: a fraction, a mixed number and a power of ten are forms of a number; anything else
// is not one. Time linear in the length.

#include <optional>
#include <string>
#include <string_view>

namespace cairn::answer {

struct Number {
  bool exact = false;
  __extension__ __int128 numerator = 0, denominator = 1;  // where exact; denominator > 0, reduced
  long double value = 0;
  bool percent = false;
  std::string unit;  // "" where none or not one we know: "usd", "cm", "kg", "min", …
};

// The whole text as a number with an optional currency or unit; other words after it are allowed
// ("18 clips altogether"), digits are not.
std::optional<Number> parse_number(std::string_view text);

// Where the first, or the last, number in the text stands: its sign, currency, digits, fraction,
// exponent and percent sign.
std::optional<std::string_view> first_number(std::string_view text);
std::optional<std::string_view> last_number(std::string_view text);

enum class NumberEquality { equal, equal_as_percent, different, different_units };
NumberEquality compare(const Number& a, const Number& b);

}  // namespace cairn::answer
