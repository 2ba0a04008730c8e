// The procedures: each draws an exercise, does it step by step, and writes down every state.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <map>
#include <numeric>
#include <set>

#include "base/nearest.h"
#include "cairn/error.h"
#include "cairn/procedure.h"
#include "gym/draw.h"

namespace cairn {
namespace {

using gym::Draw;
using Lines = std::vector<std::string>;

std::string shown(const std::vector<int>& numbers) {
  return fmt::format("{}", fmt::join(numbers, " "));
}

// An exercise: what to do, from what, and how its states are written.
Exercise made(std::string rules, std::string given, Lines steps, AnswerKind kind) {
  Exercise made;
  made.problem.question = fmt::format(
      "{}\n\n{}\n\nWrite each step on a line of its own, in the form that is shown, and nothing "
      "else.",
      rules, given);
  made.problem.answer = steps.back();
  made.problem.kind = kind;
  made.problem.extract = "text";  // the last line
  made.steps = std::move(steps);
  return made;
}

// ---- lists

Exercise sort_bubble(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<int> list;
  Lines steps;
  while (steps.empty()) {  // one that is in order already has no steps
    list = draw.numbers(2 + difficulty, 1, 99);
    std::vector<int> now = list;
    for (std::size_t end = now.size(); end > 1; --end)
      for (std::size_t i = 0; i + 1 < end; ++i)
        if (now[i] > now[i + 1]) std::swap(now[i], now[i + 1]), steps.push_back(shown(now));
  }
  return made(
      "Sort the list by bubble sort: go through it from the left, again and again, and swap "
      "neighbours that are in the wrong order. A step is the whole list after a swap: 1 3 2.",
      "List: " + shown(list), std::move(steps), AnswerKind::text);
}

Exercise sort_selection(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<int> list(static_cast<std::size_t>(2 + difficulty));
  std::iota(list.begin(), list.end(), 1);
  for (int& n : list) n = 7 * n + draw.from(0, 6);
  draw.shuffle(list);
  std::vector<int> now = list;
  Lines steps;
  for (std::size_t i = 0; i + 1 < now.size(); ++i) {
    std::swap(now[i], *std::min_element(now.begin() + static_cast<std::ptrdiff_t>(i), now.end()));
    steps.push_back(fmt::format("{}: {}", i + 1, shown(now)));
  }
  return made(
      "Sort the list by selection sort: for each place from the left, swap what stands there with "
      "the smallest number from there on. A step is the place, from 1, and the whole list: 1: 2 5 "
      "3. Write a step even where nothing changes.",
      "List: " + shown(list), std::move(steps), AnswerKind::text);
}

Exercise running_sum(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const std::vector<int> list = draw.numbers(2 + difficulty, -50, 99);
  Lines steps;
  int sum = list[0];
  for (std::size_t i = 1; i < list.size(); ++i) {
    steps.push_back(fmt::format("{} {} {} = {}", sum, list[i] < 0 ? '-' : '+', std::abs(list[i]),
                                sum + list[i]));
    sum += list[i];
  }
  return made("Add up the numbers from the left. A step is one sum: 3 + 4 = 7, or 7 - 2 = 5.",
              "Numbers: " + shown(list), std::move(steps), AnswerKind::text);
}

Exercise rotate_list(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<int> list = draw.numbers(4, 1, 99);
  std::string given = "List: " + shown(list) + "\nOperations:";
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int what = draw.from(0, 2);
    if (what == 0) std::rotate(list.begin(), list.begin() + 1, list.end());
    if (what == 1) std::reverse(list.begin(), list.end());
    if (what == 2) std::swap(list.front(), list.back());
    given += fmt::format(" {}", what == 0 ? "rotate" : what == 1 ? "reverse" : "swap");
    steps.push_back(fmt::format("{}: {}", i + 1, shown(list)));
  }
  return made(
      "Do the operations in order. rotate: the first number goes to the end. reverse: the list "
      "backwards. swap: the first and the last change places. A step is its number and the list: "
      "1: 4 2 3 1.",
      given, std::move(steps), AnswerKind::text);
}

Exercise set_operations(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::set<int> set;
  for (const int n : draw.numbers(3, 1, 9)) set.insert(n);
  std::string given = fmt::format("Set: {}\nOperations:", fmt::join(set, " "));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int n = draw.from(1, 9);
    const bool add = draw.coin();
    add ? (void)set.insert(n) : (void)set.erase(n);
    given += fmt::format(" {} {}{}", add ? "add" : "remove", n, i < difficulty ? "," : "");
    steps.push_back(fmt::format("{}: {}", i + 1,
                                set.empty() ? "empty" : fmt::format("{}", fmt::join(set, " "))));
  }
  return made(
      "Add to the set and remove from it. A step is its number and the set in order, or the word "
      "empty: 1: 2 5 7.",
      given, std::move(steps), AnswerKind::text);
}

// ---- numbers

Exercise base_conversion(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int base = draw.from(2, 9);
  int number = draw.from(base * 2, 40 << std::min(difficulty, 14));
  const int given = number;
  Lines steps;
  std::string digits;
  while (number > 0) {
    steps.push_back(
        fmt::format("{} / {} = {} rest {}", number, base, number / base, number % base));
    digits.insert(0, std::to_string(number % base));
    number /= base;
  }
  steps.push_back(digits);
  return made(fmt::format("Write the number in base {}: divide by {} until 0 is left. A step is "
                          "one division, 13 / 2 = 6 rest 1; the last step is the digits.",
                          base, base),
              fmt::format("Number: {}", given), std::move(steps), AnswerKind::text);
}

Exercise gcd(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int a = draw.from(20, 30 << std::min(difficulty, 12)), b = draw.from(5, a - 1);
  const std::string given = fmt::format("Numbers: {} and {}", a, b);
  Lines steps;
  while (b > 0) {
    steps.push_back(fmt::format("{} mod {} = {}", a, b, a % b));
    a = std::exchange(b, a % b);
  }
  steps.push_back(std::to_string(a));
  return made(
      "Find the greatest common divisor by Euclid's algorithm. A step is one remainder, 48 mod 18 "
      "= 12; the last step is the divisor.",
      given, std::move(steps), AnswerKind::text);
}

Exercise collatz(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  long number = draw.from(5, 60);
  const std::string given = fmt::format("Start: {}\nTimes: {}", number, 2 + difficulty);
  Lines steps;
  for (int i = 0; i < 2 + difficulty; ++i) {
    number = number % 2 == 0 ? number / 2 : 3 * number + 1;
    steps.push_back(std::to_string(number));
  }
  return made(
      "Half of an even number, or three times an odd one plus one: do that the given number of "
      "times. A step is the new number.",
      given, std::move(steps), AnswerKind::number);
}

Exercise prime_factors(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int number = 1;
  for (int i = 0; i < 2 + difficulty / 2; ++i)
    number *= draw.one_of(std::vector<int>{2, 2, 3, 3, 5, 7, 11});
  const std::string given = fmt::format("Number: {}", number);
  Lines steps;
  for (int p = 2; number > 1; ++p)
    for (; number % p == 0; number /= p)
      steps.push_back(fmt::format("{} / {} = {}", number, p, number / p));
  return made(
      "Divide by the smallest prime that divides, until 1 is left. A step is one division: 12 / 2 "
      "= 6.",
      given, std::move(steps), AnswerKind::text);
}

Exercise modular_power(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int base = draw.from(2, 12), modulus = draw.from(7, 97), power = 2 + difficulty;
  int value = base % modulus;
  Lines steps;
  for (int i = 2; i <= power; ++i) {
    const int next = value * base % modulus;
    steps.push_back(fmt::format("{} * {} mod {} = {}", value, base, modulus, next));
    value = next;
  }
  return made(fmt::format("Find {}^{} mod {} by multiplying with {} again and again. A step is one "
                          "product: 3 * 5 mod 7 = 1.",
                          base, power, modulus, base),
              fmt::format("Begin with {} mod {} = {}.", base, modulus, base % modulus),
              std::move(steps), AnswerKind::text);
}

Exercise fibonacci(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int a = draw.from(1, 20), b = draw.from(1, 20);
  const std::string given = fmt::format("First two: {} {}\nNew ones: {}", a, b, 1 + difficulty);
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    steps.push_back(fmt::format("{} + {} = {}", a, b, a + b));
    a = std::exchange(b, a + b);
  }
  return made("Each new number is the sum of the two before it. A step is one sum: 2 + 3 = 5.",
              given, std::move(steps), AnswerKind::text);
}

Exercise horner(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const std::vector<int> coefficients = draw.numbers(2 + std::min(difficulty, 6), 1, 9);
  const int x = draw.from(2, 5);
  long value = coefficients[0];
  Lines steps;
  for (std::size_t i = 1; i < coefficients.size(); ++i) {
    const long next = value * x + coefficients[i];
    steps.push_back(fmt::format("{} * {} + {} = {}", value, x, coefficients[i], next));
    value = next;
  }
  return made(
      fmt::format("Find the polynomial's value at x = {} by Horner's rule: begin with the first "
                  "coefficient; multiply by x and add the next. A step is: 3 * 2 + 5 = 11.",
                  x),
      "Coefficients, highest power first: " + shown(coefficients), std::move(steps),
      AnswerKind::text);
}

Exercise column_addition(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int digits = 1 + difficulty;
  std::vector<int> a = draw.numbers(digits, 1, 9), b = draw.numbers(digits, 1, 9);
  const auto number = [](const std::vector<int>& d) { return fmt::format("{}", fmt::join(d, "")); };
  Lines steps;
  std::string sum;
  int carry = 0;
  for (int i = digits; i-- > 0;) {
    const int x = a[static_cast<std::size_t>(i)], y = b[static_cast<std::size_t>(i)];
    const int total = x + y + carry;
    steps.push_back(fmt::format("{} + {} + {} = {}, write {}, carry {}", x, y, carry, total,
                                total % 10, total / 10));
    sum.insert(0, std::to_string(total % 10));
    carry = total / 10;
  }
  if (carry > 0) sum.insert(0, "1");
  steps.push_back(sum);
  return made(
      "Add the two numbers digit by digit from the right. A step is one digit: 7 + 8 + 0 = 15, "
      "write 5, carry 1 (the third number is the carry). The last step is the sum.",
      fmt::format("{}\n{}", number(a), number(b)), std::move(steps), AnswerKind::text);
}

Exercise long_multiplication(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int a = draw.from(12, 999);
  const std::vector<int> digits = draw.numbers(1 + std::min(difficulty, 4), 1, 9);
  Lines steps;
  long total = 0, place = 1;
  for (std::size_t i = digits.size(); i-- > 0; place *= 10) {
    const long part = a * digits[i] * place;
    total += part;
    steps.push_back(fmt::format("{} * {} = {}, sum {}", a, digits[i] * place, part, total));
  }
  return made(
      "Multiply digit by digit, from the last digit of the second number, and add up. A step is "
      "one partial product and the sum so far: 12 * 30 = 360, sum 408.",
      fmt::format("{} * {}", a, fmt::join(digits, "")), std::move(steps), AnswerKind::text);
}

Exercise matrix_vector(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int rows = 1 + difficulty;
  const std::vector<int> v = draw.numbers(3, -5, 9);
  std::string given;
  Lines steps;
  std::vector<int> result;
  for (int i = 0; i < rows; ++i) {
    const std::vector<int> row = draw.numbers(3, -5, 9);
    given += shown(row) + "\n";
    result.push_back(std::inner_product(row.begin(), row.end(), v.begin(), 0));
    steps.push_back(fmt::format("row {}: {}", i + 1, result.back()));
  }
  steps.push_back(shown(result));
  return made(
      "Multiply the matrix by the vector, row by row. A step is one row's product, row 1: 14; the "
      "last step is the result's numbers.",
      fmt::format("Matrix:\n{}Vector: {}", given, shown(v)), std::move(steps), AnswerKind::text);
}

// ---- machines

Exercise registers(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::array<int, 3> r = {draw.from(0, 9), draw.from(0, 9), draw.from(0, 9)};
  std::string given = fmt::format("a = {}, b = {}, c = {}\nProgram:", r[0], r[1], r[2]);
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const auto to = static_cast<std::size_t>(draw.from(0, 2)),
               from = static_cast<std::size_t>(draw.from(0, 2));
    const bool plus = draw.coin();
    r[to] += plus ? r[from] : -r[from];
    given += fmt::format("\n{} {}= {}", "abc"[to], plus ? '+' : '-', "abc"[from]);
    steps.push_back(fmt::format("{} {} {}", r[0], r[1], r[2]));
  }
  return made("Run the program. A step is the values of a, b and c after one line of it: 3 -1 4.",
              given, std::move(steps), AnswerKind::text);
}

Exercise stack_machine(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<int> stack;
  std::string given = "Program:";
  Lines steps;
  for (int i = 0; i < 2 + difficulty; ++i) {
    const int what = stack.size() < 2 ? 0 : draw.from(0, 3);
    if (what <= 1) {
      stack.push_back(draw.from(1, 9));
      given += fmt::format(" push {}", stack.back());
    } else {
      const int top = stack.back();
      stack.pop_back();
      stack.back() = what == 2 ? stack.back() + top : stack.back() - top;
      given += what == 2 ? " add" : " sub";
    }
    given += i < 1 + difficulty ? "," : "";
    steps.push_back(fmt::format("{}: {}", i + 1, shown(stack)));
  }
  return made(
      "Run the stack machine. add replaces the two numbers on top by their sum, sub by the lower "
      "one minus the top. A step is its number and the stack, top last: 1: 4 7.",
      given, std::move(steps), AnswerKind::text);
}

Exercise boolean_circuit(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<bool> wires = {draw.coin(), draw.coin(), draw.coin()};
  std::string given =
      fmt::format("w1 = {}, w2 = {}, w3 = {}", int(wires[0]), int(wires[1]), int(wires[2]));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int most = static_cast<int>(wires.size()) - 1;
    const auto a = static_cast<std::size_t>(draw.from(0, most)),
               b = static_cast<std::size_t>(draw.from(0, most));
    const int gate = draw.from(0, 2);
    wires.push_back(gate == 0   ? wires[a] && wires[b]
                    : gate == 1 ? wires[a] || wires[b]
                                : wires[a] != wires[b]);
    given += fmt::format("\nw{} = w{} {} w{}", wires.size(), a + 1,
                         gate == 0   ? "and"
                         : gate == 1 ? "or"
                                     : "xor",
                         b + 1);
    steps.push_back(fmt::format("w{} = {}", wires.size(), int(wires.back())));
  }
  return made("Find the value of each gate, 0 or 1, in order. A step is one gate: w4 = 1.", given,
              std::move(steps), AnswerKind::text);
}

Exercise grid_walk(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int x = draw.from(-3, 3), y = draw.from(-3, 3);
  std::string given = fmt::format("Start: ({}, {})\nMoves:", x, y);
  Lines steps;
  for (int i = 0; i < 2 + difficulty; ++i) {
    const int way = draw.from(0, 3), far = draw.from(1, 5);
    x += way == 0 ? far : way == 1 ? -far : 0;
    y += way == 2 ? far : way == 3 ? -far : 0;
    given += fmt::format(" {} {}{}",
                         std::array{"right", "left", "up", "down"}[static_cast<std::size_t>(way)],
                         far, i < 1 + difficulty ? "," : "");
    steps.push_back(fmt::format("({}, {})", x, y));
  }
  return made(
      "Right adds to the first number, left takes away from it; up adds to the second, down takes "
      "away. A step is the place after a move: (2, -1).",
      given, std::move(steps), AnswerKind::text);
}

Exercise cups(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<std::string> cups = {"red", "blue", "green", "white"};
  draw.shuffle(cups);
  std::string given = fmt::format("Balls: {}\nSwaps:", fmt::join(cups, " "));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int a = draw.from(1, 4), b = 1 + (a - 1 + draw.from(1, 3)) % 4;
    std::swap(cups[static_cast<std::size_t>(a - 1)], cups[static_cast<std::size_t>(b - 1)]);
    given += fmt::format(" {}-{}", std::min(a, b), std::max(a, b));
    steps.push_back(fmt::format("{}", fmt::join(cups, " ")));
  }
  return made(
      "Balls lie under cups 1 to 4. Each swap exchanges what is under two cups. A step is the "
      "balls in order after a swap: red blue white green.",
      given, std::move(steps), AnswerKind::text);
}

// ---- text

Exercise string_rewriting(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string text;
  for (int i = 0; i < 3 + difficulty; ++i) text += "abc"[draw.from(0, 2)];
  text += "ba";  // at least one rule applies
  const std::string given = "Text: " + text;
  Lines steps;
  for (std::size_t at; (at = std::min(text.find("ba"), text.find("cb"))) != std::string::npos;) {
    std::swap(text[at], text[at + 1]);
    steps.push_back(text);
  }
  return made(
      "Two rules: ba becomes ab, and cb becomes bc. Always rewrite the leftmost place where one "
      "applies, until none does. A step is the text after a rewriting: abcab.",
      given, std::move(steps), AnswerKind::text);
}

Exercise caesar(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int shift = draw.from(1, 12);
  std::string word, coded;
  Lines steps;
  for (int i = 0; i < 2 + difficulty; ++i) {
    word += static_cast<char>('a' + draw.from(0, 25));
    coded += static_cast<char>('a' + (word.back() - 'a' + shift) % 26);
    steps.push_back(fmt::format("{} -> {}", word.back(), coded.back()));
  }
  steps.push_back(coded);
  return made(fmt::format("Shift each letter forward by {} in the alphabet; after z comes a. A "
                          "step is one letter, c -> f; the last step is the coded word.",
                          shift),
              "Word: " + word, std::move(steps), AnswerKind::text);
}

Exercise count_letters(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string word;
  Lines steps;
  int count = 0;
  for (int i = 0; i < 3 + difficulty; ++i) {
    word += "abcde"[draw.from(0, 4)];
    count += word.back() == 'a' ? 1 : 0;
    steps.push_back(fmt::format("{}. {} {}", i + 1, word.back(), count));
  }
  return made(
      "Count the letter a. A step is the place, from 1, the letter there and the count so far: 1. "
      "b 0.",
      "Word: " + word, std::move(steps), AnswerKind::text);
}

Exercise run_length(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string text, coded;
  Lines steps;
  char last = ' ';
  for (int i = 0; i < 2 + difficulty; ++i) {
    char c = "abcd"[draw.from(0, 3)];
    if (c == last) c = c == 'd' ? 'a' : static_cast<char>(c + 1);
    const int times = draw.from(1, 5);
    text += std::string(static_cast<std::size_t>(times), c);
    coded += fmt::format("{}{}", times, c);
    steps.push_back(coded);
    last = c;
  }
  return made(
      "Write each run of one letter as its length and the letter. A step is the code so far, one "
      "run longer each time: 3a2b.",
      "Text: " + text, std::move(steps), AnswerKind::text);
}

// ---- time, graphs, logic

Exercise clock(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int minutes = draw.from(0, 1439);
  const auto time = [&minutes] { return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60); };
  std::string given = "Time: " + time() + "\nAdd minutes:";
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int more = draw.from(5, 300);
    minutes = (minutes + more) % 1440;
    given += fmt::format(" {}", more);
    steps.push_back(time());
  }
  return made(
      "Add the minutes to the time, one after another; after 23:59 comes 00:00. A step is the new "
      "time: 09:45.",
      given, std::move(steps), AnswerKind::text);
}

Exercise calendar(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int month = draw.from(0, 11);
  int day = draw.from(1, kDays[static_cast<std::size_t>(month)]);
  const auto date = [&] { return fmt::format("{:02}-{:02}", month + 1, day); };
  std::string given = "Date: " + date() + "\nAdd days:";
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int more = draw.from(1, 40);
    day += more;
    for (; day > kDays[static_cast<std::size_t>(month)]; month = (month + 1) % 12)
      day -= kDays[static_cast<std::size_t>(month)];
    given += fmt::format(" {}", more);
    steps.push_back(date());
  }
  return made(
      "Add the days to the date, month-day in a year of 365 days, one after another; after 12-31 "
      "comes 01-01. A step is the new date: 03-07.",
      given, std::move(steps), AnswerKind::text);
}

Exercise graph_search(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int nodes = 4 + difficulty;
  std::map<int, std::set<int>> edges;
  for (int i = 2; i <= nodes; ++i) {
    const int other = draw.from(1, i - 1);
    edges[i].insert(other), edges[other].insert(i);
  }
  std::string given = "Edges:";
  for (const auto& [from, all] : edges)
    for (const int to : all)
      if (from < to) given += fmt::format(" {}-{}", from, to);
  Lines steps;
  std::deque<int> queue = {1};
  std::set<int> seen = {1};
  while (!queue.empty()) {
    const int now = queue.front();
    queue.pop_front();
    for (const int next : edges[now])
      if (seen.insert(next).second) queue.push_back(next);
    steps.push_back(fmt::format(
        "{}: {}", now, queue.empty() ? "empty" : fmt::format("{}", fmt::join(queue, " "))));
  }
  return made(
      "Breadth-first search from 1: take the first of the queue, and put its neighbours that were "
      "never in the queue at the end, the smallest first. A step is what was taken and the queue "
      "after it, or the word empty: 1: 2 3.",
      given, std::move(steps), AnswerKind::text);
}

Exercise entailment(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<char> facts(static_cast<std::size_t>(2 + difficulty));
  std::iota(facts.begin(), facts.end(), 'A');
  draw.shuffle(facts);
  std::vector<std::string> rules;
  Lines steps;
  for (std::size_t i = 1; i < facts.size(); ++i) {
    rules.push_back(fmt::format("{} implies {}", facts[i - 1], facts[i]));
    steps.push_back(fmt::format("{}, so {}", facts[i - 1], facts[i]));
  }
  draw.shuffle(rules);
  return made(
      "Derive all that follows, one rule at a time. A step is the fact that is used and the fact "
      "that follows: C, so A.",
      fmt::format("True: {}\nRules: {}", facts[0], fmt::join(rules, "; ")), std::move(steps),
      AnswerKind::text);
}

}  // namespace

const std::vector<Procedure>& procedures() {
  static const std::vector<Procedure> all = {
      {"base_conversion", "a number in another base, by division", base_conversion},
      {"boolean_circuit", "the value of each gate", boolean_circuit},
      {"caesar", "letters shifted in the alphabet", caesar},
      {"calendar", "dates after days", calendar},
      {"clock", "times after minutes", clock},
      {"collatz", "halves, or three times and one", collatz},
      {"column_addition", "a sum digit by digit, with carries", column_addition},
      {"count_letters", "a count along a word", count_letters},
      {"cups", "balls under cups that are swapped", cups},
      {"entailment", "facts by rules, in a chain", entailment},
      {"fibonacci", "sums of the last two", fibonacci},
      {"gcd", "Euclid's remainders", gcd},
      {"graph_search", "the queue of a breadth-first search", graph_search},
      {"grid_walk", "places on a grid", grid_walk},
      {"horner", "a polynomial by Horner's rule", horner},
      {"long_multiplication", "partial products and their sum", long_multiplication},
      {"matrix_vector", "a product row by row", matrix_vector},
      {"modular_power", "powers with a remainder", modular_power},
      {"prime_factors", "divisions by the smallest prime", prime_factors},
      {"registers", "a program on three variables", registers},
      {"rotate_list", "a list rotated, reversed, swapped", rotate_list},
      {"run_length", "a text as lengths and letters", run_length},
      {"running_sum", "sums from the left", running_sum},
      {"set_operations", "a set that is added to and removed from", set_operations},
      {"sort_bubble", "a list after each swap of a bubble sort", sort_bubble},
      {"sort_selection", "a list after each place of a selection sort", sort_selection},
      {"stack_machine", "a stack after each instruction", stack_machine},
      {"string_rewriting", "a text by two rules", string_rewriting}};
  return all;
}

const Procedure& find_procedure(std::string_view name) {
  std::vector<std::string> names;
  for (const Procedure& procedure : procedures()) {
    if (procedure.name == name) return procedure;
    names.push_back(procedure.name);
  }
  throw Error(Fault::input, "gym", fmt::format("there is no procedure \"{}\"", name),
              base::did_you_mean(name, names));
}

Exercise exercise(std::string_view name, std::uint64_t seed, int difficulty) {
  const Procedure& procedure = find_procedure(name);
  if (difficulty < 1 || difficulty > kHardest)
    throw Error(Fault::input, "gym",
                fmt::format("difficulty {} is outside 1 to {}", difficulty, kHardest),
                "Give a difficulty inside the range");
  Exercise made =
      procedure.generate(mix(mix(seed, name), static_cast<std::uint64_t>(difficulty)), difficulty);
  made.problem.id = fmt::format("{}/{}/{}", name, difficulty, seed);
  return made;
}

Exercise exercise_of(std::string_view id) {
  const auto first = id.find('/'), second = id.find('/', first + 1);
  int difficulty = 0;
  std::uint64_t seed = 0;
  const auto read = [](std::string_view text, auto& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  };
  if (first == std::string_view::npos || second == std::string_view::npos ||
      !read(id.substr(first + 1, second - first - 1), difficulty) ||
      !read(id.substr(second + 1), seed))
    throw Error(Fault::input, "gym", fmt::format("\"{}\" names no exercise", id),
                "Write NAME/DIFFICULTY/SEED, as `cairn gym sample` does");
  return exercise(id.substr(0, first), seed, difficulty);
}

}  // namespace cairn
