#include "answer/number.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "base/text.h"

namespace cairn::answer {
namespace {

__extension__ using Int = __int128;

constexpr int kMaxDigits = 36;  // fit in 127 bits

Int gcd(Int a, Int b) {
  if (a < 0) a = -a;
  while (b != 0) {
    const Int r = a % b;
    a = b;
    b = r;
  }
  return a == 0 ? 1 : a;
}

// a * b, or nothing when it does not fit.
std::optional<Int> times(Int a, Int b) {
  Int product;
  if (__builtin_mul_overflow(a, b, &product)) return {};
  return product;
}

std::optional<Int> power_of_ten(int exponent) {
  if (exponent < 0 || exponent > kMaxDigits) return {};
  Int power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

Number approximate(long double value) {
  Number number;
  number.value = value;
  return number;
}

Number ratio(Int numerator, Int denominator) {
  const Int common = gcd(numerator, denominator);
  Number number;
  number.exact = true;
  number.numerator = numerator / common;
  number.denominator = denominator / common;
  number.value =
      static_cast<long double>(number.numerator) / static_cast<long double>(number.denominator);
  return number;
}

// Reads a text from the front; every take_ leaves the position where it was when it finds nothing.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  void rewind(std::size_t at) { at_ = at; }
  bool done() const { return at_ >= text_.size(); }
  std::string_view rest() const { return text_.substr(at_); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool take(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool take_any(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words)
      if (take(word)) return true;
    return false;
  }
  void skip_space() {
    while (take_any({" ", "\t", "\xc2\xa0", "\xe2\x80\xaf", "\\,", "\\!", "\\ ", "\\;", "~"})) {
    }
  }

  // Digits with thousands separators taken out: "1,234" but not "1,23".
  std::string take_digits() {
    std::string digits;
    while (base::is_digit(peek())) digits.push_back(text_[at_++]);
    while (!digits.empty() && digits.size() <= 4096) {
      const std::size_t separator = peek() == ','                        ? 1
                                    : rest().starts_with("{,}")          ? 3
                                    : rest().starts_with("\xe2\x80\xaf") ? 3
                                    : rest().starts_with("\\,")          ? 2
                                                                         : 0;
      const bool group =
          separator > 0 && base::is_digit(peek(separator)) && base::is_digit(peek(separator + 1)) &&
          base::is_digit(peek(separator + 2)) && !base::is_digit(peek(separator + 3));
      if (!group || (!grouped_ && digits.size() > 3)) break;
      digits += text_.substr(at_ + separator, 3);
      at_ += separator + 3;
      grouped_ = true;
    }
    grouped_ = false;
    return digits;
  }

  std::optional<int> take_exponent() {
    const std::size_t start = at_;
    if (take_any({"e", "E"}) || take_times_ten()) {
      const bool braced = take("{");
      const bool negative = take_minus();
      if (!negative) take("+");
      int value = 0, digits = 0;
      for (; base::is_digit(peek()) && digits < 6; ++digits)
        value = value * 10 + (text_[at_++] - '0');
      if (digits > 0 && (!braced || take("}"))) return negative ? -value : value;
    }
    at_ = start;
    return {};
  }

  bool take_minus() { return take_any({"-", "\xe2\x88\x92", "\xe2\x80\x93"}); }

 private:
  bool take_times_ten() {
    const std::size_t start = at_;
    skip_space();
    if (take_any({"\\times", "\\cdot", "\xc3\x97", "x", "*"})) {
      skip_space();
      if (take("10^")) return true;
    }
    at_ = start;
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool grouped_ = false;
};

// "12.5e3" without sign.
std::optional<Number> take_decimal(Reader& in) {
  const std::size_t start = in.at();
  const std::string whole = in.take_digits();
  std::string fraction;
  if (in.peek() == '.' && (base::is_digit(in.peek(1)) || !whole.empty())) {
    if (!base::is_digit(in.peek(1))) {
      // "5." : the stop ends a sentence
    } else {
      in.take(".");
      while (base::is_digit(in.peek())) {
        fraction.push_back(in.peek());
        in.take(in.rest().substr(0, 1));
      }
    }
  }
  if (whole.empty() && fraction.empty()) {
    in.rewind(start);
    return {};
  }
  const int exponent = in.take_exponent().value_or(0);
  std::string digits = whole + fraction;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const int scale = exponent - static_cast<int>(fraction.size());
  if (static_cast<int>(digits.size()) + std::max(0, scale) > kMaxDigits || scale < -kMaxDigits)
    return approximate(std::strtold(
        (digits.substr(0, 4000) + "e" +
         std::to_string(scale + std::max<int>(0, static_cast<int>(digits.size()) - 4000)))
            .c_str(),
        nullptr));
  Int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  if (scale >= 0) return ratio(value * *power_of_ten(scale), 1);
  return ratio(value, *power_of_ten(-scale));
}

std::optional<Number> divide(const Number& a, const Number& b) {
  if (b.value == 0) return {};
  if (a.exact && b.exact) {
    const auto numerator = times(a.numerator, b.denominator),
               denominator = times(a.denominator, b.numerator);
    if (numerator && denominator) return ratio(*numerator, *denominator);
  }
  return approximate(a.value / b.value);
}

Number add(const Number& a, const Number& b) {
  if (a.exact && b.exact) {
    const auto left = times(a.numerator, b.denominator), right = times(b.numerator, a.denominator),
               denominator = times(a.denominator, b.denominator);
    Int sum;
    if (left && right && denominator && !__builtin_add_overflow(*left, *right, &sum))
      return ratio(sum, *denominator);
  }
  return approximate(a.value + b.value);
}

std::optional<Number> take_frac(Reader& in) {
  const std::size_t start = in.at();
  if (in.take_any({"\\frac", "\\dfrac", "\\tfrac"})) {
    const bool braced = in.take("{");
    const bool negative = in.take_minus();
    if (braced) {
      if (auto top = take_decimal(in); top && in.take("}") && in.take("{"))
        if (const auto bottom = take_decimal(in); bottom && in.take("}"))
          if (auto value = divide(*top, *bottom)) {
            if (negative) value->numerator = -value->numerator, value->value = -value->value;
            return value;
          }
    } else if (base::is_digit(in.peek()) && base::is_digit(in.peek(1))) {  // \frac12
      const Number top = ratio(in.peek() - '0', 1), bottom = ratio(in.peek(1) - '0', 1);
      in.take(in.rest().substr(0, 2));
      if (auto value = divide(top, bottom)) return value;
    }
  }
  in.rewind(start);
  return {};
}

// "3", "3/4", "1 1/2", "1\frac{1}{2}", "\frac{3}{4}", without sign.
std::optional<Number> take_magnitude(Reader& in) {
  if (auto fraction = take_frac(in)) return fraction;
  auto whole = take_decimal(in);
  if (!whole) return {};
  const std::size_t after = in.at();
  if (in.take("/")) {
    if (const auto bottom = take_decimal(in))
      if (auto value = divide(*whole, *bottom)) return value;
    in.rewind(after);
    return whole;
  }
  in.skip_space();
  if (const auto part = take_frac(in)) return add(*whole, *part);
  if (const auto top = take_decimal(in); top && in.take("/") && in.at() > after + 1)
    if (const auto bottom = take_decimal(in))
      if (const auto part = divide(*top, *bottom)) return add(*whole, *part);
  in.rewind(after);
  return whole;
}

const char* currency_of(Reader& in) {
  if (in.take_any({"\\$", "$", "US$"})) return "usd";
  if (in.take("\xe2\x82\xac")) return "eur";
  if (in.take("\xc2\xa3")) return "gbp";
  return nullptr;
}

std::string unit_named(std::string_view word) {
  struct Unit {
    std::string_view name, names;
  };
  static constexpr std::array<Unit, 21> kUnits = {{{"usd", " dollar dollars usd bucks "},
                                                   {"cent", " cent cents "},
                                                   {"eur", " euro euros eur "},
                                                   {"gbp", " pound-sterling gbp "},
                                                   {"mm", " mm millimeter millimeters "},
                                                   {"cm", " cm centimeter centimeters "},
                                                   {"m", " m meter meters metre metres "},
                                                   {"km", " km kilometer kilometers "},
                                                   {"in", " inch inches "},
                                                   {"ft", " ft foot feet "},
                                                   {"mile", " mile miles "},
                                                   {"g", " g gram grams "},
                                                   {"kg", " kg kilogram kilograms "},
                                                   {"lb", " lb lbs pound pounds "},
                                                   {"s", " s sec second seconds "},
                                                   {"min", " min minute minutes "},
                                                   {"h", " h hour hours hr hrs "},
                                                   {"day", " day days "},
                                                   {"week", " week weeks "},
                                                   {"month", " month months "},
                                                   {"year", " year years "}}};
  const std::string wanted = " " + base::lower(word) + " ";
  for (const Unit& unit : kUnits)
    if (unit.names.find(wanted) != std::string_view::npos) return std::string(unit.name);
  return "";
}

// Sign and currency in either order, then the magnitude and a percent sign.
std::optional<Number> take_number(Reader& in) {
  const std::size_t start = in.at();
  const char* currency = currency_of(in);
  bool negative = in.take_minus();
  if (!negative) in.take("+");
  if (!currency) currency = currency_of(in);
  in.skip_space();
  auto number = take_magnitude(in);
  if (!number) {
    in.rewind(start);
    return {};
  }
  if (negative) number->numerator = -number->numerator, number->value = -number->value;
  if (currency) number->unit = currency;
  const std::size_t after = in.at();
  in.skip_space();
  if (in.take_any({"\\%", "%"}) || in.take_any({"percent", "per cent"}))
    number->percent = true;
  else
    in.rewind(after);
  return number;
}

// Can a number start here, and is it not the inside of a word such as "x2"?
bool may_start(std::string_view text, std::size_t i) {
  const char before = i == 0 ? ' ' : text[i - 1];
  const bool in_word =
      (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') || before == '_';
  return !in_word || text[i] == '\\';
}

// With a space for every `word`.
std::string blanked(std::string_view text, std::string_view word) {
  std::string out;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word)) {
    out.append(text.substr(0, at)).append(" ");
    text.remove_prefix(at + word.size());
  }
  return out.append(text);
}

std::string without_wrapping(std::string_view text) {
  std::string out(base::trim(text));
  for (const std::string_view word :
       {"\\left", "\\right", "\\text", "\\mathrm", "\\mbox", "**", "\\(", "\\)", "\\[", "\\]"})
    out = blanked(out, word);
  if (out.size() > 1 && out.front() == '$' && out.back() == '$')
    out = out.substr(1, out.size() - 2);
  if (!out.empty() && out.back() == '$') out.pop_back();
  return std::string(base::trim(out));
}

}  // namespace

std::optional<Number> parse_number(std::string_view text) {
  const std::string clean = without_wrapping(text);
  Reader in(clean);
  auto number = take_number(in);
  if (!number) return {};
  if (!in.done() && (in.peek() == '/' || in.peek() == '^' || in.peek() == '*' || in.peek() == ':'))
    return {};
  std::string_view rest = base::trim(in.rest());
  if (std::any_of(rest.begin(), rest.end(), base::is_digit)) return {};
  for (const char mark : {'+', '=', '\\', '<', '>'})
    if (rest.find(mark) != std::string_view::npos) return {};
  while (!rest.empty() && !std::isalpha(static_cast<unsigned char>(rest.front())))
    rest.remove_prefix(1);
  const auto end = std::find_if(rest.begin(), rest.end(), [](char c) {
    return !std::isalpha(static_cast<unsigned char>(c));
  });
  const std::string_view word = rest.substr(0, end - rest.begin());
  if (clean.size() > 1 && word.size() == 1 && in.peek() == word[0] && unit_named(word).empty())
    return {};  // "2x"
  if (number->unit.empty()) number->unit = unit_named(word);
  return number;
}

std::optional<std::string_view> first_number(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!may_start(text, i)) continue;
    Reader in(text.substr(i));
    if (take_number(in)) return text.substr(i, in.at());
  }
  return {};
}

std::optional<std::string_view> last_number(std::string_view text) {
  constexpr std::size_t kTail = 20000;  // an answer stands near the end
  if (text.size() > kTail) text = text.substr(text.size() - kTail);
  std::optional<std::string_view> last;
  for (std::size_t i = 0; i < text.size();) {
    Reader in(text.substr(i));
    if (may_start(text, i) && take_number(in)) {
      last = text.substr(i, in.at());
      i += in.at();
    } else {
      while (i < text.size() && base::is_digit(text[i])) ++i;  // the rest of a word such as x23
      ++i;
    }
  }
  return last;
}

NumberEquality compare(const Number& a, const Number& b) {
  const auto same = [](const Number& x, const Number& y) {
    if (x.exact && y.exact) return x.numerator == y.numerator && x.denominator == y.denominator;
    if (x.value == y.value) return true;  // also where both are beyond all numbers
    const long double scale = std::max(std::fabs(x.value), std::fabs(y.value));
    return std::fabs(x.value - y.value) <= 1e-9L * scale;
  };
  if (!a.unit.empty() && !b.unit.empty() && a.unit != b.unit)
    return NumberEquality::different_units;
  if (same(a, b)) return NumberEquality::equal;
  if (a.percent != b.percent) {
    const Number& percent = a.percent ? a : b;
    const Number& plain = a.percent ? b : a;
    if (const auto share = divide(percent, ratio(100, 1)); share && same(*share, plain))
      return NumberEquality::equal_as_percent;
  }
  return NumberEquality::different;
}

}  // namespace cairn::answer
