#include "cairn/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "answer/list.h"
#include "answer/math.h"
#include "answer/number.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cairn/error.h"

namespace cairn {
namespace {

using Found = std::optional<std::string>;

Found non_empty(std::string_view text) {
  text = base::trim(text);
  if (text.empty()) return {};
  return std::string(text);
}

// Markdown, mathematics and quotes around an answer, and the stop after it.
std::string_view unwrapped(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    text = base::trim(text);
    for (const std::string_view mark : {"**", "\\(", "\\)", "\\[", "\\]", "$$", "`", "\"", "*"}) {
      if (text.starts_with(mark)) text.remove_prefix(mark.size()), again = true;
      if (text.ends_with(mark)) text.remove_suffix(mark.size()), again = true;
    }
    if (text.size() > 1 && (text.ends_with('.') || text.ends_with(',') || text.ends_with(';')))
      text.remove_suffix(1), again = true;
    if (text.size() > 2 && text.starts_with('$') && text.ends_with('$'))
      text = text.substr(1, text.size() - 2), again = true;
  }
  return text;
}

bool is_many(const Problem& problem) {
  return problem.kind == AnswerKind::list || problem.kind == AnswerKind::set;
}

// Quotes and brackets of a list are the members' (answer/list.h).
std::string_view tidy(std::string_view text, const Problem& problem) {
  return is_many(problem) ? base::trim(text) : unwrapped(text);
}

// ---- the rules

constexpr std::string_view kBox = "\\boxed{";

// The last \boxed{…} whose braces balance.
Found boxed(std::string_view text, const Problem&) {
  const auto mark = std::max(text.rfind(kBox) + 1, text.rfind("\\fbox{") + 1);
  if (mark == 0) return {};
  const std::size_t open = text.find('{', mark - 1);
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return non_empty(text.substr(open + 1, i - open - 1));
  }
  return {};
}

Found hashes(std::string_view text, const Problem& problem) {
  const auto mark = text.rfind("####");
  if (mark == std::string_view::npos) return {};
  const std::string_view rest = text.substr(mark + 4);
  return non_empty(tidy(rest.substr(0, rest.find('\n')), problem));
}

// What a sentence after "the answer is" states: up to the end of the sentence or line.
std::string_view stated(std::string_view rest, const Problem& problem) {
  while (!rest.empty() && (rest[0] == ' ' || rest[0] == ':' || rest[0] == '*' || rest[0] == '='))
    rest.remove_prefix(1);
  if (is_many(problem))
    if (const auto list = answer::bracketed(rest); !list.empty()) return list;
  rest = rest.substr(0, rest.find('\n'));
  if (rest.starts_with(kBox) && !boxed(rest, problem)) rest.remove_prefix(kBox.size());
  for (const std::string_view stop : {". ", "! "}) rest = rest.substr(0, rest.find(stop));
  if (!is_many(problem)) rest = rest.substr(0, rest.find("; "));
  return tidy(rest, problem);
}

// A word that stands for an answer in an example that was copied.
bool placeholder(std::string_view text, const Problem& problem) {
  if (text.empty()) return true;
  if (is_many(problem)) return text.front() == '<';
  if (text.front() == '[' || text.front() == '<' || text.front() == '{')
    return text.find_first_of("0123456789") == std::string_view::npos;
  const bool letter = std::isalpha(static_cast<unsigned char>(text[0])) &&
                      (text.size() == 1 || !std::isalnum(static_cast<unsigned char>(text[1]))) &&
                      text.find_first_of("0123456789") == std::string_view::npos;
  const bool choice = problem.kind == AnswerKind::choice || !problem.choices.empty();
  return (letter && !choice && problem.kind != AnswerKind::text) || text.starts_with("that ") ||
         text.starts_with("as follows");
}

// "Now we can answer:" announces something and states nothing: on its line stands one of these
// before the verb.
bool announces(std::string_view before) {
  before = base::trim(before.substr(before.rfind('\n') + 1));
  before = before.substr(before.find_last_of(" (*") + 1);
  static constexpr std::array<std::string_view, 23> kLeads = {
      "can",   "could",  "to",  "will", "would", "should", "must",   "may",
      "might", "shall",  "we",  "i",    "you",   "us",     "let's",  "we'll",
      "i'll",  "cannot", "not", "now",  "then",  "also",   "finally"};
  return std::find(kLeads.begin(), kLeads.end(), before) != kLeads.end();
}

// The number that a statement comes to: after its last "=", the first one; with its unit if we know
// it.
Found number_stated(std::string_view text) {
  const auto equals = text.rfind('=');
  if (equals != std::string_view::npos) text = text.substr(equals + 1);
  const auto whole = answer::parse_number(text);
  if (whole && !whole->unit.empty() && text.size() <= 40) return non_empty(unwrapped(text));
  if (const auto number = answer::first_number(text)) return non_empty(*number);
  return {};
}

Found the_answer_is(std::string_view text, const Problem& problem) {
  static constexpr std::array<std::string_view, 8> kLeads = {
      "answer is", "answer:",         "answer =",  "answer**:",
      "answer:**", "answer would be", "option is", "choice is"};
  constexpr std::size_t kTail = 100000;
  if (text.size() > kTail) text = text.substr(text.size() - kTail);
  const std::string low = base::lower(text);
  std::size_t end = low.size();
  while (end > 0) {  // from the last lead back, until one states something
    std::size_t at = std::string::npos, after = 0;
    for (const std::string_view lead : kLeads) {
      const auto found = low.rfind(lead, end - 1);
      if (found != std::string::npos && (at == std::string::npos || found > at))
        at = found, after = found + lead.size();
    }
    if (at == std::string::npos) return {};
    const std::string_view said = stated(text.substr(after), problem);
    const bool verb = !low.substr(at, after - at).ends_with("is") &&
                      announces(std::string_view(low).substr(0, at));
    if (!verb && !said.ends_with('?') && !placeholder(said, problem)) {
      const bool number = problem.kind == AnswerKind::number ||
                          (problem.kind == AnswerKind::automatic && problem.choices.empty() &&
                           answer::first_number(said));
      if (!number) return problem.kind == AnswerKind::number ? Found() : non_empty(said);
      if (auto found = number_stated(said)) return found;
    }
    end = at;
  }
  return {};
}

bool label_char(char c) {
  return (c >= 'A' && c <= 'J');
}

// The last letter that is marked as a choice: "(B)", "B)", "option B", or alone on its line.
Found choice(std::string_view text, const Problem& problem) {
  const auto known = [&](char c) {
    if (problem.choices.empty()) return label_char(c);
    return std::any_of(problem.choices.begin(), problem.choices.end(), [c](const Choice& choice) {
      return choice.label.size() == 1 && choice.label[0] == c;
    });
  };
  for (std::size_t i = text.size(); i-- > 0;) {
    if (!known(text[i])) continue;
    const char before = i == 0 ? '\n' : text[i - 1],
               after = i + 1 < text.size() ? text[i + 1] : '\n';
    const std::string lead =
        base::lower(text.substr(i < 8 ? 0 : i - 8, std::min<std::size_t>(i, 8)));
    const bool word_before = std::isalnum(static_cast<unsigned char>(before));
    const bool word_after = std::isalnum(static_cast<unsigned char>(after));
    if (word_before || word_after) continue;
    if (after == ')' || lead.ends_with("option ") || lead.ends_with("choice ") ||
        lead.ends_with("answer ") || lead.ends_with(" is ") ||
        ((before == '\n') && (after == '\n' || after == '.')))
      return std::string(1, text[i]);
  }
  return {};
}

// The value of the last "answer" field, as it would stand in JSON.
Found json_field(std::string_view text, const Problem&) {
  const auto key = text.rfind("\"answer\"");
  if (key == std::string_view::npos) return {};
  std::string_view rest = base::trim(text.substr(key + 8));
  if (!rest.starts_with(':')) return {};
  rest = base::trim(rest.substr(1));
  if (rest.starts_with('[')) return non_empty(answer::bracketed(rest));
  if (!rest.starts_with('"')) return non_empty(rest.substr(0, rest.find_first_of(",}]\n")));
  std::string value;
  for (std::size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    value.push_back(rest[i]);
  }
  return non_empty(value);
}

Found last_number(std::string_view text, const Problem&) {
  const auto number = answer::last_number(text);
  return number ? non_empty(*number) : Found();
}

// Without the blank lines around it; its first line keeps what it is indented by.
Found program(std::string_view block) {
  const auto first = block.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  const auto line = block.rfind('\n', first) + 1;
  return std::string(block.substr(line, block.find_last_not_of(" \t\r\n") + 1 - line));
}

bool defines(std::string_view block) {
  return block.find("def ") != std::string_view::npos ||
         block.find("class ") != std::string_view::npos;
}

// The last block in fences. Of a program that is asked for the last that defines something: what
// stands below it is often a use of it.
Found code(std::string_view text, const Problem& problem) {
  std::string_view last, last_defining;
  std::size_t at = 0;
  for (;;) {
    const auto open = text.find("```", at);
    if (open == std::string_view::npos) break;
    const auto close = text.find("```", open + 3);
    if (close == std::string_view::npos) break;
    const auto start = std::min(text.find('\n', open), close - 1);  // "```x```" holds nothing
    last = text.substr(start + 1, close - start - 1);
    if (defines(last)) last_defining = last;
    at = close + 3;
  }
  if (problem.kind != AnswerKind::code) return non_empty(last);
  return program(last_defining.empty() ? last : last_defining);
}

Found last_list(std::string_view text, const Problem&) {
  return non_empty(answer::last_bracketed(text));
}

// Models say "The answer is \boxed{…}" where a line is asked for that holds the answer alone.
Found last_line(std::string_view text, const Problem& problem) {
  text = base::trim(text);
  const std::string_view line = text.substr(text.rfind('\n') + 1);
  if (auto found = boxed(line, problem)) return found;
  if (auto found = the_answer_is(line, problem)) return found;
  return non_empty(tidy(line, problem));
}

struct Rule {
  std::string_view name;
  Found (*find)(std::string_view, const Problem&);
  bool explicit_;
};

constexpr std::array<Rule, 9> kRules = {{{"boxed", boxed, true},
                                         {"hashes", hashes, true},
                                         {"the_answer_is", the_answer_is, true},
                                         {"json", json_field, true},
                                         {"choice", choice, false},
                                         {"last_number", last_number, false},
                                         {"code", code, false},
                                         {"list", last_list, false},
                                         {"text", last_line, false}}};

// Which rules "auto" tries, in the order above.
bool in_auto(const Rule& rule, const Problem& problem) {
  if (problem.kind == AnswerKind::sql || problem.kind == AnswerKind::code)
    return rule.name == "code";
  const bool choices = problem.kind == AnswerKind::choice || !problem.choices.empty();
  if (rule.name == "choice") return choices;
  if (rule.name == "last_number")
    return !choices &&
           (problem.kind == AnswerKind::number || problem.kind == AnswerKind::automatic);
  if (rule.name == "list") return is_many(problem);
  if (rule.name == "text") return is_many(problem) || problem.kind == AnswerKind::text;
  return rule.explicit_;
}

// ---- comparison

// "(B)", "B.", "b" -> "B"; the text of a choice -> its label.
std::string label_of(std::string_view answer, const std::vector<Choice>& choices);

// "\\text{even}" as "even", where that is all.
std::string_view without_text_marks(std::string_view text) {
  text = unwrapped(text);
  for (const std::string_view mark : {"\\text{", "\\textbf{", "\\mathrm{", "\\mbox{"})
    if (text.starts_with(mark) && text.find('}') == text.size() - 1)
      return text.substr(mark.size(), text.size() - mark.size() - 1);
  return text;
}

std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\xc2\xa0")) {
      out.push_back(' ');
      ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  out = base::lower(unwrapped(without_text_marks(out)));
  for (const std::string_view article : {"the ", "a ", "an "})
    if (out.starts_with(article)) {
      out.erase(0, article.size());
      break;
    }
  std::string folded;
  for (const char c : out)
    if (!std::isspace(static_cast<unsigned char>(c)))
      folded.push_back(c);
    else if (!folded.empty() && folded.back() != ' ')
      folded.push_back(' ');
  return folded;
}

// What a plain answer says in its first word: "no, it would float" says no, "no solution" nothing.
std::string_view yes_or_no(std::string_view answer) {
  for (const std::string_view word : {"yes", "no", "true", "false", "maybe"}) {
    if (!answer.starts_with(word)) continue;
    const std::string_view rest =
        answer.substr(std::min(answer.find_first_not_of("*\"'", word.size()), answer.size()));
    const bool ends = rest.empty() || std::string_view(",.;:!").find(rest[0]) != rest.npos;
    if (ends || rest.starts_with(" because ") || rest.starts_with(" since ")) return word;
  }
  return {};
}

std::string label_of(std::string_view answer, const std::vector<Choice>& choices) {
  for (const Choice& choice : choices)
    if (plain(choice.text) == plain(answer)) return base::lower(choice.label);
  std::string_view text = unwrapped(answer);
  while (!text.empty() && text.front() == '(') text.remove_prefix(1);
  const auto end = text.find_first_of(").: ");
  const std::string_view first = text.substr(0, end);
  if (first.size() == 1 && std::isalpha(static_cast<unsigned char>(first[0])))
    if (end == std::string_view::npos || text[end] != ' ') return base::lower(first);
  return plain(answer);
}

// A query whatever its white space, its case outside quotes and the semicolon after it.
std::string query_text(std::string_view query) {
  std::string text;
  bool quoted = false;
  for (const char c : query) {
    quoted ^= c == '\'';
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (quoted || !space)
      text += quoted ? std::string(1, c) : base::lower(std::string(1, c));
    else if (!text.empty() && text.back() != ' ')
      text += ' ';
  }
  while (text.ends_with(' ') || text.ends_with(';')) text.pop_back();
  return text;
}

// A program whatever its blank lines, the blanks at the ends of lines, and how wide the levels of
// its indentation are.
std::string program_text(std::string_view program) {
  std::string text;
  std::vector<std::size_t> widths = {0};  // of the levels that are open
  for (std::size_t at = 0; at < program.size();) {
    std::string_view line = program.substr(at, program.find('\n', at) - at);
    at += line.size() + 1;
    const std::string_view words = base::trim(line);
    if (words.empty()) continue;
    const auto width = static_cast<std::size_t>(words.data() - line.data());
    while (widths.back() > width) widths.pop_back();
    if (widths.back() < width) widths.push_back(width);
    text.append(widths.size() - 1, '\t').append(words).append("\n");
  }
  return text;
}

Comparison verdict(bool equal, std::string_view rule) {
  return {equal ? Equality::equal : Equality::different, std::string(rule)};
}

// What is no label after all is compared as text.
Comparison compare_choices(const std::string& a, const std::string& b) {
  return verdict(a == b, a.size() == 1 && b.size() == 1 ? "choice" : "text");
}

Comparison compare_numbers(const answer::Number& a, const answer::Number& b) {
  switch (answer::compare(a, b)) {
    case answer::NumberEquality::equal:
      return verdict(true, "number");
    case answer::NumberEquality::equal_as_percent:
      return verdict(true, "percent");
    case answer::NumberEquality::different_units:
      return verdict(false, "unit");
    case answer::NumberEquality::different:
      break;
  }
  return verdict(false, "number");
}

// Digits and what numbers are written with, and nothing else.
bool plainly_numbers(std::string_view a, std::string_view b) {
  const std::string_view known = "0123456789.,+-/ %$";
  return a.find_first_not_of(known) == std::string_view::npos &&
         b.find_first_not_of(known) == std::string_view::npos;
}

// Is there more than words in both?
bool looks_mathematical(std::string_view a, std::string_view b) {
  const std::string_view signs = "0123456789\\^_{}()[]=<>|+*/\xcf\xe2";
  return a.find_first_of(signs) != std::string_view::npos &&
         b.find_first_of(signs) != std::string_view::npos;
}

std::optional<answer::Number> as_number(std::string_view text, bool anywhere) {
  if (auto number = answer::parse_number(unwrapped(text))) return number;
  const auto found = anywhere ? answer::first_number(text) : std::nullopt;
  return found ? answer::parse_number(*found) : std::nullopt;
}

}  // namespace

std::string_view name_of(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::automatic:
      return "auto";
    case AnswerKind::number:
      return "number";
    case AnswerKind::choice:
      return "choice";
    case AnswerKind::text:
      return "text";
    case AnswerKind::math:
      return "math";
    case AnswerKind::list:
      return "list";
    case AnswerKind::set:
      return "set";
    case AnswerKind::sql:
      return "sql";
    case AnswerKind::code:
      return "code";
  }
  return "auto";
}

AnswerKind answer_kind(std::string_view name) {
  std::vector<std::string> names;
  for (const AnswerKind kind :
       {AnswerKind::automatic, AnswerKind::number, AnswerKind::choice, AnswerKind::text,
        AnswerKind::math, AnswerKind::list, AnswerKind::set, AnswerKind::sql, AnswerKind::code}) {
    if (name_of(kind) == name) return kind;
    names.emplace_back(name_of(kind));
  }
  throw Error(Fault::input, "answer", fmt::format("there is no kind of answer \"{}\"", name),
              base::did_you_mean(name, names));
}

std::string_view name_of(Equality equality) {
  switch (equality) {
    case Equality::equal:
      return "equal";
    case Equality::different:
      return "different";
    case Equality::no_answer:
      return "no_answer";
  }
  return "no_answer";
}

bool leaves_open(const Comparison& comparison) {
  const std::string& rule = comparison.rule;
  return comparison.verdict == Equality::no_answer ||
         (comparison.verdict == Equality::different && (rule == "text" || rule == "structure"));
}

std::vector<std::string> extraction_rules() {
  std::vector<std::string> names{"auto"};
  for (const Rule& rule : kRules) names.emplace_back(rule.name);
  return names;
}

std::optional<Extraction> extract_answer(std::string_view text, const Problem& problem) {
  const bool automatic = problem.extract == "auto";
  bool known = automatic;
  for (const Rule& rule : kRules) {
    if (automatic ? !in_auto(rule, problem) : rule.name != problem.extract) continue;
    known = true;
    if (const Found answer = rule.find(text, problem))
      return Extraction{*answer, std::string(rule.name), rule.explicit_};
  }
  if (!known)
    throw Error(Fault::input, "answer",
                fmt::format("there is no extraction rule \"{}\"", problem.extract),
                base::did_you_mean(problem.extract, extraction_rules()));
  return {};
}

Comparison compare_answers(std::string_view a, std::string_view b, AnswerKind kind,
                           const std::vector<Choice>& choices) {
  if (base::trim(a).empty() || base::trim(b).empty()) return {Equality::no_answer, "empty"};
  if (kind == AnswerKind::sql) return verdict(query_text(a) == query_text(b), "query text");
  if (kind == AnswerKind::code) return verdict(program_text(a) == program_text(b), "program text");
  if (kind == AnswerKind::list || kind == AnswerKind::set)
    return verdict(answer::same_lists(a, b, kind == AnswerKind::list), name_of(kind));
  if (kind == AnswerKind::choice || (kind == AnswerKind::automatic && !choices.empty()))
    return compare_choices(label_of(a, choices), label_of(b, choices));
  if (kind != AnswerKind::text && (kind != AnswerKind::math || plainly_numbers(a, b))) {
    const bool anywhere = kind == AnswerKind::number;
    const auto x = as_number(a, anywhere), y = as_number(b, anywhere);
    if (x && y) return compare_numbers(*x, *y);
    if (kind == AnswerKind::number) return verdict(plain(a) == plain(b), "text");
  }
  if (kind == AnswerKind::math || (kind == AnswerKind::automatic && looks_mathematical(a, b)))
    if (const auto found = answer::compare_math(unwrapped(a), unwrapped(b)))
      return verdict(found->equal, found->rule);
  const std::string x = plain(a), y = plain(b);
  const std::string_view said_x = yes_or_no(x), said_y = yes_or_no(y);
  if (!said_x.empty() && !said_y.empty()) return verdict(said_x == said_y, "yes or no");
  return verdict(x == y, "text");
}

Comparison check_answer(const std::optional<std::string>& answer, const Problem& problem) {
  if (!answer || !problem.answer) return {Equality::no_answer, "empty"};
  Comparison first = compare_answers(*answer, *problem.answer, problem.kind, problem.choices);
  if (first.verdict == Equality::equal) return first;
  for (const std::string& gold : problem.alternatives) {
    Comparison other = compare_answers(*answer, gold, problem.kind, problem.choices);
    if (other.verdict == Equality::equal) return other;
  }
  return first;
}

}  // namespace cairn
