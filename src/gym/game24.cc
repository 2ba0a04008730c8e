// The game of 24. Yao et al. 2023 (tree of thoughts), arXiv:2305.10601, section 4.1.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "cairn/error.h"
#include "gym/tasks.h"

namespace cairn::gym {
namespace {

constexpr std::int64_t kLargest = 1'000'000'000;  // products of two stay within 64 bits

struct Fraction {
  std::int64_t up = 0, down = 1;  // in lowest terms, down > 0
  auto operator<=>(const Fraction&) const = default;
};

std::optional<Fraction> fraction(std::int64_t up, std::int64_t down) {
  if (down == 0) return {};
  if (down < 0) up = -up, down = -down;
  const std::int64_t common = std::max<std::int64_t>(1, std::gcd(up, down));
  const Fraction result{up / common, down / common};
  if (std::abs(result.up) > kLargest || result.down > kLargest) return {};
  return result;
}

// Nothing where it is undefined or too large.
std::optional<Fraction> apply(Fraction a, char op, Fraction b) {
  switch (op) {
    case '+':
      return fraction(a.up * b.down + b.up * a.down, a.down * b.down);
    case '-':
      return fraction(a.up * b.down - b.up * a.down, a.down * b.down);
    case '*':
      return fraction(a.up * b.up, a.down * b.down);
    case '/':
      return fraction(a.up * b.down, a.down * b.up);
    default:
      return {};
  }
}

std::string text_of(Fraction f) {
  return std::to_string(f.up) + (f.down == 1 ? "" : "/" + std::to_string(f.down));
}

// Reads from the front of a text; what was read is removed.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  char next() {
    skip_blanks();
    if (text_.empty()) return 0;
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }
  char peek() {
    skip_blanks();
    return text_.empty() ? 0 : text_.front();
  }
  std::optional<std::int64_t> integer() {
    skip_blanks();
    const std::string_view before = text_;
    const bool minus = !text_.empty() && text_.front() == '-';
    if (minus) text_.remove_prefix(1);
    std::int64_t value = 0;
    int digits = 0;
    for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; ++digits) {
      if (digits == 9) return text_ = before, std::nullopt;
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    if (digits == 0) return text_ = before, std::nullopt;
    return minus ? -value : value;
  }
  // An integer, or two with a slash that touches both: "1/2" is a number, "1 / 2" a division.
  std::optional<Fraction> number() {
    const auto up = integer();
    if (!up) return {};
    if (text_.size() < 2 || text_[0] != '/' || text_[1] < '0' || text_[1] > '9')
      return Fraction{*up, 1};
    text_.remove_prefix(1);
    const auto down = integer();
    return down ? fraction(*up, *down) : std::nullopt;
  }

 private:
  void skip_blanks() {
    while (!text_.empty() &&
           (text_.front() == ' ' || text_.front() == '\t' || text_.front() == '\r'))
      text_.remove_prefix(1);
  }
  std::string_view text_;
};

// A number on the table and how it was made.
struct Held {
  Fraction value;
  std::string expression;
};

struct Move {
  Fraction a, b, result;
  char op = 0;
};

// "a op b = c", whatever follows. A leading "-" of a list is passed over.
std::optional<Move> read_move(std::string_view line) {
  while (line.starts_with(' ') || line.starts_with("- ")) line.remove_prefix(1);
  Reader reader(line);
  Move move;
  const auto a = reader.number();
  if (!a) return {};
  move.a = *a;
  move.op = reader.next();
  if (std::string_view("+-*/").find(move.op) == std::string_view::npos) return {};
  const auto b = reader.number();
  if (!b || reader.next() != '=') return {};
  const auto result = reader.number();
  if (!result) return {};
  move.b = *b;
  move.result = *result;
  return move;
}

// Can the numbers become 24? All ways to join two of them, until one is left.
bool solvable(const std::vector<Fraction>& numbers) {
  if (numbers.size() == 1) return numbers[0] == Fraction{24, 1};
  for (std::size_t i = 0; i < numbers.size(); ++i)
    for (std::size_t j = 0; j < numbers.size(); ++j) {
      if (i == j) continue;
      std::vector<Fraction> rest;
      for (std::size_t k = 0; k < numbers.size(); ++k)
        if (k != i && k != j) rest.push_back(numbers[k]);
      for (const char op : {'+', '-', '*', '/'}) {
        if ((op == '+' || op == '*') && i > j) continue;
        const auto joined = apply(numbers[i], op, numbers[j]);
        if (!joined) continue;
        rest.push_back(*joined);
        if (solvable(rest)) return true;
        rest.pop_back();
      }
    }
  return false;
}

std::vector<Fraction> numbers_of(const Problem& problem) {
  Reader reader(problem.question);
  std::vector<Fraction> numbers;
  while (const auto number = reader.integer()) numbers.push_back({*number, 1});
  if (reader.peek() != 0 || numbers.size() < 2 || numbers.size() > 5)
    throw Error(Fault::input, "game24", "the question of " + problem.id + " is no list of numbers",
                "Write two to five integers, such as \"4 6 8 8\"");
  return numbers;
}

// "(left: …)" at the end of a move's line, where it is written: does it tell the truth?
bool left_is_right(std::string_view line, const std::vector<Held>& held) {
  const auto at = line.find("left:");
  if (at == std::string_view::npos) return true;
  Reader reader(line.substr(at + 5));
  std::multiset<Fraction> written, real;
  while (const auto number = reader.number()) written.insert(*number);
  for (const Held& one : held) real.insert(one.value);
  return written == real;
}

// expression := term {(+|-) term}, term := factor {(*|/) factor}, factor := integer | ( … )
class Expression {
 public:
  explicit Expression(std::string_view text) : reader_(text) {}

  std::optional<Fraction> value() {
    const auto sum = chain("+-", 0);
    return reader_.peek() == 0 || reader_.peek() == '=' ? sum : std::nullopt;
  }
  std::multiset<std::int64_t> used;

 private:
  std::optional<Fraction> chain(std::string_view ops, int depth) {
    auto left = part(ops, depth);
    while (left && reader_.peek() != 0 && ops.find(reader_.peek()) != std::string_view::npos) {
      const char op = reader_.next();
      const auto right = part(ops, depth);
      left = right ? apply(*left, op, *right) : std::nullopt;
    }
    return left;
  }
  std::optional<Fraction> part(std::string_view ops, int depth) {
    return ops == "+-" ? chain("*/", depth) : factor(depth);
  }
  std::optional<Fraction> factor(int depth) {
    constexpr int kDeepest = 50;
    if (reader_.peek() != '(') {
      const auto number = reader_.integer();
      if (!number) return {};
      used.insert(*number);
      return Fraction{*number, 1};
    }
    if (depth == kDeepest) return {};
    reader_.next();
    const auto inside = chain("+-", depth + 1);
    return reader_.next() == ')' ? inside : std::nullopt;
  }

  Reader reader_;
};

class Game24 : public Task {
 public:
  std::string name() const override { return "game24"; }
  std::string prompt() const override { return "task/game24"; }

  TaskState read(const Problem& problem, std::string_view text) const override {
    TaskState state;
    std::vector<Held> held;
    for (const Fraction number : numbers_of(problem)) held.push_back({number, text_of(number)});
    for (const std::string_view line : lines_of(text)) {
      const auto move = read_move(line);
      if (!move) continue;
      state.broken = take(*move, held);
      if (state.broken.empty() && !left_is_right(line, held))
        state.broken = "the numbers left are others";
      if (!state.broken.empty()) return state.over = true, state;
      ++state.moves;
      if (held.size() == 1) break;
    }
    std::vector<Fraction> numbers;
    for (const Held& one : held) numbers.push_back(one.value);
    state.over = held.size() == 1;
    const bool reached = state.over && solvable(numbers);
    if (reached) state.answer = held[0].expression;
    state.value = reached ? 1.0f : !state.over && solvable(numbers) ? 0.5f : 0.0f;
    return state;
  }

  bool solves(const Problem& problem, std::string_view answer) const override {
    Expression expression(answer);
    const auto value = expression.value();
    std::multiset<std::int64_t> given;
    for (const Fraction number : numbers_of(problem)) given.insert(number.up);
    return value == Fraction{24, 1} && expression.used == given;
  }

 private:
  // Makes the move; says what is wrong with it.
  static std::string take(const Move& move, std::vector<Held>& held) {
    const auto find = [&](Fraction value) {
      return std::find_if(held.begin(), held.end(),
                          [&](const Held& one) { return one.value == value; });
    };
    const auto a = find(move.a);
    if (a == held.end()) return text_of(move.a) + " is not there";
    const Held left = *a;
    held.erase(a);
    const auto b = find(move.b);
    if (b == held.end()) return text_of(move.b) + " is not there";
    const Held right = *b;
    held.erase(b);
    if (apply(move.a, move.op, move.b) != move.result)
      return text_of(move.result) + " is not the result";
    held.push_back(
        {move.result, "(" + left.expression + " " + move.op + " " + right.expression + ")"});
    return {};
  }
};

}  // namespace

const Task& game24() {
  static const Game24 task;
  return task;
}

}  // namespace cairn::gym
