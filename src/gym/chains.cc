// Mistakes made on purpose.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/nearest.h"
#include "base/text.h"
#include "cairn/error.h"
#include "cairn/procedure.h"
#include "gym/draw.h"

namespace cairn {
namespace {

using gym::Draw;
using Steps = std::vector<std::string>;

// Where the digits of the numbers of a line stand: begin and length.
std::vector<std::pair<std::size_t, std::size_t>> numbers_in(const std::string& line) {
  std::vector<std::pair<std::size_t, std::size_t>> numbers;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!base::is_digit(line[i])) continue;
    std::size_t end = i;
    while (end < line.size() && base::is_digit(line[end])) ++end;
    if (end - i <= 9) numbers.emplace_back(i, end - i);
    i = end;
  }
  return numbers;
}

// The line with one of its numbers, the last as a rule (it is the result), changed.
std::string with_number(std::string line, Draw& draw, auto change) {
  const auto numbers = numbers_in(line);
  if (numbers.empty()) return line;
  const auto [begin, length] = draw.coin() ? numbers.back() : draw.one_of(numbers);
  const std::string changed = change(line.substr(begin, length));
  return line.replace(begin, length, changed);
}

// The line with one of its letters changed, for lines without numbers.
std::string with_letter(std::string line, Draw& draw, auto change) {
  std::vector<std::size_t> letters;
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] >= 'a' && line[i] <= 'z') letters.push_back(i);
  if (letters.empty()) return line;
  char& letter = line[draw.one_of(letters)];
  letter = static_cast<char>('a' + (letter - 'a' + change(draw)) % 26);
  return line;
}

std::string off_by_one(const std::string& line, Draw& draw) {
  if (numbers_in(line).empty())
    return with_letter(line, draw, [](Draw& coin) { return coin.coin() ? 1 : 25; });
  return with_number(line, draw, [&](const std::string& number) {
    const long value = std::stol(number);
    return std::to_string(value > 0 && draw.coin() ? value - 1 : value + 1);
  });
}

std::string other_digit(const std::string& line, Draw& draw) {
  if (numbers_in(line).empty())
    return with_letter(line, draw, [](Draw& by) { return by.from(1, 25); });
  return with_number(line, draw, [&](std::string number) {
    char& digit =
        number[static_cast<std::size_t>(draw.from(0, static_cast<int>(number.size()) - 1))];
    digit = static_cast<char>('0' + (digit - '0' + draw.from(1, 9)) % 10);
    return number;
  });
}

std::string other_sign(const std::string& line, Draw& draw) {
  return with_number(line, draw, [](const std::string& number) { return "-" + number; });
}

// A number of the step that becomes another number of the exercise.
std::string other_operand(const std::string& line, const Steps& truth, Draw& draw) {
  const std::string& from = draw.one_of(truth);
  const auto numbers = numbers_in(from);
  if (numbers.empty()) return line;
  const auto [begin, length] = draw.one_of(numbers);
  std::string other = from.substr(begin, length);
  return with_number(line, draw, [&](const std::string&) { return other; });
}

// The line with one of its characters left out, written twice, or exchanged with the next.
std::string misspelt(std::string line, std::string_view kind, Draw& draw) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] != ' ') places.push_back(i);
  if (places.size() < 2) return line;
  const int drawn = draw.from(0, static_cast<int>(places.size()) - 2);
  const std::size_t at = places[static_cast<std::size_t>(drawn)];
  const std::size_t next = places[static_cast<std::size_t>(drawn) + 1];
  if (kind == "lost") line.erase(at, 1);
  if (kind == "doubled") line.insert(at, 1, line[at]);
  if (kind == "transposed") std::swap(line[at], line[next]);
  return line;
}

// A step of another exercise.
std::string invented(const Exercise& exercise, Draw& draw) {
  const std::string name = exercise.problem.id.substr(0, exercise.problem.id.find('/'));
  const auto seed = static_cast<std::uint64_t>(draw.from(1 << 20, 1 << 30));
  const int difficulty = draw.from(1, kHardest);
  return draw.one_of(cairn::exercise(name, seed, difficulty).steps);
}

// The chain with the mistake at step `at`; nothing when it cannot be made there.
std::optional<Steps> with_mistake(const Exercise& exercise, std::string_view kind, std::size_t at,
                                  Draw& draw) {
  const Steps& truth = exercise.steps;
  Steps steps = truth;
  const auto place = steps.begin() + static_cast<std::ptrdiff_t>(at);
  if (kind == "off_by_one") *place = off_by_one(*place, draw);
  if (kind == "digit") *place = other_digit(*place, draw);
  if (kind == "sign") *place = other_sign(*place, draw);
  if (kind == "operand") *place = other_operand(*place, truth, draw);
  if (kind == "lost" || kind == "doubled" || kind == "transposed")
    *place = misspelt(*place, kind, draw);
  if (kind == "early") *place = truth.back();
  if (kind == "stale" && at > 0) *place = truth[at - 1];
  if (kind == "repeated" && at > 0) steps.insert(place, truth[at - 1]);
  if (kind == "skipped" && at + 1 < steps.size()) steps.erase(place);
  if (kind == "swapped" && at + 1 < steps.size()) std::swap(steps[at], steps[at + 1]);
  if (kind == "invented") *place = invented(exercise, draw);
  if (kind == "inserted" || kind == "continued") steps.insert(place, invented(exercise, draw));
  const Match found = match(exercise, steps);
  if (found.first_error != static_cast<int>(at)) return {};
  return steps;
}

}  // namespace

std::vector<std::string> truth_for(const Exercise& exercise,
                                   const std::vector<std::string>& steps) {
  if (exercise.task == nullptr) return exercise.steps;
  const auto first = [&steps](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += steps[i] + '\n';
    return text;
  };
  const auto all_right = [&](std::size_t count) {
    const TaskState state = exercise.task->read(exercise.problem, first(count));
    return state.broken.empty() && state.value > 0 && state.moves == static_cast<int>(count);
  };
  std::size_t right = 0;
  if (all_right(steps.size())) right = steps.size();
  while (right < steps.size() && all_right(right + 1)) ++right;
  Steps truth(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(right));
  const auto rest = exercise.task->solution(exercise.problem, first(right));
  truth.insert(truth.end(), rest->begin(), rest->end());
  return truth;
}

Match match(const Exercise& exercise, const std::vector<std::string>& steps) {
  return match(steps, truth_for(exercise, steps));
}

std::vector<std::string> corruption_kinds() {
  return {"continued", "digit",   "doubled",    "early",   "inserted",
          "invented",  "lost",    "off_by_one", "operand", "repeated",
          "sign",      "skipped", "stale",      "swapped", "transposed"};
}

Chain corrupted(const Exercise& exercise, std::string_view kind, std::uint64_t seed) {
  const std::vector<std::string> kinds = corruption_kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
    throw Error(Fault::input, "gym", fmt::format("there is no corruption \"{}\"", kind),
                base::did_you_mean(kind, kinds));
  Draw draw(seed);
  constexpr int kTries = 40;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const int end = static_cast<int>(exercise.steps.size());
    const int at = kind == "continued" ? end : draw.from(0, end - 1);
    if (auto steps = with_mistake(exercise, kind, static_cast<std::size_t>(at), draw))
      return {std::move(*steps), at, std::string(kind)};
  }
  return {exercise.steps, -1, ""};
}

}  // namespace cairn
