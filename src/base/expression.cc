#include "base/expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

#include "base/text.h"

namespace cairn::base {
namespace {

using Kind = Expression::Kind;
using Parsed = std::optional<Expression>;

constexpr std::size_t kLongest = 4000;
constexpr int kDeepest = 180;  // sums, factors and brackets count one each

Expression node(Kind kind, std::vector<Expression> parts, std::string name = {}) {
  return {kind, std::move(name), 0, std::move(parts)};
}
Expression symbol(std::string name) {
  return {Kind::symbol, std::move(name), 0, {}};
}

// ---- one spelling for what is written in many

const std::vector<std::pair<std::string_view, std::string_view>>& spellings() {
  static const std::vector<std::pair<std::string_view, std::string_view>> list = {
      {"\\left", ""},
      {"\\right", ""},
      {"\\bigl", ""},
      {"\\bigr", ""},
      {"\\big", ""},
      {"\\displaystyle", ""},
      {"\\dfrac", "\\frac"},
      {"\\tfrac", "\\frac"},
      {"\\cfrac", "\\frac"},
      {"\\\\", "\\\\"},  // ends a row
      {"\\!", ""},
      {"\\,", " "},
      {"\\;", " "},
      {"\\:", " "},
      {"\\ ", " "},
      {"\\quad", " "},
      {"\\qquad", " "},
      {"~", " "},
      {"{,}", ","},
      {"\\(", " "},
      {"\\)", " "},
      {"\\$", " "},
      {"$", " "},
      {"\\%", "%"},
      {"^{\\circ}", "\xc2\xb0"},
      {"^\\circ", "\xc2\xb0"},
      {"\\degree", "\xc2\xb0"},
      {"\\times", "*"},
      {"\\cdot", "*"},
      {"\\div", "/"},
      {"\xc3\x97", "*"},
      {"\xc3\xb7", "/"},
      {"\xc2\xb7", "*"},
      {"\xe2\x88\x92", "-"},
      {"\xe2\x80\x93", "-"},
      {"\xc2\xa0", " "},
      {"\xc2\xb2", "^2"},
      {"\xc2\xb3", "^3"},
      {"\\pm", "\xc2\xb1"},
      {"\\mp", "\xc2\xb1"},
      {"\xe2\x88\x9e", "\\infty"},
      {"\xcf\x80", "\\pi"},
      {"\xe2\x88\x9a", "\\sqrt"},
      {"\\leq", "\\le"},
      {"\\geq", "\\ge"},
      {"\xe2\x89\xa4", "\\le"},
      {"\xe2\x89\xa5", "\\ge"},
      {"<=", "\\le"},
      {">=", "\\ge"},
      {"\\neq", "\\ne"},
      {"\xe2\x89\xa0", "\\ne"},
      {"!=", "\\ne"},
      {"\\lt", "<"},
      {"\\gt", ">"},
      {"\xe2\x88\xaa", "\\cup"},
      {"\xe2\x88\x88", "\\in"},
      {"\\lbrace", "\\{"},
      {"\\rbrace", "\\}"},
      {"\\emptyset", "\\varnothing"},
      {"\xe2\x88\x85", "\\varnothing"},
      {"**", "^"},
      {"\\mathrm", "\\text"},
      {"\\textbf", "\\text"},
      {"\\mbox", "\\text"},
      {"\\textrm", "\\text"},
      {"\\mathbf", "\\text"},
      {"\\operatorname", "\\text"},
      {"\\lvert", "|"},
      {"\\rvert", "|"},
      {"\xe2\x82\xac", " "},
      {"\xc2\xa3", " "}};
  return list;
}

bool is_command(std::string_view from) {
  return from.size() > 1 && base::is_letter(from.back());
}

std::string respelled(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    std::string_view best, with;
    for (const auto& [from, to] : spellings()) {
      if (!rest.starts_with(from) || from.size() <= best.size()) continue;
      // A command ends where its letters do: \le is no beginning of \left.
      const bool longer =
          is_command(from) && rest.size() > from.size() && base::is_letter(rest[from.size()]);
      if (!longer) best = from, with = to;
    }
    if (best.empty()) {
      out += text[i++];
    } else {
      out += with;
      i += best.size();
    }
  }
  return out;
}

// ---- the parser

constexpr std::array<std::string_view, 17> kFunctions = {
    "sqrt",   "sin",  "cos",  "tan",  "cot", "sec", "csc", "arcsin", "arccos",
    "arctan", "sinh", "cosh", "tanh", "ln",  "log", "exp", "abs"};

bool is_function(std::string_view name) {
  return std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Parsed whole() {
    Parsed found = list(/*bracketed=*/false);
    skip();
    return found && at_ == text_.size() ? found : std::nullopt;
  }

 private:
  // Counts how deep the parser is; false when that is too deep.
  struct Level {
    explicit Level(int& depth) : depth_(depth) { ++depth_; }
    ~Level() { --depth_; }
    explicit operator bool() const { return depth_ <= kDeepest; }
    int& depth_;
  };

  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
  }
  std::string_view rest() const { return text_.substr(at_); }
  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool starts(std::string_view word) {
    skip();
    if (!rest().starts_with(word)) return false;
    const std::size_t end = at_ + word.size();
    return !(base::is_letter(word.back()) && end < text_.size() && base::is_letter(text_[end]));
  }
  bool take(std::string_view word) {
    if (!starts(word)) return false;
    at_ += word.size();
    return true;
  }

  // Items with commas between; "a and b" and "a or b" are lists as well.
  Parsed list(bool bracketed) {
    std::vector<Expression> items;
    do {
      Parsed item = joined();
      if (!item) return {};
      items.push_back(std::move(*item));
    } while (take(",") || take(";") || (!bracketed && (take("and") || take("or"))));
    if (items.size() == 1) return std::move(items.front());
    return node(Kind::list, std::move(items));
  }

  Parsed joined() {
    std::vector<Expression> items;
    do {
      Parsed item = relation();
      if (!item) return {};
      items.push_back(std::move(*item));
    } while (take("\\cup"));
    if (items.size() == 1) return std::move(items.front());
    return node(Kind::join, std::move(items));
  }

  char relation_sign() {
    static constexpr std::array<std::pair<std::string_view, char>, 7> kSigns = {{{"=", '='},
                                                                                 {"<", '<'},
                                                                                 {">", '>'},
                                                                                 {"\\le", 'l'},
                                                                                 {"\\ge", 'g'},
                                                                                 {"\\in", 'e'},
                                                                                 {"\\ne", 'n'}}};
    for (const auto& [sign, name] : kSigns)
      if (take(sign)) return name;
    return '\0';
  }

  Parsed relation() {
    std::vector<Expression> sides;
    std::string signs;
    while (true) {
      Parsed side = sum();
      if (!side) return {};
      sides.push_back(std::move(*side));
      const char sign = relation_sign();
      if (sign == '\0') break;
      signs += sign;
    }
    if (sides.size() == 1) return std::move(sides.front());
    return node(Kind::relation, std::move(sides), std::move(signs));
  }

  Parsed sum() {
    const Level level(depth_);
    if (!level) return {};
    std::vector<Expression> terms;
    if (take("\xc2\xb1")) {
      Parsed only = product();
      return only ? Parsed(node(Kind::plus_minus, {std::move(*only)})) : Parsed();
    }
    bool negative = false;
    while (true) {
      Parsed term = product();
      if (!term) return {};
      terms.push_back(negative ? node(Kind::negative, {std::move(*term)}) : std::move(*term));
      if (take("+")) {
        negative = false;
      } else if (take("-")) {
        negative = true;
      } else {
        break;
      }
    }
    Expression total =
        terms.size() == 1 ? std::move(terms.front()) : node(Kind::sum, std::move(terms));
    if (!take("\xc2\xb1")) return total;
    Parsed other = product();
    if (!other) return {};
    return node(Kind::plus_minus, {std::move(total), std::move(*other)});
  }

  // Does what follows stand for a factor without a sign before it?
  bool factor_follows() {
    const char c = peek();
    if (starts("and") || starts("or")) return false;
    if (c == '\\') {
      for (const std::string_view no :
           {"\\cup", "\\le", "\\ge", "\\in", "\\ne", "\\}", "\\end", "\\\\"})
        if (starts(no)) return false;
      return true;
    }
    return base::is_letter(c) || c == '(' || c == '{' || c == '[';
  }

  Parsed product() {
    Parsed left = signed_power();
    while (left) {
      const bool divides = take("/");
      if (!divides && !take("*") && !factor_follows()) break;
      Parsed right = signed_power();
      if (!right) return {};
      left = node(divides ? Kind::quotient : Kind::product, {std::move(*left), std::move(*right)});
    }
    return left;
  }

  Parsed signed_power() {
    const Level level(depth_);
    if (!level) return {};
    if (take("-")) {
      Parsed part = signed_power();
      return part ? Parsed(node(Kind::negative, {std::move(*part)})) : Parsed();
    }
    if (take("+")) return signed_power();
    return power();
  }

  Parsed power() {
    Parsed base = postfix();
    if (!base || !take("^")) return base;
    Parsed exponent = peek() == '{' ? braced() : signed_small();
    if (!exponent) return {};
    return node(Kind::power, {std::move(*base), std::move(*exponent)});
  }

  // The exponent of x^2 or x^-2, without braces.
  Parsed signed_small() {
    if (take("-")) {
      Parsed part = power();
      return part ? Parsed(node(Kind::negative, {std::move(*part)})) : Parsed();
    }
    return power();
  }

  Parsed postfix() {
    Parsed part = primary();
    while (part) {
      if (take("!"))
        part = node(Kind::factorial, {std::move(*part)});
      else if (take("%"))
        part = node(Kind::percent, {std::move(*part)});
      else if (take("\xc2\xb0"))
        part = node(Kind::degree, {std::move(*part)});
      else
        break;
    }
    return part;
  }

  Parsed primary() {
    const char c = peek();
    if (base::is_digit(c) || (c == '.' && at_ + 1 < text_.size() && base::is_digit(text_[at_ + 1])))
      return number();
    if (c == '(' || c == '[') return bracketed();
    if (c == '{') return braced();
    if (c == '|') return absolute();
    if (c == '\\') return command();
    if (base::is_letter(c)) return word();
    return {};
  }

  // ---- numbers

  // Digits; "1,234" is one number outside brackets.
  std::string digits() {
    std::string digits;
    while (at_ < text_.size() && base::is_digit(text_[at_])) digits += text_[at_++];
    const auto group = [&] {
      const std::string_view r = rest();
      return brackets_ == 0 && r.size() > 3 && r[0] == ',' && base::is_digit(r[1]) &&
             base::is_digit(r[2]) && base::is_digit(r[3]) &&
             (r.size() == 4 || !base::is_digit(r[4]));
    };
    if (digits.size() > 3) return digits;
    while (group()) {
      digits += text_.substr(at_ + 1, 3);
      at_ += 4;
    }
    return digits;
  }

  static Expression number_of(const std::string& text) {
    return {Kind::number, text, std::strtod(text.c_str(), nullptr), {}};
  }

  Parsed number() {
    std::string text = digits();
    bool whole = true;
    if (at_ + 1 < text_.size() && text_[at_] == '.' && base::is_digit(text_[at_ + 1])) {
      whole = false;
      text += text_[at_++];
      while (at_ < text_.size() && base::is_digit(text_[at_])) text += text_[at_++];
    }
    if (scientific(text)) whole = false;
    Expression number = number_of(text);
    if (whole && starts("_")) return {};  // a number in another base: compared as text
    return whole ? mixed(std::move(number)) : std::move(number);
  }

  // "e5" or "E-5" behind a number, where digits follow.
  bool scientific(std::string& text) {
    std::size_t i = at_;
    if (i >= text_.size() || (text_[i] != 'e' && text_[i] != 'E')) return false;
    ++i;
    if (i < text_.size() && (text_[i] == '-' || text_[i] == '+')) ++i;
    if (i >= text_.size() || !base::is_digit(text_[i])) return false;
    while (i < text_.size() && base::is_digit(text_[i])) ++i;
    text += text_.substr(at_, i - at_);
    at_ = i;
    return true;
  }

  // {12}{5} or 12: what is no fraction of two whole numbers is a factor, 3\frac{x}{2}.
  static bool plain_fraction(std::string_view text) {
    const auto take_braced = [&text] {
      std::size_t i = 1;
      while (i < text.size() && base::is_digit(text[i])) ++i;
      const bool braced = text.starts_with("{") && i > 1 && i < text.size() && text[i] == '}';
      if (braced) text.remove_prefix(i + 1);
      return braced;
    };
    if (text.size() > 1 && base::is_digit(text[0]) && base::is_digit(text[1])) return true;
    return take_braced() && take_braced();
  }

  // 3\frac{1}{2} and 3 1/2 are sums.
  Expression mixed(Expression number) {
    const std::size_t start = at_;
    const bool space = at_ < text_.size() && text_[at_] == ' ';
    if (starts("\\frac") && plain_fraction(rest().substr(5))) {
      Parsed part = command();
      if (part) return node(Kind::sum, {std::move(number), std::move(*part)});
    } else if (space && base::is_digit(peek())) {
      const std::string top = digits();
      if (at_ < text_.size() && text_[at_] == '/') {
        ++at_;
        const std::string bottom = digits();
        if (!bottom.empty())
          return node(Kind::sum, {std::move(number),
                                  node(Kind::quotient, {number_of(top), number_of(bottom)})});
      }
    }
    at_ = start;
    return number;
  }

  // ---- brackets

  // (a), (a, b), [a, b), …
  Parsed bracketed() {
    const Level level(depth_);
    if (!level) return {};
    const char open = text_[at_++];
    ++brackets_;
    Parsed inside = list(/*bracketed=*/true);
    --brackets_;
    if (!inside) return {};
    const char close = peek();
    if (close != ')' && close != ']') return {};
    ++at_;
    const bool two = inside->kind == Kind::list && inside->parts.size() == 2;
    if (open == '(' && close == ')') {
      if (inside->kind == Kind::list) inside->kind = Kind::tuple;
      return inside;
    }
    if (two) return node(Kind::interval, std::move(inside->parts), std::string{open, close});
    if (open != '[' || close != ']') return {};
    if (inside->kind == Kind::list) inside->kind = Kind::tuple;
    return inside;
  }

  Parsed braced() {
    const Level level(depth_);
    if (!level || !take("{")) return {};
    Parsed inside = list(/*bracketed=*/true);
    return inside && take("}") ? inside : Parsed();
  }

  Parsed absolute() {
    ++at_;
    Parsed inside = sum();
    if (!inside || !take("|")) return {};
    return node(Kind::absolute, {std::move(*inside)});
  }

  // ---- words and commands

  std::string letters() {
    std::string word;
    while (at_ < text_.size() && base::is_letter(text_[at_])) word += text_[at_++];
    return word;
  }

  // The argument of a command: {…}, one digit, or one factor.
  Parsed argument() {
    if (peek() == '{') return braced();
    if (base::is_digit(peek())) return number_of(std::string(1, text_[at_++]));
    return primary();
  }

  Parsed command() {
    const std::size_t start = at_++;
    if (take("{")) return set();
    const std::string name = letters();
    if (name == "frac") return fraction();
    if (name == "pi" || name == "varnothing") return symbol(name == "pi" ? "pi" : "emptyset");
    if (name == "infty") return symbol("infinity");
    if (name == "text") return words();
    if (name == "begin") return matrix();
    if (is_function(name)) return function(name);
    static const std::string kGreek =
        " alpha beta gamma delta epsilon theta lambda mu nu rho sigma tau phi varphi psi omega ";
    if (!name.empty() && kGreek.find(" " + name + " ") != std::string::npos) return symbol(name);
    at_ = start;
    return {};
  }

  Parsed fraction() {
    const Level level(depth_);
    if (!level) return {};
    Parsed top = argument();
    if (!top) return {};
    Parsed bottom = argument();
    if (!bottom) return {};
    return node(Kind::quotient, {std::move(*top), std::move(*bottom)});
  }

  Parsed set() {
    ++brackets_;
    std::vector<Expression> parts;
    if (!starts("\\}")) {
      Parsed inside = list(/*bracketed=*/true);
      --brackets_;
      if (!inside) return {};
      if (inside->kind == Kind::list)
        parts = std::move(inside->parts);
      else
        parts.push_back(std::move(*inside));
    } else {
      --brackets_;
    }
    if (!take("\\}")) return {};
    return node(Kind::set, std::move(parts));
  }

  // \text{…}: words as they are.
  Parsed words() {
    if (!take("{")) return {};
    const auto close = text_.find('}', at_);
    if (close == std::string_view::npos) return {};
    const std::string_view inside = text_.substr(at_, close - at_);
    at_ = close + 1;
    return Expression{Kind::text, lower(trim(inside)), 0, {}};
  }

  Parsed function(const std::string& name) {
    const Level level(depth_);
    if (!level) return {};
    std::vector<Expression> parts;
    if (name == "sqrt" && take("[")) {
      Parsed index = sum();
      if (!index || !take("]")) return {};
      Parsed of = argument();
      if (!of) return {};
      return node(Kind::power,
                  {std::move(*of), node(Kind::quotient, {number_of("1"), std::move(*index)})});
    }
    if (name == "log" && take("_")) {
      Parsed base = argument();
      if (!base) return {};
      parts.push_back(std::move(*base));
    }
    Parsed exponent;
    if (name != "sqrt" && take("^")) {
      exponent = peek() == '{' ? braced() : number();
      if (!exponent) return {};
    }
    Parsed of = name == "sqrt" ? argument() : peek() == '{' ? braced() : power();
    if (!of) return {};
    if (name == "abs") return node(Kind::absolute, {std::move(*of)});
    parts.push_back(std::move(*of));
    Expression value = node(Kind::function, std::move(parts), name);
    if (!exponent) return value;
    return node(Kind::power, {std::move(value), std::move(*exponent)});
  }

  Parsed matrix() {
    if (!take("{")) return {};
    const std::string name = letters();
    if (!name.ends_with("matrix") || !take("}")) return {};
    std::vector<Expression> rows(1, node(Kind::tuple, {}));
    while (true) {
      Parsed item = sum();
      if (!item) return {};
      rows.back().parts.push_back(std::move(*item));
      if (take("&")) continue;
      if (take("\\\\")) {
        if (starts("\\end")) break;
        rows.push_back(node(Kind::tuple, {}));
        continue;
      }
      break;
    }
    if (!take("\\end") || !take("{") || letters() != name || !take("}")) return {};
    return node(Kind::matrix, std::move(rows));
  }

  // A run of letters: a function, a constant, or variables side by side; three letters that are
  // none of these are a word, and no mathematics.
  Parsed word() {
    const std::size_t start = at_;
    const std::string name = letters();
    if (is_function(name)) return function(name);
    if (name == "pi") return symbol("pi");
    if (name == "infinity" || name == "inf" || name == "oo") return symbol("infinity");
    if (name.size() > 2) return {};
    at_ = start + 1;
    std::string one(1, text_[start]);
    if (take("_")) {  // x_1
      const std::size_t begin = at_;
      if (peek() == '{') {
        const auto close = text_.find('}', at_);
        if (close == std::string_view::npos) return {};
        at_ = close + 1;
      } else {
        ++at_;
      }
      one += "_" + std::string(text_.substr(begin, std::min(at_, text_.size()) - begin));
      at_ = std::min(at_, text_.size());
    }
    return symbol(one);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0, brackets_ = 0;
};

// ---- values

using Value = std::optional<std::complex<double>>;

std::uint64_t scrambled(std::uint64_t seed, std::string_view name) {
  for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 0x9E3779B97F4A7C15u;
  seed ^= seed >> 29;
  return seed * 0xBF58476D1CE4E5B9u;
}

// Between 0.5 and 2.5, or between -2.5 and -0.5: away from 0, where much is equal.
std::complex<double> place(const std::string& name, std::uint64_t seed, const Names& positive) {
  if (name == "pi") return 3.14159265358979323846;
  if (name == "e") return 2.71828182845904523536;
  if (name == "i") return {0, 1};
  const std::uint64_t drawn = scrambled(seed + 1, name);
  const double size = 0.5 + 2 * static_cast<double>(drawn >> 11) / 9007199254740992.0;
  return (drawn & 1) != 0 && !positive.contains(name) ? -size : size;
}

std::complex<double> applied(const std::string& f, std::complex<double> x) {
  if (f == "sqrt") return std::sqrt(x);
  if (f == "sin") return std::sin(x);
  if (f == "cos") return std::cos(x);
  if (f == "tan") return std::tan(x);
  if (f == "cot") return 1.0 / std::tan(x);
  if (f == "sec") return 1.0 / std::cos(x);
  if (f == "csc") return 1.0 / std::sin(x);
  if (f == "arcsin") return std::asin(x);
  if (f == "arccos") return std::acos(x);
  if (f == "arctan") return std::atan(x);
  if (f == "sinh") return std::sinh(x);
  if (f == "cosh") return std::cosh(x);
  if (f == "tanh") return std::tanh(x);
  if (f == "exp") return std::exp(x);
  return f == "log" ? std::log10(x) : std::log(x);
}

Value finite(std::complex<double> z) {
  if (!std::isfinite(z.real()) || !std::isfinite(z.imag())) return {};
  return z;
}

}  // namespace

Value value_of(const Expression& e, std::uint64_t seed, const Names& positive) {
  std::vector<std::complex<double>> parts;
  for (const Expression& part : e.parts) {
    const Value value = value_of(part, seed, positive);
    if (!value) return {};
    parts.push_back(*value);
  }
  switch (e.kind) {
    case Kind::number:
      return finite(e.value);
    case Kind::symbol:
      if (e.name == "infinity" || e.name == "emptyset") return {};
      return place(e.name, seed, positive);
    case Kind::sum: {
      std::complex<double> total = 0;
      for (const auto& part : parts) total += part;
      return finite(total);
    }
    case Kind::product:
      return finite(parts[0] * parts[1]);
    case Kind::quotient:
      return parts[1] == 0.0 ? Value() : finite(parts[0] / parts[1]);
    case Kind::power:
      if (parts[0].imag() == 0 && parts[1].imag() == 0 &&
          (parts[0].real() > 0 || parts[1].real() == std::floor(parts[1].real())))
        return finite(std::pow(parts[0].real(), parts[1].real()));  // exact where it can be
      if (parts[0] == 0.0) return parts[1].real() > 0 ? Value(0.0) : Value();
      return finite(std::pow(parts[0], parts[1]));
    case Kind::negative:
      return -parts[0];
    case Kind::factorial:
      if (parts[0].imag() != 0 || parts[0].real() < 0) return {};
      return finite(std::tgamma(parts[0].real() + 1));
    case Kind::absolute:
      return finite(std::abs(parts[0]));
    case Kind::function:
      if (parts.size() == 2) return finite(std::log(parts[1]) / std::log(parts[0]));
      return finite(applied(e.name, parts[0]));
    case Kind::percent:
    case Kind::degree:
      return parts[0];
    default:
      return {};
  }
}

bool is_variable(const Expression& e) {
  return e.kind == Kind::symbol && e.name != "pi" && e.name != "e" && e.name != "i" &&
         e.name != "infinity" && e.name != "emptyset";
}

bool has_variables(const Expression& e) {
  return is_variable(e) || std::any_of(e.parts.begin(), e.parts.end(), has_variables);
}

std::optional<Expression> parse_expression(std::string_view text) {
  if (text.size() > kLongest) return {};
  const std::string plain = respelled(text);
  return Parser(trim(plain)).whole();
}

}  // namespace cairn::base
