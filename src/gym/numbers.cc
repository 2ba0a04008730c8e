// Calculations by hand: each line is one of them.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "gym/families.h"

namespace cairn::gym {
namespace {

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
              fmt::format("Number: {}", given), std::move(steps));
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
      given, std::move(steps));
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
      given, std::move(steps));
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
              std::move(steps));
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
              given, std::move(steps));
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
      fmt::format("{}\n{}", number(a), number(b)), std::move(steps));
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
      fmt::format("{} * {}", a, fmt::join(digits, "")), std::move(steps));
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
      fmt::format("Matrix:\n{}Vector: {}", given, shown(v)), std::move(steps));
}

}  // namespace

std::vector<Procedure> numbers() {
  return {{"base_conversion", "a number in another base, by division", base_conversion},
          {"collatz", "halves, or three times and one", collatz},
          {"column_addition", "a sum digit by digit, with carries", column_addition},
          {"fibonacci", "sums of the last two", fibonacci},
          {"gcd", "Euclid's remainders", gcd},
          {"horner", "a polynomial by Horner's rule", horner},
          {"long_multiplication", "partial products and their sum", long_multiplication},
          {"matrix_vector", "a product row by row", matrix_vector},
          {"modular_power", "powers with a remainder", modular_power},
          {"prime_factors", "divisions by the smallest prime", prime_factors}};
}

}  // namespace cairn::gym
