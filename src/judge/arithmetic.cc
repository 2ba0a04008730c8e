#include "judge/arithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/text.h"

namespace cairn::judge {
namespace {

enum class Kind { number, sign, open, close, word, unknown, pause, equals, about, end };

struct Lexeme {
  Kind kind;
  char sign = 0;                 // + - * / ^ %
  double value = 0;              // of a number
  int decimals = 0;              // digits after its point
  std::string word = {};         // lower case
  std::size_t from = 0, to = 0;  // bytes of the text
  bool spaced = false;           // white space before it
};

const std::set<std::string, std::less<>> kMeasures = {
    "second", "minute",  "min",    "hour",  "hr",        "day",        "week",       "month",
    "year",   "inch",    "inches", "foot",  "feet",      "ft",         "yard",       "mile",
    "cm",     "mm",      "km",     "meter", "metre",     "kg",         "gram",       "ounce",
    "oz",     "pound",   "lb",     "cent",  "dollar",    "quarter",    "dime",       "nickel",
    "penny",  "pennies", "liter",  "litre", "ml",        "gallon",     "cup",        "pint",
    "quart",  "degree",  "radian", "mph",   "kilometer", "centimeter", "millimeter", "kilogram"};
const std::array<double, 16> kConversions = {60,  3600, 24,  7,  12, 3, 36,   52,
                                             365, 30,   100, 10, 16, 4, 1000, 5280};
// After these a number is no plain number.
const std::set<std::string, std::less<>> kScales = {
    "dozen",   "hundred", "thousand", "million",   "billion", "trillion", "half",
    "halves",  "mod",     "modulo",   "remainder", "pair",    "pairs",    "factorial",
    "squared", "cubed",   "base",     "choose",    "k",       "score",    "rounded"};
// These end a unit: what follows belongs to the sentence.
const std::set<std::string, std::less<>> kSentence = {
    "and",     "or",    "is", "are",  "was", "were",  "equals", "to",   "from",
    "if",      "then",  "so", "than", "but", "which", "that",   "with", "there",
    "because", "since", "we", "he",   "she", "it",    "they"};
// A sentence with one of these may state an equation that it does not hold true.
const std::set<std::string, std::less<>> kDoubts = {
    "not",    "incorrect",  "wrong",   "false",         "doesn't", "isn't",     "suppose",
    "assume", "if",         "cannot",  "contradiction", "instead", "mistake",   "incorrectly",
    "try",    "check",      "would",   "doesn",         "isn",     "remainder", "mod",
    "modulo", "impossible", "neither", "unless",        "error",   "base"};

// ---- text to lexemes

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Lexeme> run() {
    while (at_ < text_.size()) {
      const std::size_t from = at_, known = lexemes_.size();
      one();
      if (at_ == from) ++at_;
      for (std::size_t i = known; i < lexemes_.size(); ++i)
        lexemes_[i].from = from, lexemes_[i].to = at_;
      if (lexemes_.size() > known) lexemes_[known].spaced = std::exchange(spaced_, false);
    }
    return std::move(lexemes_);
  }

 private:
  void add(Kind kind, char sign = 0) { lexemes_.push_back({.kind = kind, .sign = sign}); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void one() {
    const char c = peek();
    if (base::is_digit(c) || (c == '.' && base::is_digit(peek(1)))) return number();
    if (base::is_letter(c)) return word();
    if (c == '\n') return line_end();
    if (c == '\\') return command();
    if (static_cast<unsigned char>(c) >= 0x80) return symbol();
    punctuation(c);
  }

  void punctuation(char c) {
    ++at_;
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '&':
      case '$':
        spaced_ = spaced_ || c != '$';
        return;
      case '*':
        if (peek() == '*' && !line_start()) return ++at_, power();
        return line_start() || bold() ? add(Kind::pause) : add(Kind::sign, '*');
      case '-':
      case '+':
        return line_start() && peek() == ' ' ? add(Kind::pause) : add(Kind::sign, c);
      case '/':
      case '^':
      case '%':
        return add(Kind::sign, c);
      case '(':
      case '[':
      case '{':
        return add(Kind::open);
      case ')':
      case ']':
      case '}':
        return add(Kind::close);
      case '=':
        if (peek() == '>') return add(Kind::end);
        if (peek() == '=') ++at_;
        return add(Kind::equals);
      case '<':
      case '>':
      case '!':
      case '~':
        return angle(c);
      case '.':
      case ';':
      case '?':
        return c == '.' && peek() == '.' ? more_dots() : add(Kind::end, c);
      case ',':
      case '"':
      case '\'':
      case '`':
      case '#':
        return add(Kind::pause);
      case ':':
        return add(base::is_digit(peek()) ? Kind::unknown : Kind::pause);
      default:
        return add(Kind::unknown);
    }
  }
  void power() { add(Kind::sign, '^'); }
  // "**" marks bold text: it stands beside a blank or a letter.
  bool bold() const { return peek() == '*' || (at_ >= 2 && text_[at_ - 2] == '*'); }
  void more_dots() {  // "0.333..." is a number, "24 + 23 + ... + 1" is none
    const bool after_digit = at_ >= 2 && base::is_digit(text_[at_ - 2]);
    while (peek() == '.') ++at_;
    if (!after_digit) add(Kind::unknown);
  }
  void angle(char c) {
    if (c == '<' && peek() == '<') return void(++at_);  // <<5*3=15>>15
    if (c == '>' && peek() == '>') return ++at_, add(Kind::end);
    add(c == '~' ? Kind::pause : Kind::unknown);
    if (peek() == '=') ++at_;
  }
  bool line_start() const {
    const std::size_t from = at_ - 1 - std::min(at_ - 1, kLook);
    const std::string_view before = text_.substr(from, at_ - 1 - from);
    const auto last = before.find_last_not_of(" \t*");
    return last == std::string_view::npos || before[last] == '\n';
  }

  // A line that begins with "=" goes on with the one before.
  void line_end() {
    const std::string_view ahead = text_.substr(at_, kLook);
    const auto next = ahead.find_first_not_of(" \t\r\n&");
    if (next != std::string_view::npos && ahead[next] == '=') return void(at_ += next);
    ++at_;
    add(Kind::end);
  }

  void number() {
    std::string digits;
    Lexeme lexeme{.kind = Kind::number};
    while (base::is_digit(peek())) digits += text_[at_++], groups(digits);
    if (peek() == '.' && base::is_digit(peek(1))) {
      digits += text_[at_++];
      while (base::is_digit(peek())) digits += text_[at_++], ++lexeme.decimals;
    }
    lexeme.value = std::strtod(digits.substr(0, 40).c_str(), nullptr);
    if (digits.size() > 15) lexeme.kind = Kind::unknown;  // a double could not hold it
    if (flattened_power(lexeme)) lexeme.kind = Kind::unknown;
    lexemes_.push_back(lexeme);
    if (base::is_letter(peek())) attached();
  }
  // "1.25 x 10-5" stands for a power of ten.
  bool flattened_power(const Lexeme& lexeme) const {
    return lexeme.value == 10 && !lexemes_.empty() && lexemes_.back().sign == '*' &&
           peek() == '-' && base::is_digit(peek(1));
  }
  // "1,234" and "1{,}234": a comma with just three digits after it.
  void groups(const std::string& digits) {
    const std::size_t comma = peek() == ',' ? 1 : text_.substr(at_).starts_with("{,}") ? 3 : 0;
    if (comma == 0 || digits.size() > 12 || digits == "0") return;
    for (std::size_t i = 0; i < 3; ++i)
      if (!base::is_digit(peek(comma + i))) return;
    if (!base::is_digit(peek(comma + 3))) at_ += comma;
  }
  // "300cm" is a number and its unit, "3m" and "2x" may be a product with a variable. "4x5" is not.
  void attached() {
    const std::size_t from = at_;
    while (base::is_letter(peek())) ++at_;
    const std::string unit = base::lower(text_.substr(from, at_ - from));
    if (unit == "x" && base::is_digit(peek())) return add(Kind::sign, '*');
    if (unit == "st" || unit == "nd" || unit == "rd" || unit == "th" || !measure(unit))
      return add(Kind::unknown);
    lexemes_.push_back({.kind = Kind::word, .word = unit});
  }

  static bool measure(const std::string& word) {
    return kMeasures.contains(word) ||
           (word.ends_with('s') && kMeasures.contains(word.substr(0, word.size() - 1)));
  }

  void word() {
    const std::size_t from = at_;
    while (base::is_letter(peek()) || (peek() == '\'' && base::is_letter(peek(1)))) ++at_;
    named(base::lower(text_.substr(from, at_ - from)));
  }
  void named(std::string word) {
    if (word == "plus") return add(Kind::sign, '+');
    if (word == "minus") return add(Kind::sign, '-');
    if (word == "times") return add(Kind::sign, '*');
    if (word == "percent") return add(Kind::sign, '%');
    if (word == "divided" && take(" by")) return add(Kind::sign, '/');
    if (word == "multiplied" && take(" by")) return add(Kind::sign, '*');
    if (word == "of" && share()) return add(Kind::sign, '*');
    if (word == "x" && product()) return add(Kind::sign, '*');
    if (word.size() == 1 && word != "a") return add(Kind::unknown);
    lexemes_.push_back({.kind = Kind::word, .word = std::move(word)});
  }
  // "20% of", "3/4 of"
  bool share() const {
    const std::size_t n = lexemes_.size();
    if (n > 0 && lexemes_[n - 1].kind == Kind::sign) return lexemes_[n - 1].sign == '%';
    return n > 2 && lexemes_[n - 1].kind == Kind::number && lexemes_[n - 2].sign == '/';
  }
  // "4 x 5", "3 apples x $2"
  bool product() const {
    const auto next = text_.find_first_not_of(" $\\(", at_);
    if (next == std::string_view::npos || !base::is_digit(text_[next]) || lexemes_.empty())
      return false;
    const Kind last = lexemes_.back().kind;
    return last == Kind::number || last == Kind::close || last == Kind::word ||
           (last == Kind::sign && lexemes_.back().sign == '%');
  }

  // LaTeX
  void command() {
    ++at_;
    if (!base::is_letter(peek())) return escaped();
    const std::size_t from = at_;
    while (base::is_letter(peek())) ++at_;
    const std::string_view name = text_.substr(from, at_ - from);
    if (name == "times" || name == "cdot") return add(Kind::sign, '*');
    if (name == "div") return add(Kind::sign, '/');
    if (name == "approx") return add(Kind::about);
    if (name == "frac" || name == "dfrac" || name == "tfrac") return fraction();
    if (name == "text" || name == "mathrm" || name == "textbf") return unit();
    if (name == "left" || name == "right" || name == "boxed" || name == "quad") return;
    add(Kind::unknown);
  }
  void escaped() {
    const char c = peek();
    ++at_;
    if (c == '%') return add(Kind::sign, '%');
    if (c == '\\') return add(Kind::end);
    if (c == ']' || c == ')') return add(Kind::end);
    if (c == '[' || c == '(') return add(Kind::pause);
    spaced_ = true;  // \$ \, \! \;
  }
  std::string_view braces() {  // the inside of {…} here; empty when there is none
    if (peek() != '{') return {};
    const std::size_t from = ++at_;
    for (int depth = 1; at_ < text_.size(); ++at_) {
      depth += peek() == '{' ? 1 : peek() == '}' ? -1 : 0;
      if (depth == 0) return text_.substr(from, at_++ - from);
    }
    return {};
  }
  void unit() {
    const std::string_view inside = braces();
    for (const char c : inside)
      if (!base::is_letter(c) && c != ' ') return add(Kind::unknown);
    std::string word = base::lower(base::trim(inside));
    if (!word.empty()) lexemes_.push_back({.kind = Kind::word, .word = std::move(word)});
  }
  void fraction() {
    const std::string above(braces()), below(braces());
    const auto plain =
        [](const std::string& s) {  // no fraction inside a fraction: enough for prose
          return !s.empty() && s.find('\\') == std::string::npos;
        };
    if (!plain(above) || !plain(below)) return add(Kind::unknown);
    add(Kind::open);
    inside(above);
    add(Kind::sign, '/');
    inside(below);
    add(Kind::close);
  }
  void inside(const std::string& text) {
    add(Kind::open);
    for (Lexeme& lexeme : Lexer(text).run()) lexemes_.push_back(std::move(lexeme));
    add(Kind::close);
  }

  void symbol() {
    if (take("×") || take("·") || take("∙") || take("⋅")) return add(Kind::sign, '*');
    if (take("÷")) return add(Kind::sign, '/');
    if (take("−") || take("–")) return add(Kind::sign, '-');
    if (take("≈")) return add(Kind::about);
    if (take("£") || take("€") || take("\u00a0")) return;
    if (take("’") || take("“") || take("”")) return add(Kind::pause);
    at_ += std::max<std::size_t>(1, base::utf8_length(text_.substr(at_)));
    add(Kind::unknown);
  }

  static constexpr std::size_t kLook = 64;  // bytes looked at for the start of a line

  const std::string_view text_;
  std::size_t at_ = 0;
  bool spaced_ = false;
  std::vector<Lexeme> lexemes_;
};

// ---- lexemes to values

// A value as it is stated: a lone number may be rounded.
struct Value {
  double number = 0;
  bool lone = true;  // one number, no operation
  int decimals = 0;  // of a lone number
  int most_decimals = 0;
};

class Parser {
 public:
  // `percent`: 1 or 0.01, what a percent sign multiplies by.
  Parser(std::span<const Lexeme> lexemes, double percent) : lexemes_(lexemes), percent_(percent) {}

  // The longest expression at the start, with the units after it.
  std::optional<Value> longest() {
    const std::optional<Value> value = sum();
    if (failed_) return std::nullopt;
    return value;
  }
  std::size_t taken() const { return at_; }

 private:
  const Lexeme* peek(std::size_t ahead = 0) const {
    return at_ + ahead < lexemes_.size() ? &lexemes_[at_ + ahead] : nullptr;
  }
  bool at_sign(char a, char b = 0) const {
    const Lexeme* lexeme = peek();
    return lexeme && lexeme->kind == Kind::sign && (lexeme->sign == a || (b && lexeme->sign == b));
  }
  std::optional<Value> fail() {
    failed_ = true;
    return std::nullopt;
  }

  std::optional<Value> sum() {
    std::optional<Value> left = product();
    while (left && at_sign('+', '-')) {
      const char sign = lexemes_[at_++].sign;
      const std::optional<Value> right = product();
      if (!right) return fail();
      left = joined(*left, *right,
                    sign == '+' ? left->number + right->number : left->number - right->number);
    }
    return left;
  }

  std::optional<Value> product() {
    std::optional<Value> left = power();
    while (left && (at_sign('*', '/') || bracket_follows())) {
      const char sign = at_sign('*', '/') ? lexemes_[at_++].sign : '*';
      const std::optional<Value> right = power();
      if (!right || (sign == '/' && right->number == 0)) return fail();
      left = joined(*left, *right,
                    sign == '*' ? left->number * right->number : left->number / right->number);
    }
    return left;
  }
  bool bracket_follows() const {  // 2(3 + 4), (1)(2)
    return peek() && at_ > 0 && peek()->kind == Kind::open && !peek()->spaced &&
           (lexemes_[at_ - 1].kind == Kind::number || lexemes_[at_ - 1].kind == Kind::close);
  }

  std::optional<Value> power() {
    if (++depth_ > 64) return fail();
    std::optional<Value> base = signed_one();
    if (base && at_sign('^')) {
      ++at_;
      const std::optional<Value> exponent = signed_one();
      if (!exponent || negated_) return fail();  // -2^2: two readings
      base = joined(*base, *exponent, std::pow(base->number, exponent->number));
    }
    --depth_;
    return base;
  }

  std::optional<Value> signed_one() {
    negated_ = false;
    if (!at_sign('-', '+')) return one();
    const bool minus = lexemes_[at_++].sign == '-';
    std::optional<Value> value = one();
    if (!value) return fail();
    if (minus) value->number = -value->number;
    negated_ = minus;
    return value;
  }

  std::optional<Value> one() {
    const Lexeme* lexeme = peek();
    if (!lexeme) return std::nullopt;
    std::optional<Value> value;
    if (lexeme->kind == Kind::number) value = number();
    if (lexeme->kind == Kind::open) value = bracket();
    if (!value) return std::nullopt;
    if (at_sign('%')) ++at_, value->number *= percent_;
    units();
    return value;
  }

  Value number() {
    const Lexeme& lexeme = lexemes_[at_++];
    Value value{lexeme.value, true, lexeme.decimals, lexeme.decimals};
    const auto whole = [&](std::size_t i, bool spaced) {
      const Lexeme* t = peek(i);
      return t && t->kind == Kind::number && t->decimals == 0 && (!spaced || t->spaced);
    };
    const Lexeme* slash = peek(1);
    if (lexeme.decimals == 0 && whole(0, true) && slash && slash->sign == '/' && whole(2, false) &&
        peek(2)->value > peek()->value) {  // 1 1/2
      value.number += peek()->value / peek(2)->value;
      value.lone = false;
      at_ += 3;
    }
    return value;
  }

  std::optional<Value> bracket() {
    ++at_;
    std::optional<Value> value = sum();
    if (!value || !peek() || peek()->kind != Kind::close) return fail();
    ++at_;
    return value;
  }

  // "pounds", "cups per chicken", "/hour"
  void units() {
    for (int words = 0; words < 5; ++words) {
      const Lexeme* lexeme = peek();
      if (!lexeme) return;
      const bool rate = lexeme->sign == '/' && peek(1) && peek(1)->kind == Kind::word;
      const Lexeme& word = rate ? *peek(1) : *lexeme;
      if (word.kind != Kind::word || kSentence.contains(word.word)) return;
      at_ += rate ? 2 : 1;
    }
  }

  static Value joined(const Value& a, const Value& b, double number) {
    return {number, false, 0, std::max(a.most_decimals, b.most_decimals)};
  }

  const std::span<const Lexeme> lexemes_;
  const double percent_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false, negated_ = false;
};

// ---- equations

using Side = std::span<const Lexeme>;

// What may stand beside an expression without being a part of it.
bool clean(const Lexeme& lexeme) {
  return lexeme.kind == Kind::pause || lexeme.kind == Kind::end ||
         (lexeme.kind == Kind::word && !kScales.contains(lexeme.word));
}

bool clean(const Lexeme& before, const Lexeme& first) {
  return clean(before) && (before.kind != Kind::word || first.spaced);  // not "log10"
}

// "24 (in all)"
bool remark(Side side, std::size_t at) {
  return side[at].kind == Kind::open && side[at].spaced && at + 1 < side.size() &&
         side[at + 1].kind == Kind::word;
}

struct Read {
  Value value;
  std::size_t from, to;  // in the side's lexemes
};

// The longest expression that ends where the side ends.
std::optional<Read> read_left(Side side, double percent) {
  for (std::size_t from = side.size() - std::min<std::size_t>(side.size(), 120); from < side.size();
       ++from) {
    const Kind kind = side[from].kind;
    const bool minus = kind == Kind::sign && side[from].sign == '-';  // "cost - 3" is a difference
    if (minus && (from + 1 == side.size() || side[from + 1].spaced)) continue;
    if (kind != Kind::number && kind != Kind::open && !minus) continue;
    Parser parser(side.subspan(from), percent);
    const std::optional<Value> value = parser.longest();
    if (!value || parser.taken() != side.size() - from) continue;
    if (from > 0 && !clean(side[from - 1], side[from])) return std::nullopt;
    return Read{*value, from, side.size()};
  }
  return std::nullopt;
}

// The longest expression that begins where the side begins.
std::optional<Read> read_right(Side side, double percent) {
  std::size_t from = 0;
  while (from < side.size() && side[from].kind == Kind::pause) ++from;
  Parser parser(side.subspan(from), percent);
  const std::optional<Value> value = parser.longest();
  const std::size_t to = from + parser.taken();
  if (!value || (to < side.size() && !clean(side[to]) && !remark(side, to))) return std::nullopt;
  return Read{*value, from, to};
}

// Whether two sides agree, as far as the stated digits say. About: within 2 %.
bool agree(double left, const Value& right, bool about) {
  const double difference = std::abs(left - right.number);
  const double scale = std::max({1.0, std::abs(left), std::abs(right.number)});
  if (difference <= 1e-9 * scale) return true;
  const bool whole = std::abs(left - std::round(left)) < 1e-9;
  const double last_digit = std::pow(10.0, -right.most_decimals);
  const double room = whole && right.most_decimals == 0 ? 0 : last_digit;
  return difference < room * (1 + 1e-9) || (about && difference <= 0.02 * scale) ||
         (!whole && difference <= 0.005 * scale);
}

bool has_measure(Side side) {
  return std::any_of(side.begin(), side.end(), [](const Lexeme& lexeme) {
    const std::string& w = lexeme.word;
    return kMeasures.contains(w) ||
           (w.ends_with('s') && kMeasures.contains(w.substr(0, w.size() - 1)));
  });
}
// "3 puzzles = 3 x 4": the left side names what is computed.
bool names_something(Side side, const Read& left) {
  return left.value.lone && (side.size() > 1 || side.front().kind != Kind::number);
}
// "1 hour - 20 minutes"
bool mixes_measures(Side side) {
  std::set<std::string> seen;
  bool sum = false;
  for (const Lexeme& lexeme : side) {
    sum = sum || lexeme.sign == '+' || lexeme.sign == '-';
    const bool plural = lexeme.word.ends_with('s');
    const std::string one = lexeme.word.substr(0, lexeme.word.size() - (plural ? 1 : 0));
    if (kMeasures.contains(one)) seen.insert(one);
  }
  return sum && seen.size() > 1;
}
bool has_scale(Side side) {
  return std::any_of(side.begin(), side.end(),
                     [](const Lexeme& lexeme) { return kScales.contains(lexeme.word); });
}

bool converts(double left, double right) {
  if (left == 0 || right == 0) return false;
  const double ratio = std::max(std::abs(left / right), std::abs(right / left));
  return std::any_of(kConversions.begin(), kConversions.end(),
                     [&](double known) { return std::abs(ratio / known - 1) < 0.005; });
}

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text), lexemes_(Lexer(text).run()) {}

  Arithmetic run() {
    std::size_t from = 0;
    for (std::size_t i = 0; i <= lexemes_.size(); ++i)
      if (i == lexemes_.size() || lexemes_[i].kind == Kind::end) {
        const bool asked = i < lexemes_.size() && lexemes_[i].sign == '?';
        if (!asked) clause(Side(lexemes_).subspan(from, i - from));
        from = i + 1;
      }
    return result_;
  }

 private:
  void clause(Side clause) {
    for (const Lexeme& lexeme : clause)
      if (kDoubts.contains(lexeme.word)) return;
    std::vector<std::size_t> marks;
    for (std::size_t i = 0; i < clause.size(); ++i)
      if (clause[i].kind == Kind::equals || clause[i].kind == Kind::about) marks.push_back(i);
    for (std::size_t i = 0; i < marks.size(); ++i) {
      const std::size_t from = i == 0 ? 0 : marks[i - 1] + 1;
      const std::size_t to = i + 1 == marks.size() ? clause.size() : marks[i + 1];
      equation(clause.subspan(from, marks[i] - from),
               clause.subspan(marks[i] + 1, to - marks[i] - 1),
               clause[marks[i]].kind == Kind::about);
    }
  }

  void equation(Side left, Side right, bool about) {
    const auto a = read_left(left, 0.01), b = read_right(right, 0.01);
    if (!a || !b || (a->value.lone && b->value.lone)) return;
    const Side read_a = left.subspan(a->from), read_b = right.subspan(b->from, b->to - b->from);
    if (has_scale(read_a) || has_scale(read_b) || names_something(left, *a) ||
        mixes_measures(read_a))
      return;
    ++result_.equations;
    if (result_.false_one || holds(left, right, *a, *b, about)) return;
    if ((has_measure(read_a) || has_measure(read_b)) && converts(a->value.number, b->value.number))
      return;
    const std::size_t start = read_a.front().from, end = read_b.back().to;
    result_.false_one =
        fmt::format("{}: it is {:.10g}", text_.substr(start, end - start), a->value.number);
  }

  // With percent signs as hundredths, or as a unit: "100 - 20% = 80", "0.25 * 100 = 25%".
  static bool holds(Side left, Side right, const Read& a, const Read& b, bool about) {
    if (agree(a.value.number, b.value, about)) return true;
    const auto percent = [](Side side) {
      return std::any_of(side.begin(), side.end(), [](const Lexeme& t) { return t.sign == '%'; });
    };
    if (!percent(left) && !percent(right)) return false;
    const auto plain_a = read_left(left, 1), plain_b = read_right(right, 1);
    if (!plain_a || !plain_b) return true;
    return agree(plain_a->value.number, plain_b->value, about) ||
           agree(a.value.number, plain_b->value, about) ||
           agree(plain_a->value.number, b.value, about) ||
           agree(100 * a.value.number, plain_b->value, about);
  }

  const std::string_view text_;
  const std::vector<Lexeme> lexemes_;
  Arithmetic result_;
};

}  // namespace

Arithmetic check_arithmetic(std::string_view text) {
  return Checker(text).run();
}

}  // namespace cairn::judge
