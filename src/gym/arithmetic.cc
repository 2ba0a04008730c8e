// Arithmetic as it is written for small transformers: plain, with the result reversed, and with
// scratchpads. Lee et al. 2023, arXiv:2307.03381, section 3. And expressions, one operation a line.

#include <fmt/format.h>

#include <algorithm>

#include "gym/families.h"

namespace cairn::gym {
namespace {

using Digits = std::vector<int>;  // the highest first

std::string digits_text(const Digits& digits, std::string_view between = "") {
  return fmt::format("{}", fmt::join(digits, between));
}

// Two numbers of so many digits. Every count of carries is as likely as every other, as in the
// paper's balanced sets.
struct Addends {
  Digits a, b;
};

Addends draw_addends(Draw& draw, int digits) {
  std::vector<int> carries(static_cast<std::size_t>(digits), 0);
  std::fill_n(carries.begin(), draw.from(0, digits), 1);
  draw.shuffle(carries);
  Addends made;
  int carry = 0;
  for (int i = 0; i < digits; ++i) {
    const int lowest = i + 1 == digits ? 1 : 0;
    int x = 0, y = 0;
    do {
      x = draw.from(lowest, 9), y = draw.from(lowest, 9);
    } while ((x + y + carry) / 10 != carries[static_cast<std::size_t>(i)]);
    carry = (x + y + carry) / 10;
    made.a.insert(made.a.begin(), x), made.b.insert(made.b.begin(), y);
  }
  return made;
}

// One digit of a sum, the lowest first.
struct Column {
  int x, y, carried, total;
};

std::vector<Column> columns(const Addends& of) {
  std::vector<Column> all;
  int carry = 0;
  for (std::size_t i = of.a.size(); i-- > 0;) {
    const int total = of.a[i] + of.b[i] + carry;
    all.push_back({of.a[i], of.b[i], carry, total});
    carry = total / 10;
  }
  return all;
}

Digits sum_of(const Addends& of) {
  Digits sum;
  for (const Column& column : columns(of)) sum.insert(sum.begin(), column.total % 10);
  if (columns(of).back().total >= 10) sum.insert(sum.begin(), 1);
  return sum;
}

Exercise addition_plain(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Addends of = draw_addends(draw, difficulty);
  const std::string sum = digits_text(of.a) + "+" + digits_text(of.b) + "=";
  return made("Write the sum and its result: 128+367=495.", sum, {sum + digits_text(sum_of(of))});
}

Exercise addition_reversed(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Addends of = draw_addends(draw, difficulty);
  const std::string sum = "$" + digits_text(of.a) + "+" + digits_text(of.b) + "=";
  Digits result = sum_of(of);
  std::reverse(result.begin(), result.end());
  return made(
      "Write the sum between dollar signs with its result's digits backwards, the lowest first: "
      "$128+367=594$.",
      sum, {sum + digits_text(result) + "$"});
}

Exercise addition_scratchpad(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Addends of = draw_addends(draw, difficulty);
  Lines steps;
  for (const Column& column : columns(of))
    steps.push_back(fmt::format("A->{} , C->{}", column.total % 10, column.total / 10));
  steps.back() += ".";
  steps.push_back(digits_text(sum_of(of)));
  return made(
      "Add digit by digit, the lowest first. A step is the digit of the result and the carry, A->5 "
      ", C->1; the last of these ends with a stop. The last step is the sum.",
      digits_text(of.a) + "+" + digits_text(of.b), std::move(steps));
}

Exercise addition_detailed(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const Addends of = draw_addends(draw, difficulty);
  Lines steps = {"<scratch>"};
  for (const Digits* digits : {&of.a, &of.b})
    steps.push_back(fmt::format("[{}] has {} digit{}.", digits_text(*digits, ","), digits->size(),
                                digits->size() == 1 ? "" : "s"));
  Addends left = of;
  Digits result;
  for (const Column& c : columns(of)) {
    steps.push_back(fmt::format("[{}] + [{}] , A=[{}] , C={} , {}+{}+{}={} , A->{} , C->{}",
                                digits_text(left.a, ","), digits_text(left.b, ","),
                                digits_text(result, ","), c.carried, c.x, c.y, c.carried, c.total,
                                c.total % 10, c.total / 10));
    left.a.pop_back(), left.b.pop_back();
    result.insert(result.begin(), c.total % 10);
  }
  steps.push_back(fmt::format("[] + [] , A=[{}] C={} , END", digits_text(result, ","),
                              columns(of).back().total / 10));
  steps.emplace_back("</scratch>");
  steps.push_back(digits_text(sum_of(of), " "));
  return made(
      "Add digit by digit, the lowest first, on a scratchpad of this form:\n<scratch>\n[1,8] has 2 "
      "digits.\n[6,7] has 2 digits.\n[1,8] + [6,7] , A=[] , C=0 , 8+7+0=15 , A->5 , C->1\n[1] + "
      "[6] , A=[5] , C=1 , 1+6+1=8 , A->8 , C->0\n[] + [] , A=[8,5] C=0 , END\n</scratch>\n8 5",
      digits_text(of.a) + "+" + digits_text(of.b), std::move(steps));
}

Exercise column_subtraction(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int digits = 1 + difficulty;
  Digits a = draw.numbers(digits, 0, 9), b = draw.numbers(digits, 0, 9);
  a[0] = draw.from(2, 9), b[0] = draw.from(1, a[0] - 1);  // so that a is larger
  Lines steps;
  Digits result;
  int borrowed = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int borrow = a[i] - b[i] - borrowed < 0 ? 1 : 0;
    const int digit = a[i] + 10 * borrow - b[i] - borrowed;
    steps.push_back(fmt::format("{} - {} - {} = {}, borrow {}", a[i] + 10 * borrow, b[i], borrowed,
                                digit, borrow));
    borrowed = borrow;
    result.insert(result.begin(), digit);
  }
  while (result.front() == 0 && result.size() > 1) result.erase(result.begin());
  steps.push_back(digits_text(result));
  return made(
      "Subtract the second number from the first digit by digit from the right. A step is the "
      "upper digit, 10 more where you borrow, minus the lower digit, minus what was borrowed "
      "before: 13 - 8 - 1 = 4, borrow 1. The last step is the difference.",
      digits_text(a) + "\n" + digits_text(b), std::move(steps));
}

// ---- expressions

using Tokens = Lines;  // numbers, + - * and brackets

long apply(long a, const std::string& op, long b) {
  return op == "+" ? a + b : op == "-" ? a - b : a * b;
}

// Does the operation at i stand between two numbers?
bool ready(const Tokens& tokens, std::size_t i) {
  const auto number = [&](std::size_t at) { return tokens[at].back() >= '0'; };
  return i > 0 && i + 1 < tokens.size() && !number(i) && number(i - 1) && number(i + 1);
}

// Where the next operation is: in the first innermost brackets, products before sums, from the
// left.
std::size_t next_operation(const Tokens& tokens) {
  const auto closing = std::find(tokens.begin(), tokens.end(), ")");
  const auto opening = std::find(std::make_reverse_iterator(closing), tokens.rend(), "(");
  const auto from = static_cast<std::size_t>(opening.base() - tokens.begin());
  const auto end = static_cast<std::size_t>(closing - tokens.begin());
  for (const std::string_view ops : {"*", "+-"})
    for (std::size_t i = from; i < end; ++i)
      if (ready(tokens, i) && ops.find(tokens[i]) != std::string_view::npos) return i;
  return end;
}

void reduce(Tokens& tokens, std::size_t at) {
  const long value = apply(std::stol(tokens[at - 1]), tokens[at], std::stol(tokens[at + 1]));
  const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(at) - 1;
  *first = std::to_string(value);
  tokens.erase(first + 1, first + 3);
  if (at < 2 || at >= tokens.size() || tokens[at - 2] != "(" || tokens[at] != ")") return;
  tokens.erase(first + 1);  // the brackets of a single number
  tokens.erase(first - 1);
}

Exercise evaluated(Tokens tokens) {
  const std::string given = fmt::format("{}", fmt::join(tokens, " "));
  Lines steps;
  while (tokens.size() > 1) {
    reduce(tokens, next_operation(tokens));
    steps.push_back(fmt::format("{}", fmt::join(tokens, " ")));
  }
  return made(
      "Work out the expression, one operation at a time: in the first innermost brackets where "
      "there are some, * before + and -, from the left. A step is the whole expression after an "
      "operation: 3 + 8 - 5. Brackets go when a single number is left in them.",
      given, std::move(steps));
}

const Tokens& operations() {
  static const Tokens all = {"+", "-", "*"};
  return all;
}

Exercise expression(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Tokens tokens = {std::to_string(draw.from(2, 99))};
  int products = 0;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const std::string op = products < 2 ? draw.one_of(operations()) : draw.coin() ? "+" : "-";
    products = op == "*" ? products + 1 : 0;
    tokens.push_back(op);
    tokens.push_back(std::to_string(draw.from(2, 99)));
  }
  return evaluated(std::move(tokens));
}

// A random tree of operations; brackets around every part but the whole.
Tokens tree(Draw& draw, int operations_left, bool whole) {
  if (operations_left == 0) return {std::to_string(draw.from(1, 9))};
  const int left = draw.from(0, operations_left - 1);
  Tokens tokens = tree(draw, left, false);
  tokens.push_back(operations_left > 3 ? operations()[draw.coin() ? 0 : 1]
                                       : draw.one_of(operations()));
  for (std::string& token : tree(draw, operations_left - 1 - left, false))
    tokens.push_back(std::move(token));
  if (whole) return tokens;
  tokens.insert(tokens.begin(), "(");
  tokens.emplace_back(")");
  return tokens;
}

Exercise bracket_expression(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  return evaluated(tree(draw, 1 + difficulty, true));
}

}  // namespace

std::vector<Procedure> arithmetic() {
  return {{"addition_plain", "a sum at once", addition_plain},
          {"addition_reversed", "a sum at once, the lowest digit first", addition_reversed},
          {"addition_scratchpad", "a sum by digits and carries", addition_scratchpad},
          {"addition_detailed", "a sum on a detailed scratchpad", addition_detailed},
          {"column_subtraction", "a difference digit by digit, with borrows", column_subtraction},
          {"expression", "sums and products, one operation a line", expression},
          {"bracket_expression", "brackets, one operation a line", bracket_expression}};
}

}  // namespace cairn::gym
