#include "tool/logic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"

namespace cairn::tool {
namespace {

constexpr std::size_t kLongest = 64u << 10;
constexpr std::size_t kDeepest = 100;

// Connectives, the weakest first.
struct Connective {
  std::array<std::string_view, 4> signs;
  const char* smt;
};
constexpr std::array<Connective, 5> kConnectives = {
    {{{"<->", "iff", "\xe2\x86\x94", "\xe2\x9f\xb7"}, "="},
     {{"->", "implies", "\xe2\x86\x92", "\xe2\x87\x92"}, "=>"},
     {{"xor", "\xe2\x8a\x95", "\xe2\x8a\xbb", "\xe2\x87\x8e"}, "xor"},
     {{"or", "\xe2\x88\xa8", "||", "|"}, "or"},
     {{"and", "\xe2\x88\xa7", "&&", "&"}, "and"}}};
constexpr std::array<std::string_view, 3> kNot = {"not", "\xc2\xac", "~"};
constexpr std::array<std::string_view, 3> kAll = {"all", "\xe2\x88\x80", "forall"};
constexpr std::array<std::string_view, 3> kSome = {"some", "\xe2\x88\x83", "exists"};
constexpr std::array<std::string_view, 2> kUnequal = {"!=", "\xe2\x89\xa0"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '\'';
}

bool is_sign(std::string_view text) {
  static const std::set<std::string_view> kSigns = [] {
    std::set<std::string_view> signs(kUnequal.begin(), kUnequal.end());
    for (const auto* more : {&kNot, &kAll, &kSome}) signs.insert(more->begin(), more->end());
    for (const Connective& connective : kConnectives)
      signs.insert(connective.signs.begin(), connective.signs.end());
    return signs;
  }();
  return kSigns.contains(text);
}

// A character outside ASCII that is no sign of ours.
std::size_t foreign_letter(std::string_view rest) {
  if (static_cast<unsigned char>(rest[0]) < 0x80) return 0;
  const std::size_t length = base::utf8_length(rest);
  return is_sign(rest.substr(0, length)) ? 0 : length;
}

std::size_t name_length(std::string_view rest) {
  std::size_t n = 0;
  while (n < rest.size()) {
    const bool hyphen = rest[n] == '-' && n > 0 && n + 1 < rest.size() && is_word(rest[n + 1]);
    const std::size_t step = is_word(rest[n]) || hyphen ? 1 : foreign_letter(rest.substr(n));
    if (step == 0) break;
    n += step;
  }
  return n;
}

struct Trouble {
  std::string what;
};

// Names with a mark each: no predicate is taken for a thing, or for a word of SMT-LIB.
std::string predicate_of(const std::string& name, std::size_t arity) {
  return fmt::format("|{}/{}|", name, arity);
}

// Reads one formula; what it is made of is declared in the vocabulary that all lines share.
class Reader {
 public:
  struct Vocabulary {
    std::set<std::string> things;
    std::map<std::string, std::size_t> arity;  // of each predicate
  };

  Reader(std::string_view line, Vocabulary& known) : text_(line), known_(known) {}

  // Errors: Trouble.
  std::string whole() {
    std::string formula = connected(0);
    if (take(".") && peek().empty()) return formula;
    if (!peek().empty()) fail("this is left over");
    return formula;
  }

 private:
  [[noreturn]] void fail(const std::string& what) {
    const std::string_view at = peek().substr(0, 40);
    throw Trouble{at.empty() ? what + " at the end of the line"
                             : fmt::format("{} at \"{}\"", what, base::printable(at))};
  }

  std::string_view peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return text_.substr(at_);
  }
  bool take(std::string_view sign) {
    const std::string_view rest = peek();
    if (!rest.starts_with(sign)) return false;
    if (is_word(sign[0]) && name_length(rest) != sign.size()) return false;
    at_ += sign.size();
    return true;
  }
  template <std::size_t N>
  bool take_one(const std::array<std::string_view, N>& signs) {
    return std::any_of(signs.begin(), signs.end(), [this](auto sign) { return take(sign); });
  }
  std::string name() {
    const std::size_t length = name_length(peek());
    if (length == 0 || is_sign(peek().substr(0, length))) fail("a name is missing");
    at_ += length;
    return std::string(text_.substr(at_ - length, length));
  }

  // Operands with connectives of one strength between them.
  std::string connected(std::size_t strength) {
    if (strength == kConnectives.size()) return factor();
    std::vector<std::string> operands = {connected(strength + 1)};
    while (take_one(kConnectives[strength].signs)) operands.push_back(connected(strength + 1));
    if (operands.size() == 1) return operands[0];
    if (strength == 0 && operands.size() > 2) fail("of two <-> one needs brackets");
    return fmt::format("({} {})", kConnectives[strength].smt, fmt::join(operands, " "));
  }

  std::string factor() {
    if (++depth_ > kDeepest) fail(fmt::format("more than {} levels of nesting", kDeepest));
    std::string formula;
    if (take_one(kNot))
      formula = "(not " + factor() + ")";
    else if (take_one(kAll))
      formula = quantified("forall");
    else if (take_one(kSome))
      formula = quantified("exists");
    else if (take("("))
      formula = bracketed();
    else
      formula = atom();
    --depth_;
    return formula;
  }

  std::string bracketed() {
    std::string formula = connected(0);
    if (!take(")")) fail("a closing bracket is missing");
    return formula;
  }

  std::string quantified(const char* quantifier) {
    const std::size_t outside = bound_.size();
    std::string variables;
    do {
      bound_.push_back(name());
      if (bound_.size() > kDeepest) fail(fmt::format("more than {} variables", kDeepest));
      variables += fmt::format("(|?{}| Thing)", bound_.back());
    } while (take(","));
    const std::string formula = take(":") ? connected(0) : factor();
    bound_.resize(outside);
    return fmt::format("({} ({}) {})", quantifier, variables, formula);
  }

  std::string term(const std::string& name) {
    if (std::find(bound_.begin(), bound_.end(), name) != bound_.end())
      return fmt::format("|?{}|", name);
    known_.things.insert(name);
    return fmt::format("|.{}|", name);
  }

  // p, p(a, b), a = b
  std::string atom() {
    const std::string first = name();
    if (take("=")) return fmt::format("(= {} {})", term(first), term(name()));
    if (take_one(kUnequal)) return fmt::format("(distinct {} {})", term(first), term(name()));
    std::vector<std::string> terms;
    if (take("(")) {
      do terms.push_back(term(name()));
      while (take(","));
      if (!take(")")) fail("a comma or a closing bracket is missing");
    }
    const auto [known, fresh] = known_.arity.emplace(first, terms.size());
    if (known->second != terms.size())
      throw Trouble{fmt::format("{} stands with {} things here and with {} before", first,
                                terms.size(), known->second)};
    const std::string predicate = predicate_of(first, terms.size());
    return terms.empty() ? predicate : fmt::format("({} {})", predicate, fmt::join(terms, " "));
  }

  const std::string_view text_;
  Reader::Vocabulary& known_;
  std::vector<std::string> bound_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

std::string declarations(const Reader::Vocabulary& known) {
  std::string text = "(declare-sort Thing 0)\n";
  for (const std::string& thing : known.things)
    text += fmt::format("(declare-const |.{}| Thing)\n", thing);
  for (const auto& [predicate, arity] : known.arity) {
    const std::vector<std::string_view> sorts(arity, "Thing");
    text += fmt::format("(declare-fun {} ({}) Bool)\n", predicate_of(predicate, arity),
                        fmt::join(sorts, " "));
  }
  return text;
}

std::string checks(const std::vector<std::string>& questions) {
  if (questions.empty()) return "(check-sat)\n";
  std::string text;
  for (const std::string& question : questions)
    text += fmt::format(
        "(push)\n(assert (not {0}))\n(check-sat)\n(pop)\n(push)\n(assert "
        "{0})\n(check-sat)\n(pop)\n",
        question);
  return text;
}

struct Formulas {
  Reader::Vocabulary known;
  std::vector<std::string> premises, questions;
};

void read_line(std::string_view line, Formulas& into) {
  line = base::trim(line.substr(0, line.find('#')));
  if (line.empty()) return;
  constexpr std::string_view kQuestion = "question:";
  const bool question = base::lower(line.substr(0, kQuestion.size())) == kQuestion;
  if (question) line.remove_prefix(kQuestion.size());
  (question ? into.questions : into.premises).push_back(Reader(line, into.known).whole());
}

}  // namespace

Logic read_logic(std::string_view text, int milliseconds) {
  Logic logic;
  if (text.size() > kLongest) {
    logic.trouble = fmt::format("{} bytes are more than {}", text.size(), kLongest);
    return logic;
  }
  Formulas formulas;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    try {
      read_line(text.substr(0, end), formulas);
    } catch (const Trouble& trouble) {
      logic.trouble = fmt::format("line {}: {}", number, trouble.what);
      return logic;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  logic.questions = static_cast<int>(formulas.questions.size());
  logic.smtlib = fmt::format("(set-option :timeout {})\n",
                             std::max(1, milliseconds / std::max(1, 2 * logic.questions)));
  logic.smtlib += declarations(formulas.known);
  for (const std::string& premise : formulas.premises)
    logic.smtlib += fmt::format("(assert {})\n", premise);
  logic.smtlib += checks(formulas.questions);
  return logic;
}

}  // namespace cairn::tool
