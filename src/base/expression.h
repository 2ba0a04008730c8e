#pragma once
// base/expression.h — mathematical text, LaTeX or plain, as a tree; and its value.
//
//   \frac{1}{2}x^{2}   2\sqrt{3}   (1, -2)   [0, \infty)   \{1, 2\}   x = \pm 3   50\%   3 1/2
//
// The parser is our own and evaluates nothing; text from a model cannot make it run anything. It
// refuses what it does not know, what is nested deeper than 60 brackets and what is longer than
// 4,000 bytes. Time linear in the length; never throws.

#include <complex>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::base {

// What a node is, and its parts.
//   number      value; name: its digits as they stand, without separators
//   symbol      name: a variable, "pi", "e", "i", "infinity", "emptyset"
//   sum, product, quotient (2), power (2), negative (1), factorial (1), absolute (1)
//   function    name: "sqrt", "sin", …, of its parts; "log" of 2 parts has its base first
//   percent, degree (1)
//   plus_minus  (1) or (2): a ± b
//   tuple       (a, b); list: a, b without brackets; set: {a, b}
//   interval    (2) name: its brackets, "[)" for example
//   join        a ∪ b
//   relation    (2 or more) name: what stands between, one character each: = < > l (≤) g (≥) e (∈)
//   n (≠) matrix      rows, each a tuple text        name: words
struct Expression {
  enum class Kind {
    number,
    symbol,
    sum,
    product,
    quotient,
    power,
    negative,
    factorial,
    absolute,
    function,
    percent,
    degree,
    plus_minus,
    tuple,
    list,
    set,
    interval,
    join,
    relation,
    matrix,
    text
  };
  Kind kind = Kind::number;
  std::string name = {};
  double value = 0;
  std::vector<Expression> parts = {};
};

// Nothing when the text is no mathematics that this parser knows.
std::optional<Expression> parse_expression(std::string_view text);

using Names = std::set<std::string>;

// The value with every variable at a place drawn from `seed` and its name, above or below 0; above
// for those in `positive`. Complex, so that roots and logarithms have one. Nothing for what has no
// value: tuples, relations, words, a division by zero.
std::optional<std::complex<double>> value_of(const Expression& expression, std::uint64_t seed,
                                             const Names& positive = {});

// A symbol that stands for no number that is known.
bool is_variable(const Expression& expression);
bool has_variables(const Expression& expression);

}  // namespace cairn::base
