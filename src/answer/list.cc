#include "answer/list.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>

#include "base/text.h"
#include "cairn/answer.h"

namespace cairn::answer {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr int kDeepest = 16;  // lists in one another; deeper ones are compared as texts

bool opens(char c) {
  return c == '[' || c == '(' || c == '{';
}

bool closes(char c) {
  return c == ']' || c == ')' || c == '}';
}

char closing_of(char open) {
  return open == '[' ? ']' : open == '(' ? ')' : '}';
}

bool blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Where the quoted text at `at` ends, behind its quote.
std::size_t after_quoted(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == text[at])
      return i + 1;
  }
  return npos;
}

// Calls visit(place, how many brackets are open behind it) outside quotes, until it returns true.
// A quote opens a quoted text only where a member begins: the one in "Ann's" does not.
template <class Visit>
void walk(std::string_view text, Visit visit) {
  int depth = 0;
  bool begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool quote = begins && (c == '"' || c == '\'');
    const std::size_t end = quote ? after_quoted(text, i) : npos;
    if (end != npos) {
      i = end - 1;
      begins = false;
      continue;
    }
    if (opens(c)) ++depth;
    if (closes(c) && depth > 0) --depth;
    if (visit(i, depth)) return;
    begins = opens(c) || c == ',' || c == ';' || (begins && blank(c));
  }
}

// ---- what stands around a list

std::string without_latex(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    for (const std::string_view mark : {"\\left", "\\right"})
      if (text.starts_with(mark) && text.size() > mark.size() &&
          !std::isalpha(static_cast<unsigned char>(text[mark.size()])))
        text.remove_prefix(mark.size());
    if (text.starts_with("\\{") || text.starts_with("\\}")) text.remove_prefix(1);
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

// Without the marks of Markdown and mathematics around it, and the stop after it.
std::string_view bare(std::string_view text) {
  static constexpr std::array<std::array<std::string_view, 2>, 5> kAround = {
      {{"**", "**"}, {"$", "$"}, {"`", "`"}, {"\\(", "\\)"}, {"\\[", "\\]"}}};
  for (bool again = true; again;) {
    again = false;
    text = base::trim(text);
    if (text.ends_with('.')) text.remove_suffix(1), again = true;
    for (const auto& [open, close] : kAround) {
      if (text.size() < open.size() + close.size() || !text.starts_with(open) ||
          !text.ends_with(close))
        continue;
      text = text.substr(open.size(), text.size() - open.size() - close.size());
      again = true;
    }
  }
  constexpr std::string_view kText = "\\text";
  const bool words = text.starts_with(kText) && text.size() > kText.size() + 1 &&
                     bracketed(text.substr(kText.size())).size() == text.size() - kText.size();
  return words ? text.substr(kText.size() + 1, text.size() - kText.size() - 2) : text;
}

std::string without_quotes(std::string_view text) {
  text = base::trim(text);
  const bool quoted =
      text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
  if (!quoted) return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

// ---- members

// "1,234, 5" has two members where there are no brackets: a comma with three digits behind it and
// no blank belongs to a number.
bool in_number(std::string_view text, std::size_t comma) {
  const auto digit_at = [&](std::size_t i) { return i < text.size() && base::is_digit(text[i]); };
  return comma > 0 && digit_at(comma - 1) && digit_at(comma + 1) && digit_at(comma + 2) &&
         digit_at(comma + 3) && !digit_at(comma + 4);
}

std::vector<std::string_view> split(std::string_view text, char separator, bool numbers) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  walk(text, [&](std::size_t i, int depth) {
    if (depth > 0 || text[i] != separator || (numbers && in_number(text, i))) return false;
    pieces.push_back(text.substr(begin, i - begin));
    begin = i + 1;
    return false;
  });
  pieces.push_back(text.substr(begin));
  return pieces;
}

bool has_outside(std::string_view text, std::string_view wanted) {
  bool found = false;
  walk(text, [&](std::size_t i, int depth) {
    return found = depth == 0 && text.substr(i).starts_with(wanted);
  });
  return found;
}

// The last piece of "a, b and c", or all of "a and b".
void split_at_and(std::vector<std::string_view>& pieces) {
  constexpr std::string_view kAnd = " and ";
  std::string_view last = base::trim(pieces.back());
  pieces.pop_back();
  if (!pieces.empty() && last.starts_with("and "))
    return pieces.push_back(last.substr(kAnd.size() - 1));
  std::size_t begin = 0;
  walk(last, [&](std::size_t i, int depth) {
    if (depth > 0 || i < begin || !last.substr(i).starts_with(kAnd)) return false;
    pieces.push_back(last.substr(begin, i - begin));
    begin = i + kAnd.size();
    return false;
  });
  pieces.push_back(last.substr(begin));
}

bool is_list(std::string_view text) {
  return (text.starts_with('[') || text.starts_with('(')) && bracketed(text) == text;
}

bool same_members(const std::vector<std::string>& a, const std::vector<std::string>& b,
                  bool ordered, int depth);

bool same_member(std::string_view a, std::string_view b, int depth) {
  a = base::trim(a);
  b = base::trim(b);
  if (a == b) return true;
  if (depth < kDeepest && is_list(a) && is_list(b))
    return same_members(members_of(a), members_of(b), /*ordered=*/true, depth + 1);
  return compare_answers(a, b, AnswerKind::automatic).verdict == Equality::equal;
}

std::set<std::string> texts_of(const std::vector<std::string>& members) {
  std::set<std::string> texts;
  for (const std::string& member : members) texts.emplace(base::trim(member));
  return texts;
}

// Has each member of the one set an equal in the other?
bool within(const std::set<std::string>& a, const std::set<std::string>& b, int depth) {
  return std::all_of(a.begin(), a.end(), [&](const std::string& x) {
    return b.contains(x) || std::any_of(b.begin(), b.end(), [&](const std::string& y) {
             return same_member(x, y, depth);
           });
  });
}

bool same_members(const std::vector<std::string>& a, const std::vector<std::string>& b,
                  bool ordered, int depth) {
  if (ordered)
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](const auto& x, const auto& y) { return same_member(x, y, depth); });
  const std::set<std::string> x = texts_of(a), y = texts_of(b);
  if (x == y) return true;
  if (x.size() > kMostUnlike || y.size() > kMostUnlike) return false;
  return within(x, y, depth) && within(y, x, depth);
}

}  // namespace

std::string_view bracketed(std::string_view text) {
  std::size_t size = 0;
  if (text.empty() || !opens(text.front())) return {};
  walk(text, [&](std::size_t i, int depth) {
    if (depth == 0 && text[i] == closing_of(text.front())) size = i + 1;
    return depth == 0;
  });
  return text.substr(0, size);
}

std::string_view last_bracketed(std::string_view text) {
  const auto end = text.rfind(']');
  if (end == npos) return {};
  int depth = 0;
  for (std::size_t i = end + 1; i-- > 0;) {
    if (text[i] == ']') ++depth;
    if (text[i] == '[' && --depth == 0) return text.substr(i, end + 1 - i);
  }
  return {};
}

std::vector<std::string> members_of(std::string_view text) {
  const std::string plain = without_latex(text);
  std::string_view rest = bare(plain);
  const bool brackets = !rest.empty() && bracketed(rest) == rest;
  if (brackets) rest = base::trim(rest.substr(1, rest.size() - 2));
  if (rest.empty()) return {};
  const char separator = has_outside(rest, ";") ? ';' : ',';
  const bool numbers = !brackets && separator == ',' && has_outside(rest, ", ");
  std::vector<std::string_view> pieces = split(rest, separator, numbers);
  if (pieces.size() > 1 && base::trim(pieces.back()).empty()) pieces.pop_back();  // "[1, 2,]"
  if (!brackets && separator == ',') split_at_and(pieces);
  std::vector<std::string> members;
  for (const std::string_view piece : pieces) members.push_back(without_quotes(piece));
  return members;
}

bool same_lists(std::string_view a, std::string_view b, bool ordered) {
  return same_members(members_of(a), members_of(b), ordered, /*depth=*/0);
}

}  // namespace cairn::answer
