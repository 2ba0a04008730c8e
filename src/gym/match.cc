#include "cairn/match.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace cairn {
namespace {

// Fewest insertions, deletions and replacements. Levenshtein 1966; one row of the table at a time.
// What both begin and end with needs none.
template <class Item>
int edits_between(std::span<const Item> a, std::span<const Item> b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) a = a.subspan(1), b = b.subspan(1);
  while (!a.empty() && !b.empty() && a.back() == b.back())
    a = a.first(a.size() - 1), b = b.first(b.size() - 1);
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    int before = std::exchange(row[0], static_cast<int>(i) + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const int replaced = before + (a[i] == b[j] ? 0 : 1);
      before = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, before + 1});
    }
  }
  return row.back();
}

// By their first kMost characters, so that the time stays bounded.
double similarity(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a == b) return 1;
  constexpr std::size_t kMost = 4000;
  const auto joined = [](const std::vector<std::string>& steps) {
    std::string all;
    for (const std::string& step : steps) all += step + '\n';
    return all.substr(0, kMost);
  };
  const std::string one = joined(a), other = joined(b);
  const std::size_t longer = std::max(one.size(), other.size());
  const int edits = edits_between<char>(one, other);
  return 1 - static_cast<double>(edits) / static_cast<double>(longer);
}

// What follows a list mark and "Step 3:".
std::string_view without_marks(std::string_view text) {
  for (const std::string_view mark : {"- ", "* ", "> "})
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
  if (base::lower(text.substr(0, 5)) != "step ") return text;
  std::size_t end = 5;
  while (end < text.size() && base::is_digit(text[end])) ++end;
  const bool numbered = end > 5 && end < text.size() && (text[end] == ':' || text[end] == '.');
  return numbered ? text.substr(end + 1) : text;
}

std::vector<std::string> states_of(const std::vector<std::string>& steps) {
  std::vector<std::string> states;
  for (const std::string& step : steps) states.push_back(text_of_state(step));
  return states;
}

double share_of(int part, std::size_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

}  // namespace

std::string text_of_state(std::string_view line) {
  std::string text;
  for (const char c : without_marks(base::trim(line))) {
    if (c == '`' || c == '"' || c == '\'' || c == '*') continue;
    const bool blank = c == ' ' || c == '\t';
    if (blank && (text.empty() || text.back() == ' ')) continue;  // one blank where several were
    text += blank ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

std::vector<std::string> steps_in(std::string_view text) {
  std::vector<std::string> steps;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = base::trim(text.substr(0, end));
    if (!line.empty()) steps.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return steps;
}

Match match(const std::vector<std::string>& steps, const std::vector<std::string>& truth) {
  const std::vector<std::string> a = states_of(steps), b = states_of(truth);
  const std::size_t both = std::min(a.size(), b.size()), longer = std::max(a.size(), b.size());
  Match found;
  found.length = static_cast<int>(longer);
  for (std::size_t i = 0; i < both; ++i) {
    if (a[i] != b[i]) continue;
    if (found.right == static_cast<int>(i)) ++found.right;
    ++found.hits;
  }
  found.sequence = found.right == found.length;
  if (!found.sequence) found.first_error = found.right;
  found.final = !a.empty() && !b.empty() && a.back() == b.back();
  found.edits = edits_between<std::string>(a, b);
  found.accuracy = longer == 0 ? 1 : share_of(found.right, longer);
  found.ratio = longer == 0 ? 1 : share_of(found.hits, longer);
  found.valid = share_of(found.right, a.size());
  found.similarity = similarity(a, b);
  return found;
}

std::vector<Hazard> hazard(std::span<const Match> matches) {
  std::vector<Hazard> places;
  for (const Match& match : matches) {
    const auto end = static_cast<std::size_t>(std::min(match.right + 1, match.length));
    places.resize(std::max(places.size(), end));
    for (std::size_t k = 0; k < end; ++k) ++places[k].reached;
    if (!match.sequence) ++places[static_cast<std::size_t>(match.first_error)].wrong;
  }
  return places;
}

}  // namespace cairn
