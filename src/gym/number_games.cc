// Numbers that are joined until one is left. The game of 24: Yao et al. 2023 (tree of thoughts),
// arXiv:2305.10601, section 4.1. Countdown: Gandhi et al. 2024 (stream of search),
// arXiv:2404.03683; there every result is a whole number above 0.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "cairn/error.h"
#include "gym/draw.h"
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

bool less(Fraction a, Fraction b) {
  return a.up * b.down < b.up * a.down;
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

// A problem: what is there, what it is to become, and whether results may be fractions.
struct Game {
  std::vector<Fraction> numbers;
  Fraction target;
  bool fractions = true;

  std::optional<Fraction> result(Fraction a, char op, Fraction b) const {
    const auto joined = apply(a, op, b);
    const bool allowed = fractions || (joined && joined->down == 1 && joined->up > 0);
    return allowed ? joined : std::nullopt;
  }
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

std::string line_of(const Move& move, std::vector<Fraction> left) {
  std::sort(left.begin(), left.end(), less);
  std::string line = text_of(move.a) + ' ' + move.op + ' ' + text_of(move.b) + " = " +
                     text_of(move.result) + " (left:";
  for (const Fraction number : left) line += ' ' + text_of(number);
  return line + ')';
}

// The numbers when the i-th and the j-th have become one.
std::vector<Fraction> left_after(const std::vector<Fraction>& numbers, std::size_t i, std::size_t j,
                                 Fraction joined) {
  std::vector<Fraction> left{joined};
  for (std::size_t k = 0; k < numbers.size(); ++k)
    if (k != i && k != j) left.push_back(numbers[k]);
  return left;
}

// Looks for moves that make the target, through all ways to join two numbers until one is left. A
// set of numbers that cannot become it is looked at once.
class Solver {
 public:
  explicit Solver(const Game& game) : game_(game) {}

  // Nothing when the target is out of reach.
  std::optional<std::vector<std::string>> moves(std::vector<Fraction> numbers) {
    std::sort(numbers.begin(), numbers.end());
    if (numbers.size() == 1 && numbers[0] == game_.target) return std::vector<std::string>{};
    if (numbers.size() == 1 || dead_.contains(numbers)) return {};
    for (std::size_t i = 0; i < numbers.size(); ++i)
      for (std::size_t j = 0; j < numbers.size(); ++j)
        for (const char op : {'+', '-', '*', '/'}) {
          const bool twice = (op == '+' || op == '*') && i > j;
          if (i == j || twice) continue;
          if (auto found = after(numbers, i, op, j)) return found;
        }
    dead_.insert(std::move(numbers));
    return {};
  }

 private:
  std::optional<std::vector<std::string>> after(const std::vector<Fraction>& numbers, std::size_t i,
                                                char op, std::size_t j) {
    const auto joined = game_.result(numbers[i], op, numbers[j]);
    if (!joined) return {};
    const std::vector<Fraction> left = left_after(numbers, i, j, *joined);
    auto found = moves(left);
    if (found) found->insert(found->begin(), line_of({numbers[i], numbers[j], *joined, op}, left));
    return found;
  }

  const Game& game_;
  std::set<std::vector<Fraction>> dead_;
};

// All ways to join two of the numbers, each once.
std::vector<std::string> joins(const Game& game, const std::vector<Fraction>& numbers) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    for (std::size_t j = 0; j < numbers.size(); ++j)
      for (const char op : {'+', '-', '*', '/'}) {
        const auto joined = i == j ? std::nullopt : game.result(numbers[i], op, numbers[j]);
        if (!joined) continue;
        const std::vector<Fraction> left = left_after(numbers, i, j, *joined);
        lines.push_back(line_of({numbers[i], numbers[j], *joined, op}, left));
      }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
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

// What the tasks have in common; they differ in how a question is written and which results count.
class NumberGame : public Task {
 public:
  TaskState read(const Problem& problem, std::string_view text) const override {
    const Game game = game_of(problem);
    TaskState state;
    const std::vector<Held> held = play(game, text, state);
    if (!state.broken.empty()) return state;
    state.over = held.size() == 1;
    const bool solvable = Solver(game).moves(values_of(held)).has_value();
    const bool reached = state.over && solvable;
    if (reached) state.answer = held[0].expression;
    state.value = reached ? 1.0f : solvable ? 0.5f : 0.0f;
    return state;
  }

  std::optional<std::vector<std::string>> solution(const Problem& problem,
                                                   std::string_view text) const override {
    const Game game = game_of(problem);
    TaskState state;
    const std::vector<Held> held = play(game, text, state);
    return state.broken.empty() ? Solver(game).moves(values_of(held)) : std::nullopt;
  }

  std::vector<std::string> moves(const Problem& problem, std::string_view text) const override {
    const Game game = game_of(problem);
    TaskState state;
    const std::vector<Held> held = play(game, text, state);
    return state.broken.empty() ? joins(game, values_of(held)) : std::vector<std::string>();
  }

  bool solves(const Problem& problem, std::string_view answer) const override {
    const Game game = game_of(problem);
    Expression expression(answer);
    const auto value = expression.value();
    std::multiset<std::int64_t> given;
    for (const Fraction number : game.numbers) given.insert(number.up);
    return value == game.target && expression.used == given;
  }

 protected:
  virtual Game game_of(const Problem& problem) const = 0;

 private:
  static std::vector<Fraction> values_of(const std::vector<Held>& held) {
    std::vector<Fraction> values;
    for (const Held& one : held) values.push_back(one.value);
    return values;
  }

  // What is held after the moves of the text, up to one that breaks a rule.
  static std::vector<Held> play(const Game& game, std::string_view text, TaskState& state) {
    std::vector<Held> held;
    for (const Fraction number : game.numbers) held.push_back({number, text_of(number)});
    for (const std::string_view line : lines_of(text)) {
      const auto move = read_move(line);
      if (!move) continue;
      state.broken = take(game, *move, held);
      if (state.broken.empty() && !left_is_right(line, held))
        state.broken = "the numbers left are others";
      state.over = !state.broken.empty();
      if (state.over) return held;
      ++state.moves;
      if (held.size() == 1) return held;
    }
    return held;
  }

  // Makes the move; says what is wrong with it.
  static std::string take(const Game& game, const Move& move, std::vector<Held>& held) {
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
    if (game.result(move.a, move.op, move.b) != move.result)
      return text_of(move.result) + " is not the result";
    held.push_back(
        {move.result, "(" + left.expression + " " + move.op + " " + right.expression + ")"});
    return {};
  }
};

std::vector<Fraction> integers(Reader& reader) {
  std::vector<Fraction> numbers;
  while (const auto number = reader.integer()) numbers.push_back({*number, 1});
  return numbers;
}

[[noreturn]] void refuse(const std::string& task, const Problem& problem, const std::string& form) {
  throw Error(Fault::input, task, "the question of " + problem.id + " is none of this task",
              "Write two to five integers, such as \"" + form + "\"");
}

bool few(const std::vector<Fraction>& numbers) {
  return numbers.size() >= 2 && numbers.size() <= 5;
}

class Game24 : public NumberGame {
 public:
  std::string name() const override { return "game24"; }
  std::string prompt() const override { return "task/game24"; }

  // Three numbers from 1 to 13 up to difficulty 2, four up to 7, then five.
  Problem draw(std::uint64_t seed, int difficulty) const override {
    Draw draw(seed);
    Problem problem;
    Game game{{}, {24, 1}, true};
    do {
      problem.question.clear();
      for (const int n : draw.numbers(difficulty <= 2 ? 3 : difficulty <= 7 ? 4 : 5, 1, 13))
        problem.question += (problem.question.empty() ? "" : " ") + std::to_string(n);
      game = game_of(problem);
    } while (!Solver(game).moves(game.numbers));
    return problem;
  }

 protected:
  Game game_of(const Problem& problem) const override {
    Reader reader(problem.question);
    Game game{integers(reader), {24, 1}, true};
    if (reader.peek() != 0 || !few(game.numbers)) refuse("game24", problem, "4 6 8 8");
    return game;
  }
};

class Countdown : public NumberGame {
 public:
  std::string name() const override { return "countdown"; }
  std::string prompt() const override { return "task/countdown"; }

  // Three to five numbers, joined at random into the target.
  Problem draw(std::uint64_t seed, int difficulty) const override {
    Draw draw(seed);
    Problem problem;
    while (problem.question.empty()) {
      const std::vector<int> numbers =
          draw.numbers(3 + (difficulty - 1) / 4, 1, 10 + 4 * difficulty);
      const std::int64_t target = joined(draw, {numbers.begin(), numbers.end()});
      if (target < 10 || target > 999) continue;
      problem.question = "Numbers:";
      for (const int n : numbers) problem.question += ' ' + std::to_string(n);
      problem.question += ". Target: " + std::to_string(target) + ".";
    }
    return problem;
  }

 protected:
  Game game_of(const Problem& problem) const override {
    constexpr std::string_view kNumbers = "Numbers:", kTarget = "Target:";
    const std::string_view question = problem.question;
    const auto at = question.find(kTarget);
    if (!question.starts_with(kNumbers) || at == std::string_view::npos)
      refuse("countdown", problem, "Numbers: 3 7 8. Target: 29.");
    Reader before(question.substr(kNumbers.size(), at - kNumbers.size()));
    Reader after(question.substr(at + kTarget.size()));
    Game game{integers(before), {}, false};
    const auto target = after.integer();
    if (!target || !few(game.numbers)) refuse("countdown", problem, "Numbers: 3 7 8. Target: 29.");
    game.target = {*target, 1};
    return game;
  }

 private:
  // What the numbers become by operations at random; 0 where one of them is not allowed.
  static std::int64_t joined(Draw& draw, std::vector<std::int64_t> numbers) {
    const Game game{{}, {}, false};
    while (numbers.size() > 1) {
      draw.shuffle(numbers);
      const std::int64_t a = numbers.back();
      numbers.pop_back();
      const auto result = game.result({a, 1}, "+-*/" [draw.from(0, 3)], { numbers.back(), 1 });
      if (!result) return 0;
      numbers.back() = result->up;
    }
    return numbers[0];
  }
};

}  // namespace

const Task& game24() {
  static const Game24 task;
  return task;
}

const Task& countdown() {
  static const Countdown task;
  return task;
}

}  // namespace cairn::gym
