// The 23 procedures of ProcBench. Fujisawa et al. 2024, arXiv:2410.03117.
// Departs from the paper: states are lines, not JSON; sentences are drawn from a list of words.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "gym/families.h"

namespace cairn::gym {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kLettersAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

// The paper's 2 to 25 steps over the difficulties 1 to 10.
int steps_at(int difficulty) {
  return 2 + 23 * (difficulty - 1) / 9;
}

int count_of(const auto& list) {
  return static_cast<int>(list.size());
}

char any(Draw& draw, std::string_view alphabet) {
  return alphabet[place(draw.from(0, count_of(alphabet) - 1))];
}

std::string word(Draw& draw, int length, std::string_view alphabet = kLetters) {
  std::string text;
  for (int i = 0; i < length; ++i) text += any(draw, alphabet);
  return text;
}

Lines words(Draw& draw, int count, int shortest, int longest, std::string_view alphabet) {
  Lines all;
  for (int i = 0; i < count; ++i) all.push_back(word(draw, draw.from(shortest, longest), alphabet));
  return all;
}

// "0: abc" and so on, a line each.
std::string numbered(const Lines& strings) {
  std::string text;
  for (std::size_t i = 0; i < strings.size(); ++i) text += fmt::format("\n{}: {}", i, strings[i]);
  return text;
}

// Distinct numbers below `end`, in the order in which they were drawn.
std::vector<int> distinct(Draw& draw, int count, int end) {
  std::vector<int> all;
  for (int i = 0; i < end; ++i) all.push_back(i);
  draw.shuffle(all);
  all.resize(place(count));
  return all;
}

const Lines& vocabulary() {
  static const Lines all = {
      "river",   "stone",   "green",  "walks",   "under",  "seven",  "lamp",   "north", "paper",
      "quiet",   "bread",   "window", "slowly",  "garden", "before", "horse",  "blue",  "train",
      "carries", "salt",    "early",  "market",  "bridge", "over",   "winter", "small", "harbour",
      "after",   "copper",  "light",  "travels", "field",  "old",    "music",  "from",  "glass",
      "summer",  "kitchen", "near",   "cloud",   "writes", "letter", "tall",   "tower", "finds"};
  return all;
}

Lines sentence(Draw& draw, int length) {
  Lines all;
  for (const int i : distinct(draw, length, count_of(vocabulary())))
    all.push_back(vocabulary()[place(i)]);
  return all;
}

std::string or_empty(const std::string& text) {
  return text.empty() ? "(empty)" : text;
}

// What `draw_once` makes, until it has the number of steps that is wanted.
template <class Made>
Made with_steps(int wanted, auto draw_once) {
  for (;;) {
    Made made = draw_once();
    if (count_of(made.steps) == wanted) return made;
  }
}

struct Given {
  std::string text;
  Lines steps;
};

Lines sort_swaps(std::string text) {
  Lines steps;
  std::size_t at = 0;
  for (const char letter : kLetters)
    for (std::size_t i = at; i < text.size(); ++i) {
      if (text[i] != letter) continue;
      if (text[i] != text[at]) {
        std::swap(text[i], text[at]);
        steps.push_back(text);
      }
      ++at;
    }
  return steps;
}

Exercise sort(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Given given = with_steps<Given>(steps_at(difficulty), [&] {
    const std::string text = word(draw, draw.from(5, 50));
    return Given{text, sort_swaps(text)};
  });
  return made(
      "Sort the string into alphabetical order by swaps. Begin with the letter a and the first "
      "position. Search the string from the position to the right for the letter; wherever it is "
      "found, swap it with the character at the position and move the position one to the right. "
      "At the end of the string take the next letter, up to z. A step is the string after a swap "
      "that changes it: abdc.",
      "String: " + given.text, std::move(given.steps));
}

Exercise gather(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Lines strings = words(draw, draw.from(2, 20), 5, 10, kLettersAndDigits);
  std::string text, commands;
  Lines steps;
  for (int k = 0; k < steps_at(difficulty); ++k) {
    const int which = draw.from(0, count_of(strings) - 1);
    const int length = count_of(strings[place(which)]);
    const int from = draw.from(0, length - 1), count = draw.from(1, length - from);
    text += strings[place(which)].substr(place(from), place(count));
    commands += fmt::format(" ({}, {}, {})", which, from, count);
    steps.push_back(text);
  }
  return made(
      "Begin with an empty string. For each command (N, i, n) append n characters of string N, "
      "from index i on; indices begin with 0. A step is the string so far: ab3k.",
      fmt::format("Strings:{}\nCommands:{}", numbered(strings), commands), std::move(steps));
}

Exercise count(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Lines strings, steps;
  std::int64_t sum = 0;
  for (int k = 1; k < steps_at(difficulty); ++k) {
    std::string text;
    std::int64_t letters = 0, number = 0;
    for (int left = draw.from(4, 9); left > 0; --left) {
      const bool letter = draw.from(1, 4) < 4;
      text += any(draw, kLettersAndDigits.substr(letter ? 0 : 26, letter ? 26 : 10));
      letter ? ++letters : number = 10 * number + (text.back() - '0');
    }
    sum += letters * number;
    steps.push_back(fmt::format("{} {} {} {}", text, letters, number, letters * number));
    strings.push_back(text);
  }
  steps.push_back(std::to_string(sum));
  return made(
      "For each string write N1, the number of its letters, N2, the number that its digits make "
      "in their order, 0 where it has none, and N3 = N1 * N2. A step is the string and the three: "
      "a1b2 2 12 24. The last step is the sum of all N3.",
      "Strings: " + joined(strings), std::move(steps));
}

// Occurrences that do not overlap, from the left.
int occurrences(std::string_view text, std::string_view part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++count;
  return count;
}

Exercise search(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Lines parts = words(draw, steps_at(difficulty), 2, 2, kLetters);
  Lines strings, steps;
  for (int i = 0; i < 10; ++i) {
    const int length = draw.from(3, 10);
    std::string planted;
    for (int n = std::min(draw.from(0, 2), length / 2); n > 0; --n) planted += draw.one_of(parts);
    std::string text = word(draw, length - count_of(planted));
    text.insert(place(draw.from(0, count_of(text))), planted);
    strings.push_back(text);
  }
  std::vector<int> counters(strings.size(), 0);
  for (const std::string& part : parts) {
    for (std::size_t i = 0; i < strings.size(); ++i) counters[i] += occurrences(strings[i], part);
    steps.push_back(shown(counters));
  }
  return made(
      "Each string has a counter that begins with 0. Take the substrings one after another and add "
      "to each counter how often the substring is in its string, from the left and without "
      "overlaps. A step is all the counters after one substring: 0 1 0 0 2 0 0 0 0 0.",
      fmt::format("Strings: {}\nSubstrings: {}", joined(strings), joined(parts)), std::move(steps));
}

Exercise copy(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Lines strings = words(draw, draw.from(3, 25), 5, 20, kLettersAndDigits);
  const std::vector<int> indices = draw.numbers(steps_at(difficulty), 0, count_of(strings) - 1);
  std::string text;
  Lines steps;
  for (const int index : indices) steps.push_back(text += strings[place(index)]);
  return made(
      "Begin with an empty string. For each index append the string with that index; indices begin "
      "with 0. A step is the string so far: ab3k.",
      fmt::format("Strings:{}\nIndices: {}", numbered(strings), shown(indices)), std::move(steps));
}

Exercise substitute(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const std::string given = word(draw, steps_at(difficulty), kLettersAndDigits);
  std::map<char, char> table;
  Lines rules, steps;
  for (const char c : given) {
    if (table.contains(c)) continue;
    char other = c;
    while (other == c) other = any(draw, kLettersAndDigits);
    table[c] = other;
    rules.push_back(fmt::format("{} -> {}", c, other));
  }
  draw.shuffle(rules);
  std::string text = given;
  for (char& c : text) {
    c = table.at(c);
    steps.push_back(text);
  }
  return made(
      "Replace each character of the string, from the left to the right, by the table. A step is "
      "the whole string after one character, also where nothing changes: xbc.",
      fmt::format("String: {}\nTable: {}", given, joined(rules, ", ")), std::move(steps));
}

Exercise encode(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int first = draw.from(0, 1);
  std::string given;
  Lines codes, steps;
  for (int k = 0; k < steps_at(difficulty); ++k) {
    const int bit = (first + k) % 2, length = draw.from(1, 9);
    given += std::string(place(length), static_cast<char>('0' + bit));
    codes.push_back(fmt::format("{}_{}", bit, length));
    steps.push_back(joined(codes));
  }
  return made(
      "Encode each run of equal characters as the character, _ and the length of the run. A step "
      "is all codes so far: 1_3 0_2.",
      "String: " + given, std::move(steps));
}

Exercise split1(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty), length = draw.from(k + 1, 30);
  const std::string given = word(draw, length);
  std::vector<int> cuts = distinct(draw, k, length - 1);
  for (int& cut : cuts) ++cut;
  Lines steps;
  for (int n = 1; n <= k; ++n) {
    std::string pieces;
    const auto end = cuts.begin() + n;
    for (int i = 0; i < length; ++i) {
      if (std::find(cuts.begin(), end, i) != end) pieces += ' ';
      pieces += given[place(i)];
    }
    steps.push_back(pieces);
  }
  return made(
      "Cut the string at the given positions, one after another. A position is an index of the "
      "original string, from 0; the cut is before that character. A step is all pieces after a "
      "cut: ab cde f.",
      fmt::format("String: {}\nPositions: {}", given, shown(cuts)), std::move(steps));
}

Exercise split2(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty);
  Lines pieces = {word(draw, draw.from(k + 1, 30))}, steps;
  const std::string given = pieces[0];
  std::string pairs;
  for (int n = 0; n < k; ++n) {
    std::vector<int> long_ones;
    for (int i = 0; i < count_of(pieces); ++i)
      if (pieces[place(i)].size() > 1) long_ones.push_back(i);
    const int which = draw.one_of(long_ones);
    const int at = draw.from(1, count_of(pieces[place(which)]) - 1);
    pairs += fmt::format(" ({}, {})", which, at);
    pieces.insert(pieces.begin() + which + 1, pieces[place(which)].substr(place(at)));
    pieces[place(which)].resize(place(at));
    steps.push_back(joined(pieces));
  }
  return made(
      "Begin with a list of one piece, the string. For each pair (i, j) cut piece i, counted from "
      "0, before its character j, counted from 0 in the piece. A step is all pieces after a cut: "
      "ab cde f.",
      fmt::format("String: {}\nPairs:{}", given, pairs), std::move(steps));
}

using PairRules = std::map<std::string, char>;  // "ab" -> c

// The rightmost pair with a rule, again and again.
Lines composed(std::string text, const PairRules& rules) {
  Lines steps;
  for (std::size_t i = text.size(); i-- > 1;) {
    const auto rule = rules.find(text.substr(i - 1, 2));
    if (rule == rules.end()) continue;
    text.replace(i - 1, 2, 1, rule->second);
    steps.push_back(joined(text));
    i = text.size();
  }
  return steps;
}

// Rules that were made by joining pairs of the text at random, and some that were not. Nothing
// where two have the same left side.
std::optional<PairRules> pair_rules(Draw& draw, std::string text, int count) {
  PairRules rules;
  for (int n = 0; n < count; ++n) {
    const std::size_t at = place(draw.from(0, count_of(text) - 2));
    const char to = any(draw, kLetters);
    if (!rules.emplace(text.substr(at, 2), to).second) return {};
    text.replace(at, 2, 1, to);
  }
  for (int n = 0; n < count / 7 + 1; ++n)
    if (!rules.emplace(word(draw, 2), any(draw, kLetters)).second) return {};
  return rules;
}

Exercise compose(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty), length = draw.from(k + 3, 30);
  Given given = with_steps<Given>(k, [&]() -> Given {
    const std::string text = word(draw, length);
    const auto rules =
        pair_rules(draw, text, draw.from(std::max(1, k - 5), std::min(length - 2, k + 5)));
    if (!rules) return {};
    Lines list;
    for (const auto& [left, right] : *rules)
      list.push_back(fmt::format("{}, {} -> {}", left[0], left[1], right));
    draw.shuffle(list);
    return {fmt::format("String: {}\nRules: {}", text, joined(list, "; ")), composed(text, *rules)};
  });
  return made(
      "A rule A, B -> C replaces an A that stands right before a B, and the B, by C. Go from the "
      "right end of the string to the left to the first pair that has a rule, replace it, and "
      "begin again at the right end, until no rule applies. A step is the characters after a "
      "replacement: a d c.",
      std::move(given.text), std::move(given.steps));
}

// Rules for some of the letters of the text; what they write has no rule.
std::map<char, std::string> letter_rules(Draw& draw, const std::string& text, int most) {
  std::string keys, others;
  for (const char c : kLetters) {
    const bool in = text.find(c) != std::string::npos && count_of(keys) < most;
    (in && draw.coin() ? keys : others) += c;
  }
  std::map<char, std::string> rules;
  for (const char key : keys) rules[key] = word(draw, 2, others);
  return rules;
}

Exercise decompose(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty);
  Given given = with_steps<Given>(k, [&] {
    std::string text = word(draw, draw.from(k + 5, k + 15));
    const auto rules = letter_rules(draw, text, std::min(23, k));
    Lines list;
    for (const auto& [from, to] : rules)
      list.push_back(fmt::format("{} -> {}{}", from, to[0], to[1]));
    draw.shuffle(list);
    Given drawn{fmt::format("String: {}\nRules: {}", text, joined(list, "; ")), {}};
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto rule = rules.find(text[i]);
      if (rule == rules.end()) continue;
      text.replace(i, 1, rule->second);
      drawn.steps.push_back(text);
    }
    return drawn;
  });
  return made(
      "A rule A -> BC replaces a character A by the two characters B and C. Always replace the "
      "leftmost character that has a rule, until none has one. A step is the string after a "
      "replacement: abxyc.",
      std::move(given.text), std::move(given.steps));
}

Exercise rhythm(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const std::vector<int> digits = draw.numbers(draw.from(4, 6), 0, 9);
  const std::string letters = word(draw, 8, kLetters.substr(0, place(draw.from(2, 5))));
  std::string text;
  Lines steps;
  for (std::size_t i = 0; i < place(steps_at(difficulty)); ++i)
    steps.push_back(text +=
                    fmt::format("{}{}", digits[i % digits.size()], letters[i % letters.size()]));
  const std::size_t count = steps.size();
  return made(
      "Begin with an empty string. Each time append the next number of the first sequence and the "
      "next letter of the second; after the end of a sequence comes its beginning. Do it N times. "
      "A step is the string so far: 3a1b.",
      fmt::format("First sequence: {}\nSecond sequence: {}\nN: {}", shown(digits), joined(letters),
                  count),
      std::move(steps));
}

std::string common_prefix(const std::string& a, const std::string& b) {
  return {a.begin(), std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first};
}

Exercise compare(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty), length = k + 1;
  Given given = with_steps<Given>(k, [&] {
    const std::string target = word(draw, length);
    Lines candidates = {target}, prefixes;
    for (int n = draw.from(k, k + 9); n > 0; --n) {
      const int kept = std::max(1, length - draw.from(0, length));
      candidates.push_back(target.substr(0, place(kept)) + word(draw, length - kept));
    }
    draw.shuffle(candidates);
    Given drawn{fmt::format("Target: {}\nCandidates: {}", target, joined(candidates)), {}};
    for (const std::string& candidate : candidates) {
      prefixes.push_back(common_prefix(target, candidate));
      drawn.steps.push_back(candidate == target ? joined(prefixes) : prefixes.back());
      if (candidate == target) break;
    }
    return drawn;
  });
  return made(
      "Compare the candidates with the target, one after another. A step is the longest beginning "
      "that the candidate shares with the target: abc. Stop at the candidate that equals the "
      "target; the last step, in its place, is all the beginnings so far and the target: abc a "
      "abcd.",
      std::move(given.text), std::move(given.steps));
}

Exercise count2(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Lines all = sentence(draw, steps_at(difficulty));
  std::vector<int> counters(26, 0);
  Lines steps;
  for (const std::string& one : all) {
    for (const char c : one) ++counters[static_cast<std::size_t>(c - 'a')];
    steps.push_back(shown(counters));
  }
  return made(
      "Count the letters of the sentence, word by word, in 26 counters for a to z. A step is all "
      "26 counters, of all words so far, after a word: 1 0 0 2 and so on.",
      "Sentence: " + joined(all), std::move(steps));
}

Exercise decode(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int first = draw.from(0, 1);
  std::string text;
  Lines codes, steps;
  for (int k = 0; k < steps_at(difficulty); ++k) {
    const int bit = (first + k) % 2, length = draw.from(1, 9);
    codes.push_back(fmt::format("{}x{}", bit, length));
    steps.push_back(text += std::string(place(length), static_cast<char>('0' + bit)));
  }
  return made(
      "Decode the codes. A code bxn stands for n times the character b. A step is the decoded "
      "string so far: 11000.",
      "Codes: " + joined(codes), std::move(steps));
}

Exercise pushpop(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string text = word(draw, draw.from(3, 12));
  std::string given = fmt::format("String: {}\nActions:", text);
  Lines steps;
  for (int k = 0; k < steps_at(difficulty); ++k) {
    const bool push = draw.coin(), left = draw.coin();
    const std::size_t end = left ? 0 : text.size() - (push || text.empty() ? 0 : 1);
    given += fmt::format(" {}_{}", push ? "push" : "pop", left ? "left" : "right");
    if (push) {
      text.insert(end, 1, any(draw, kLetters));
      given += fmt::format("({})", text[end]);
    } else if (!text.empty()) {
      text.erase(end, 1);
    }
    steps.push_back(or_empty(text));
  }
  return made(
      "Do the actions in order: push_left(c) puts c before the string, push_right(c) after it; "
      "pop_left removes the first character, pop_right the last. A step is the string after an "
      "action, or (empty): abc.",
      std::move(given), std::move(steps));
}

Exercise rotate(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int length = draw.from(5, 14);
  std::string text = word(draw, length);
  std::string given = fmt::format("String: {}\nPairs:", text);
  Lines steps;
  for (int k = 0; k < steps_at(difficulty); ++k) {
    const int from = draw.from(0, length - 2), end = draw.from(from + 2, length);
    std::rotate(text.begin() + from, text.begin() + end - 1, text.begin() + end);
    given += fmt::format(" ({}, {})", from, end);
    steps.push_back(text);
  }
  return made(
      "For each pair (m, n) take the characters with the indices m to n - 1, from 0, move each of "
      "them one to the right, and the last of them to the front of them. A step is the whole "
      "string after a pair: acb.",
      std::move(given), std::move(steps));
}

Exercise fill_word(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty);
  Lines all = sentence(draw, draw.from(k, k + 8)), pairs, steps;
  const std::vector<int> gaps = distinct(draw, k, count_of(all));
  Lines filled;
  for (int i = 0; i < k; ++i) {
    std::string& gap = all[place(gaps[place(i)])];
    filled.push_back(gap);
    pairs.push_back(fmt::format("({}, {})", i + 1, gap));
    gap = fmt::format("[{}]", i + 1);
  }
  const std::string given =
      fmt::format("Sentence: {}\nPairs: {}", joined(all), joined(pairs, ", "));
  for (int i = 0; i < k; ++i) {
    all[place(gaps[place(i)])] = filled[place(i)];
    steps.push_back(joined(all));
  }
  return made(
      "Put the words into the places with their numbers, in the order of the pairs. A step is the "
      "whole sentence after a word: the [2] river [3].",
      given, std::move(steps));
}

Exercise delete_char(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty), length = draw.from(k + 1, 30);
  std::string text = word(draw, length), deleted;
  for (const int i : distinct(draw, k, length)) deleted += text[place(i)];
  const std::string given = fmt::format("String: {}\nCharacters: {}", text, joined(deleted));
  Lines steps;
  for (const char c : deleted) {
    text.erase(text.find(c), 1);
    steps.push_back(text);
  }
  return made(
      "Delete the characters, one after another, each where it first occurs in the string. A step "
      "is the string after one is deleted: abd.",
      given, std::move(steps));
}

Exercise delete_word(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty), length = draw.from(k + 3, k + 10);
  Lines all, deleted, steps;
  for (int i = 0; i < length; ++i) all.push_back(draw.one_of(vocabulary()));
  for (const int i : distinct(draw, k, length)) deleted.push_back(all[place(i)]);
  const std::string given = fmt::format("Sentence: {}\nWords: {}", joined(all), joined(deleted));
  for (const std::string& one : deleted) {
    all.erase(std::find(all.begin(), all.end(), one));
    steps.push_back(joined(all));
  }
  return made(
      "Delete the words, one after another, each where it first occurs in the sentence. A step is "
      "the sentence after one is deleted: the old bridge.",
      given, std::move(steps));
}

Exercise cumulate(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::int64_t number = draw.from(1, 9);  // 25 times 5 stays below 2^63
  std::string given = fmt::format("Number: {}\nOperations:", number);
  Lines steps;
  for (int k = 0; k < steps_at(difficulty); ++k) {
    const bool add = draw.coin();
    const int by = add ? draw.from(0, 9) : draw.from(1, 5);
    number = add ? number + by : number * by;
    given += fmt::format("{} {} {}", k > 0 ? "," : "", add ? "Add" : "Multiply by", by);
    steps.push_back(std::to_string(number));
  }
  return made("Do the operations in order. A step is the number after an operation: 12.",
              std::move(given), std::move(steps));
}

Exercise move_cyclic(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int width = 5 * draw.from(1, 10);
  int at = draw.from(0, width - 1);
  const auto row = [&] {
    std::string text(place(width), '-');
    text[place(at)] = 'x';
    return text;
  };
  std::string given = fmt::format("Row: {}\nMoves:", row());
  Lines steps;
  for (int k = 0; k < steps_at(difficulty); ++k) {
    const bool left = draw.coin();
    const int far = draw.from(1, width);
    at = (at + (left ? width - far : far)) % width;
    given += fmt::format("{} {} {}", k > 0 ? "," : "", left ? "left" : "right", far);
    steps.push_back(row());
  }
  return made(
      "Move the x in the row; beyond one end of the row comes the other. A step is the row after a "
      "move: --x--.",
      std::move(given), std::move(steps));
}

Exercise find_cyclic(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int k = steps_at(difficulty), length = draw.from(1, k + 4);
  std::string text;
  for (const int i : distinct(draw, length, count_of(kLettersAndDigits)))
    text += kLettersAndDigits[place(i)];
  const int from = draw.from(0, length - 1);
  Lines steps;
  for (int n = 1; n < k; ++n)
    steps.push_back(fmt::format("[{}, {}]", text[place((from + n) % length)], k - n));
  steps.emplace_back(1, text[place((from + k) % length)]);
  return made(
      "Begin with the letter and the number. Each time go to the next character of the string to "
      "the right, after the last one to the first, and take one from the number, until it is 0. A "
      "step is the character and the number: [b, 3]. The last step, where the number is 0, is the "
      "character alone.",
      fmt::format("String: {}\nLetter and number: [{}, {}]", text, text[place(from)], k),
      std::move(steps));
}

}  // namespace

std::vector<Procedure> procbench() {
  return {{"procbench_sort", "a string by swaps, letter by letter", sort},
          {"procbench_gather", "parts of strings, put together", gather},
          {"procbench_count", "letters and digits of strings, multiplied and added", count},
          {"procbench_search", "how often substrings occur in strings", search},
          {"procbench_copy", "strings by index, put together", copy},
          {"procbench_substitute", "characters replaced by a table", substitute},
          {"procbench_encode", "runs of 0 and 1 as codes", encode},
          {"procbench_split1", "a string cut at positions of the whole", split1},
          {"procbench_split2", "a string cut at positions of its pieces", split2},
          {"procbench_compose", "pairs of characters become one, from the right", compose},
          {"procbench_decompose", "characters become two, from the left", decompose},
          {"procbench_rhythm", "two sequences in turn, each from its beginning again", rhythm},
          {"procbench_compare", "what candidates share with a target", compare},
          {"procbench_count2", "letters of a sentence in 26 counters", count2},
          {"procbench_decode", "codes as runs of 0 and 1", decode},
          {"procbench_pushpop", "characters put on and taken off both ends", pushpop},
          {"procbench_rotate", "parts of a string rotated", rotate},
          {"procbench_fill_word", "words put into the gaps of a sentence", fill_word},
          {"procbench_delete_char", "characters deleted where they first occur", delete_char},
          {"procbench_delete_word", "words deleted where they first occur", delete_word},
          {"procbench_cumulate", "sums and products in a row", cumulate},
          {"procbench_move_cyclic", "an x moved in a row without ends", move_cyclic},
          {"procbench_find_cyclic", "a character so many places on", find_cyclic}};
}

}  // namespace cairn::gym
