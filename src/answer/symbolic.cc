#include "answer/symbolic.h"

#include <ginac/ginac.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <mutex>
#include <string_view>

namespace cairn::answer {
namespace {

using base::Expression;
using GiNaC::ex;
using GiNaC::numeric;
using Kind = Expression::Kind;

constexpr double kMostTerms = 1000, kMostDegree = 400, kMostBits = 20000;
constexpr int kLargestFactor = 2000;  // primes that are looked for in a whole number

// What cannot be said, or would take too long.
struct NoVerdict {};

// ---- how large it would become, before anything is computed

struct Size {
  double terms = 1, degree = 0, bits = 0;
};

Size checked(Size size) {
  if (!(size.terms <= kMostTerms && size.degree <= kMostDegree && size.bits <= kMostBits))
    throw NoVerdict();
  return size;
}

Size operator*(const Size& a, const Size& b) {
  return checked({a.terms * b.terms, a.degree + b.degree, a.bits + b.bits});
}
Size operator+(const Size& a, const Size& b) {
  return checked({a.terms + b.terms, std::max(a.degree, b.degree), a.bits + b.bits});
}

// Of t terms to the power n there are at most (n + t - 1 choose n).
Size raised(const Size& base, int n) {
  checked({1, base.degree * n, base.bits * n});
  double terms = 1;
  for (int i = 1; i <= n && terms <= kMostTerms; ++i) terms *= (base.terms + i - 1) / i;
  return checked({terms, base.degree * n, base.bits * n + terms});
}

// A whole number that a power is not larger than, whatever its sign.
int whole_power(const numeric& power) {
  return static_cast<int>(std::ceil(std::abs(power.to_double())));
}

// A fraction of two sums, not reduced, with what multiplying them out would come to. (Sizes are
// computed first, in statements of their own: where one throws inside braces, g++ 12 leaks what
// stands before it.)
struct Fraction {
  ex top = 1, bottom = 1;
  Size top_size = {}, bottom_size = {};
};

Fraction operator*(const Fraction& a, const Fraction& b) {
  const Size top_size = a.top_size * b.top_size, bottom_size = a.bottom_size * b.bottom_size;
  return {a.top * b.top, a.bottom * b.bottom, top_size, bottom_size};
}
Fraction operator+(const Fraction& a, const Fraction& b) {
  const Size top_size = a.top_size * b.bottom_size + b.top_size * a.bottom_size;
  const Size bottom_size = a.bottom_size * b.bottom_size;
  return {a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom, top_size, bottom_size};
}
Fraction inverse(const Fraction& a) {
  if (a.top.expand().is_zero()) throw NoVerdict();
  return {a.bottom, a.top, a.bottom_size, a.top_size};
}
Fraction negated(Fraction a) {
  a.top = -a.top;
  return a;
}
// GiNaC throws at 0^0 and at poles, and leaks what it was about to make: they are kept from it.
Fraction raised(const Fraction& a, int n) {
  if (n == 0 && a.top.is_zero()) throw NoVerdict();
  const Size top_size = raised(a.top_size, n), bottom_size = raised(a.bottom_size, n);
  return {GiNaC::pow(a.top, n), GiNaC::pow(a.bottom, n), top_size, bottom_size};
}

double bits_of(const numeric& whole) {
  return whole.int_length();
}

Fraction whole(const numeric& n) {
  const Size size = checked({1, 0, bits_of(n)});
  return {n, 1, size, {}};
}
// Something that is one term, and taken as it is. What is in it counts, since GiNaC may take it out
// again: sqrt(x)^2 is x, exp(log(x)) too.
Fraction atom(const ex& e, const Size& inside = {}) {
  const Size size = checked({inside.terms, inside.degree + 1, inside.bits + 1});
  return {e, 1, size, {}};
}
Size size_of(const Fraction& f) {
  return f.top_size * f.bottom_size;
}

// ---- from our trees

// The prime factors up to kLargestFactor, and what is left.
std::map<numeric, int, GiNaC::ex_is_less> factors(numeric n) {
  std::map<numeric, int, GiNaC::ex_is_less> found;
  for (int p = 2; p <= kLargestFactor && n > 1; ++p)
    for (; GiNaC::irem(n, p).is_zero(); n = GiNaC::iquo(n, p)) ++found[p];
  if (n > 1) ++found[n];
  return found;
}

class Converter {
 public:
  explicit Converter(const base::Names& positive) : positive_(positive) {}

  Fraction of(const Expression& e) {
    switch (e.kind) {
      case Kind::number:
        return number(e);
      case Kind::symbol:
        return symbol(e.name);
      case Kind::sum: {
        Fraction total = of(e.parts[0]);
        for (std::size_t i = 1; i < e.parts.size(); ++i) total = total + of(e.parts[i]);
        return total;
      }
      case Kind::product:
        return of(e.parts[0]) * of(e.parts[1]);
      case Kind::quotient:
        return of(e.parts[0]) * inverse(of(e.parts[1]));
      case Kind::negative:
        return negated(of(e.parts[0]));
      case Kind::power:
        return power(e.parts[0], e.parts[1]);
      case Kind::factorial:
        return factorial(of(e.parts[0]));
      case Kind::absolute: {
        const Fraction inside = of(e.parts[0]);
        const Size size = size_of(inside);
        return vague(GiNaC::abs(one(inside)), size);
      }
      case Kind::function:
        return function(e);
      default:
        throw NoVerdict();
    }
  }

  // Nothing that was converted can be zero without showing it.
  bool exact() const { return exact_; }

 private:
  // An atom whose relations to others are not all known.
  Fraction vague(const ex& e, const Size& inside) {
    exact_ = false;
    return atom(e, inside);
  }

  // Digits, a point, a power of ten: 12, 1.5, 1.5e-3.
  Fraction number(const Expression& e) {
    const std::size_t end = std::min(e.name.find_first_of("eE"), e.name.size());
    const std::size_t point = std::min(e.name.find('.'), end);
    std::string digits = e.name.substr(0, point);
    if (point < end) digits += e.name.substr(point + 1, end - point - 1);
    if (digits.empty() || static_cast<double>(digits.size()) > kMostBits) throw NoVerdict();
    const int decimals = static_cast<int>(point < end ? end - point - 1 : 0);
    const int power = power_of_ten(std::string_view(e.name).substr(end)) - decimals;
    exact_ = exact_ && point == e.name.size();  // it may be rounded
    const Fraction value = whole(numeric(digits.c_str()));
    if (power == 0) return value;
    const Fraction scale = raised(whole(10), std::abs(power));
    return value * (power < 0 ? inverse(scale) : scale);
  }

  // "e-3".
  static int power_of_ten(std::string_view text) {
    if (text.empty()) return 0;
    text.remove_prefix(text.starts_with("e+") || text.starts_with("E+") ? 2 : 1);
    int power = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), power);
    if (read.ec != std::errc() || power > kMostBits || power < -kMostBits) throw NoVerdict();
    return power;
  }

  Fraction symbol(const std::string& name) {
    if (name == "i") return atom(GiNaC::I);
    if (name == "pi") return atom(GiNaC::Pi);
    if (name == "e") return vague(GiNaC::exp(ex(1)), {});
    if (name == "infinity" || name == "emptyset") throw NoVerdict();
    auto& known = symbols_[name];
    if (known.is_zero())
      known = positive_.contains(name) ? ex(GiNaC::possymbol(name)) : ex(GiNaC::realsymbol(name));
    return atom(known);
  }

  // Multiplied out and written as one expression: the argument of a function.
  static ex one(const Fraction& f) { return f.top.expand() / f.bottom.expand(); }

  Fraction power(const Expression& base, const Expression& exponent) {
    const Fraction raised_to = of(exponent);
    const ex n = one(raised_to);
    const Size of_exponent = size_of(raised_to);
    if (base.kind == Kind::symbol && base.name == "e") return vague(GiNaC::exp(n), of_exponent);
    const Fraction b = of(base);
    const Size of_base = size_of(b);
    if (!GiNaC::is_a<numeric>(n)) {
      const Size inside = of_base * of_exponent;
      return vague(GiNaC::pow(one(b), n), inside);
    }
    const auto& value = GiNaC::ex_to<numeric>(n);
    if (!value.is_rational() || GiNaC::abs(value) > kMostBits) throw NoVerdict();
    if (value.is_integer()) {
      const Fraction raised_base = raised(b, GiNaC::abs(value).to_int());
      return value.is_negative() ? inverse(raised_base) : raised_base;
    }
    return root(one(b), of_base, value);
  }

  // A number or expression to a power that is a fraction.
  Fraction root(const ex& base, const Size& of_base, const numeric& exponent) {
    const Size inside = raised(of_base, whole_power(exponent));
    if (!GiNaC::is_a<numeric>(base)) return vague(GiNaC::pow(base, exponent), inside);
    const auto& n = GiNaC::ex_to<numeric>(base);
    if (!n.is_rational() || bits_of(n.numer()) > 200 || bits_of(n.denom()) > 200) throw NoVerdict();
    if (n.is_zero()) return whole(0);
    if (n.is_negative() && exponent != numeric(1, 2)) throw NoVerdict();
    const Fraction size = root_of_whole(GiNaC::abs(n.numer()), exponent) *
                          inverse(root_of_whole(n.denom(), exponent));
    return n.is_negative() ? size * atom(GiNaC::I) : size;
  }

  Fraction root_of_whole(const numeric& n, const numeric& exponent) {
    exact_ = false;
    Fraction product;
    for (const auto& [prime, times] : factors(n)) {
      const numeric power = exponent * times;
      const Size inside = raised(Size{1, 0, bits_of(prime)}, whole_power(power));
      product = product * atom(GiNaC::pow(ex(prime), ex(power)), inside);
    }
    return product;
  }

  static Fraction factorial(const Fraction& of) {
    const ex n = one(of);
    if (!n.info(GiNaC::info_flags::nonnegint) || n > 400) throw NoVerdict();
    return whole(GiNaC::factorial(GiNaC::ex_to<numeric>(n)));
  }

  Fraction logarithm(const Fraction& of) {
    exact_ = false;
    const ex value = one(of);
    if (value.is_zero()) throw NoVerdict();
    const Size inside = size_of(of);
    if (!value.info(GiNaC::info_flags::posint) || of.top_size.bits > 200)
      return atom(GiNaC::log(value), inside);
    Fraction sum = whole(0);
    for (const auto& [prime, times] : factors(GiNaC::ex_to<numeric>(value)))
      sum = sum + whole(times) * atom(GiNaC::log(ex(prime)));
    return sum;
  }

  Fraction function(const Expression& e) {
    const Fraction argument = of(e.parts.back());
    const std::string& f = e.name;
    const Size size = size_of(argument);
    if (f == "sqrt") return root(one(argument), size, numeric(1, 2));
    if (f == "ln") return logarithm(argument);
    if (f == "log")
      return logarithm(argument) *
             inverse(logarithm(e.parts.size() == 2 ? of(e.parts[0]) : whole(10)));
    const ex x = one(argument);
    if (f == "sin" || f == "csc") return turned(vague(GiNaC::sin(x), size), f == "csc");
    if (f == "cos" || f == "sec") return turned(vague(GiNaC::cos(x), size), f == "sec");
    if (f == "tan" || f == "cot")
      return turned(vague(GiNaC::sin(x), size) * inverse(vague(GiNaC::cos(x), size)), f == "cot");
    if (f == "exp") return vague(GiNaC::exp(x), size);
    if (f == "arcsin") return vague(GiNaC::asin(x), size);
    if (f == "arccos") return vague(GiNaC::acos(x), size);
    if (f == "arctan" && !(x * x + 1).is_zero()) return vague(GiNaC::atan(x), size);
    throw NoVerdict();
  }

  static Fraction turned(Fraction f, bool over) { return over ? inverse(f) : f; }

  const base::Names& positive_;
  std::map<std::string, ex> symbols_;
  bool exact_ = true;
};

}  // namespace

std::optional<bool> same_symbolically(const Expression& a, const Expression& b,
                                      const base::Names& positive) {
  static std::mutex one_at_a_time;  // GiNaC's expressions are counted without locks
  const std::lock_guard lock(one_at_a_time);
  try {
    Converter converter(positive);
    const Fraction difference = converter.of(a) + negated(converter.of(b));
    if (difference.bottom.expand().is_zero()) return {};
    if (difference.top.expand().is_zero()) return true;
    if (converter.exact()) return false;
  } catch (const NoVerdict&) {
  } catch (const std::exception&) {  // GiNaC's: a pole, a number that is too large
  }
  return {};
}

}  // namespace cairn::answer
