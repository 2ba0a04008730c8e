#include "answer/math.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "answer/symbolic.h"
#include "base/expression.h"
#include "base/text.h"

namespace cairn::answer {
namespace {

using base::Expression;
using Kind = Expression::Kind;

constexpr int kPlaces = 12;        // where two expressions with variables are compared
constexpr double kClose = 1e-9;    // relative
constexpr std::size_t kMost = 64;  // members of a set that are matched with one another

MathVerdict verdict(bool equal, const char* rule) {
  return {equal, rule};
}

bool close(std::complex<double> x, std::complex<double> y) {
  const double scale = std::max(std::abs(x), std::abs(y));
  return std::abs(x - y) <= kClose * std::max(scale, 1e-300) || scale < 1e-300 ||
         (scale < 1 && std::abs(x - y) < 1e-12);
}

bool is_whole(const Expression& e) {
  if (e.kind == Kind::negative) return is_whole(e.parts[0]);
  return e.kind == Kind::number && e.value == std::floor(e.value);
}

bool is_infinity(const Expression& e) {
  return e.kind == Kind::symbol && e.name == "infinity";
}

bool same_structure(const Expression& a, const Expression& b);

bool same_structures(const std::vector<Expression>& a, const std::vector<Expression>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_structure);
}

bool same_structure(const Expression& a, const Expression& b) {
  return a.kind == b.kind && (a.kind == Kind::number || a.name == b.name) && a.value == b.value &&
         same_structures(a.parts, b.parts);
}

// ---- one form for what is written in several

Expression negated(Expression e) {
  return {Kind::negative, {}, 0, {std::move(e)}};
}
Expression infinity() {
  return {Kind::symbol, "infinity", 0, {}};
}

// x < 5, 2 <= x < 5: the interval that one variable is in.
std::optional<Expression> as_interval(const Expression& e) {
  const auto variable = [](const Expression& side) { return base::is_variable(side); };
  const auto bracket = [](char sign, bool left) {
    const bool closed = sign == 'l' || sign == 'g';
    return left ? (closed ? '[' : '(') : (closed ? ']' : ')');
  };
  const std::string& s = e.name;
  const auto less = [](char c) { return c == '<' || c == 'l'; };
  const auto more = [](char c) { return c == '>' || c == 'g'; };
  if (e.parts.size() == 2 && (less(s[0]) || more(s[0]))) {
    const bool left = variable(e.parts[0]);
    if (left == variable(e.parts[1])) return {};
    const Expression& bound = e.parts[left ? 1 : 0];
    const bool below = left == less(s[0]);  // the variable is below the bound
    if (below)
      return Expression{
          Kind::interval, {'(', bracket(s[0], false)}, 0, {negated(infinity()), bound}};
    return Expression{Kind::interval, {bracket(s[0], true), ')'}, 0, {bound, infinity()}};
  }
  if (e.parts.size() != 3 || !variable(e.parts[1])) return {};
  if (less(s[0]) && less(s[1]))
    return Expression{
        Kind::interval, {bracket(s[0], true), bracket(s[1], false)}, 0, {e.parts[0], e.parts[2]}};
  if (more(s[0]) && more(s[1]))
    return Expression{
        Kind::interval, {bracket(s[1], true), bracket(s[0], false)}, 0, {e.parts[2], e.parts[0]}};
  return {};
}

// "x = 3" as 3, "x \in S" as S, an inequality as an interval, a unit behind a value as the value.
Expression simplified(Expression e) {
  while (true) {
    if (e.kind == Kind::relation && e.parts.size() == 2 && (e.name == "e" || e.name == "=") &&
        base::is_variable(e.parts[0])) {
      Expression right = std::move(e.parts[1]);
      e = std::move(right);
    } else if (e.kind == Kind::product && e.parts[1].kind == Kind::text) {
      Expression left = std::move(e.parts[0]);
      e = std::move(left);
    } else if (e.kind == Kind::degree) {
      Expression inside = std::move(e.parts[0]);
      e = std::move(inside);
    } else if (e.kind == Kind::relation) {
      if (auto interval = as_interval(e)) return *interval;
      return e;
    } else {
      return e;
    }
  }
}

// The members of a set, of a list, and of ±.
std::optional<std::vector<Expression>> members(const Expression& e) {
  if (e.kind == Kind::plus_minus) {
    const Expression& part = e.parts.back();
    if (e.parts.size() == 1) return std::vector<Expression>{part, negated(part)};
    return std::vector<Expression>{{Kind::sum, {}, 0, {e.parts[0], part}},
                                   {Kind::sum, {}, 0, {e.parts[0], negated(part)}}};
  }
  if (e.kind != Kind::set && e.kind != Kind::list) return {};
  std::vector<Expression> all;
  for (const Expression& part : e.parts) {
    Expression one = simplified(part);
    if (const auto more = members(one); more && one.kind == Kind::plus_minus)
      all.insert(all.end(), more->begin(), more->end());
    else
      all.push_back(std::move(one));
  }
  return all;
}

bool is_empty_set(const Expression& e) {
  return (e.kind == Kind::symbol && e.name == "emptyset") ||
         (e.kind == Kind::set && e.parts.empty());
}

// ---- comparison

MathVerdict compare(const Expression& a, const Expression& b);

bool all_equal(const std::vector<Expression>& a, const std::vector<Expression>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return compare(simplified(x), simplified(y)).equal;
  });
}

// Each member of the one has one of the other that is equal to it, and the other way round. No
// pair is compared twice: sets in sets would take time that doubles with each level.
bool same_members(const std::vector<Expression>& a, const std::vector<Expression>& b) {
  if (same_structures(a, b)) return true;
  if (a.size() > kMost || b.size() > kMost) return false;
  std::vector<bool> found_a(a.size()), found_b(b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j)
      if (!(found_a[i] && found_b[j]) && compare(a[i], b[j]).equal) found_a[i] = found_b[j] = true;
  const auto all = [](const std::vector<bool>& found) {
    return std::all_of(found.begin(), found.end(), [](bool one) { return one; });
  };
  return all(found_a) && all(found_b);
}

void add_variables(const Expression& e, base::Names& names) {
  if (base::is_variable(e)) names.insert(e.name);
  for (const Expression& part : e.parts) add_variables(part, names);
}

// The variables under a root, in a logarithm or a factorial, below or in an exponent that is no
// whole number: they are taken to be positive, as in textbooks.
void add_positive(const Expression& e, base::Names& names) {
  const bool root =
      e.kind == Kind::function && (e.name == "sqrt" || e.name == "ln" || e.name == "log");
  const bool power = e.kind == Kind::power && !is_whole(e.parts[1]);
  if (root || power || e.kind == Kind::factorial) return add_variables(e, names);
  for (const Expression& part : e.parts) add_positive(part, names);
}

base::Names positive_in(const Expression& a, const Expression& b) {
  base::Names names;
  add_positive(a, names);
  add_positive(b, names);
  return names;
}

// Equal where both have a value, at several places of the variables; nothing where they have none.
std::optional<bool> same_values(const Expression& a, const Expression& b,
                                const base::Names& positive) {
  const int places = base::has_variables(a) || base::has_variables(b) ? kPlaces : 1;
  int compared = 0;
  for (int i = 0; i < places; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    const auto x = base::value_of(a, seed, positive), y = base::value_of(b, seed, positive);
    if (!x || !y) continue;
    ++compared;
    if (!close(*x, *y)) return false;
  }
  if (compared == 0 || compared < places / 2) return {};
  return true;
}

// f = g and h = k are the same where f - g is a multiple of h - k.
bool same_equation(const Expression& a, const Expression& b) {
  const auto difference = [](const Expression& e) {
    return Expression{Kind::sum, {}, 0, {e.parts[0], negated(e.parts[1])}};
  };
  const Expression x = difference(a), y = difference(b);
  const base::Names positive = positive_in(x, y);
  std::optional<std::complex<double>> ratio;
  int compared = 0;
  for (int i = 0; i < kPlaces; ++i) {
    const auto p = base::value_of(x, static_cast<std::uint64_t>(i), positive);
    const auto q = base::value_of(y, static_cast<std::uint64_t>(i), positive);
    if (!p || !q || std::abs(*p) < 1e-12 || std::abs(*q) < 1e-12) continue;
    // Close relative to their size alone: the other way round the ratios are these turned over.
    const std::complex<double> here = *p / *q;
    const double size = std::abs(here);
    if (!(size > 1e-300 && size < 1e300)) return false;
    if (ratio && std::abs(*ratio - here) > kClose * std::max(std::abs(*ratio), size)) return false;
    ratio = here;
    ++compared;
  }
  return compared >= kPlaces / 2;
}

bool same_end(const Expression& a, const Expression& b) {
  const auto infinite = [](const Expression& e) {
    return is_infinity(e) ? 1 : e.kind == Kind::negative && is_infinity(e.parts[0]) ? -1 : 0;
  };
  if (infinite(a) != 0 || infinite(b) != 0) return infinite(a) == infinite(b);
  return compare(a, b).equal;
}

// Two values, of which one may be a percentage: 50% is 50 and 0.5.
std::optional<MathVerdict> compare_percent(const Expression& a, const Expression& b) {
  if ((a.kind == Kind::percent) == (b.kind == Kind::percent)) return {};
  const Expression& percent = a.kind == Kind::percent ? a : b;
  const Expression& plain = a.kind == Kind::percent ? b : a;
  const auto x = base::value_of(percent, 0), y = base::value_of(plain, 0);
  if (!x || !y) return {};
  return verdict(close(*x, *y) || close(*x / 100.0, *y), "percent");
}

MathVerdict compare(const Expression& a, const Expression& b) {
  if (is_empty_set(a) || is_empty_set(b)) return verdict(is_empty_set(a) && is_empty_set(b), "set");
  const auto in_a = members(a), in_b = members(b);
  if (in_a && in_b) return verdict(same_members(*in_a, *in_b), "set");
  if (in_a || in_b) {
    const auto& many = in_a ? *in_a : *in_b;
    return verdict(many.size() == 1 && compare(many[0], in_a ? b : a).equal, "set");
  }
  // An open interval and a pair look alike.
  const auto pair_like = [](const Expression& e) {
    return (e.kind == Kind::tuple && e.parts.size() == 2) ||
           (e.kind == Kind::interval && e.name == "()");
  };
  if (pair_like(a) && pair_like(b))
    return verdict(same_end(a.parts[0], b.parts[0]) && same_end(a.parts[1], b.parts[1]),
                   a.kind == Kind::tuple ? "tuple" : "interval");
  if (a.kind == Kind::interval && b.kind == Kind::interval)
    return verdict(
        a.name == b.name && same_end(a.parts[0], b.parts[0]) && same_end(a.parts[1], b.parts[1]),
        "interval");
  if (a.kind == Kind::join && b.kind == Kind::join)
    return verdict(same_members(a.parts, b.parts), "interval");
  if (a.kind == Kind::tuple && b.kind == Kind::tuple)
    return verdict(all_equal(a.parts, b.parts), "tuple");
  if (a.kind == Kind::matrix && b.kind == Kind::matrix)
    return verdict(all_equal(a.parts, b.parts), "matrix");
  if (a.kind == Kind::relation && b.kind == Kind::relation) {
    const bool same = same_structure(a, b);
    if (a.name == "=" && b.name == "=") return verdict(same || same_equation(a, b), "equation");
    return verdict(same, "structure");
  }
  if (const auto percent = compare_percent(a, b)) return *percent;
  const base::Names positive = positive_in(a, b);
  if (const auto same = same_symbolically(a, b, positive)) return verdict(*same, "symbolic");
  if (const auto same = same_values(a, b, positive)) {
    const bool variables = base::has_variables(a) || base::has_variables(b);
    return verdict(*same, variables ? "identity" : "value");
  }
  return verdict(same_structure(a, b), "structure");
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_unit(const std::string& word) {
  static const std::string kUnits =
      " mm cm dm km m kg mg g lb lbs oz ft in mi yd hr h min s ms ml l mph km/h sq ";
  return kUnits.find(" " + word + " ") != std::string::npos;
}

// Without a unit in plain words behind a number: "5 cm", "12 square inches".
std::string_view without_unit(std::string_view text) {
  text = base::trim(text);
  while (text.ends_with('.')) text.remove_suffix(1);
  std::size_t end = text.size();
  while (end > 0 && (is_letter(text[end - 1]) || text[end - 1] == ' ')) --end;
  const std::string tail = base::lower(base::trim(text.substr(end)));
  const char before = end > 0 ? text[end - 1] : ' ';
  const bool number = (before >= '0' && before <= '9') || before == '}';
  const bool words = tail.size() > 2 && tail != "and";
  return number && (words || (tail.size() > 1 && is_unit(tail))) ? base::trim(text.substr(0, end))
                                                                 : text;
}

// Words alone are no mathematics: "act" is not "cat".
bool is_word(std::string_view text) {
  return text.size() > 1 && std::all_of(text.begin(), text.end(), is_letter);
}

std::optional<Expression> parsed(std::string_view text) {
  text = without_unit(text);
  if (is_word(text)) return {};
  auto expression = base::parse_expression(text);
  if (expression && expression->kind == Kind::text) return {};
  return expression;
}

bool is_equation(const Expression& e) {
  return e.kind == Kind::relation && e.name == "=";
}

}  // namespace

std::optional<MathVerdict> compare_math(std::string_view a, std::string_view b) {
  const auto x = parsed(a), y = parsed(b);
  if (!x || !y) return {};
  if (is_equation(*x) && is_equation(*y) && same_equation(*x, *y)) return verdict(true, "equation");
  return compare(simplified(*x), simplified(*y));
}

}  // namespace cairn::answer
