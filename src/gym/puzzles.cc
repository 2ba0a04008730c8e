// Procedural tasks of the kind that reasoning-gym collects: numbers, games of rules, graphs, logic.
// Stojanovski et al. 2025, arXiv:2505.24760. The exercises are our own.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

#include "gym/families.h"

namespace cairn::gym {
namespace {

// ---- numbers

Exercise sieve(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int last = 10 + 12 * difficulty + draw.from(0, 9);
  std::vector<bool> crossed(place(last) + 1, false);
  Lines steps;
  int primes = 0;
  for (int p = 2; p <= last; ++p) {
    if (crossed[place(p)]) continue;
    ++primes;
    std::vector<int> now;
    for (int n = p * p; n <= last; n += p)
      if (!crossed[place(n)]) crossed[place(n)] = true, now.push_back(n);
    if (!now.empty()) steps.push_back(fmt::format("{}: {}", p, shown(now)));
  }
  steps.push_back(std::to_string(primes));
  return made(
      "Count the primes by the sieve of Eratosthenes: for each prime from 2 on cross out its "
      "multiples, from its square on, that are not crossed out yet. A step is a prime and the "
      "numbers that it crosses out, where there are any: 3: 9 15 21. The last step is how many "
      "primes there are.",
      fmt::format("Numbers: 2 to {}", last), std::move(steps));
}

Exercise fraction(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int up = draw.from(1, 12), down = draw.from(2, 13);
  for (int i = 0; i < 1 + difficulty / 2; ++i) {
    const int by = draw.one_of(std::vector<int>{2, 2, 3, 3, 5, 7});
    up *= by, down *= by;
  }
  const std::string given = fmt::format("Fraction: {}/{}", up, down);
  Lines steps;
  for (int p = 2; p <= std::min(up, down); ++p)
    while (up % p == 0 && down % p == 0) {
      up /= p, down /= p;
      steps.push_back(fmt::format("by {}: {}/{}", p, up, down));
    }
  return made(
      "Reduce the fraction: divide both numbers by the smallest prime that divides both, again and "
      "again, until none does. A step is the prime and the fraction: by 2: 6/9.",
      given, std::move(steps));
}

Exercise count_bits(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int number = 0;
  for (int i = 0; i < 2 + difficulty; ++i) number |= 1 << draw.from(0, 3 + difficulty);
  const std::string given = fmt::format("Number: {}", number);
  Lines steps;
  while (number > 0) {
    const int bit = number & -number;
    steps.push_back(fmt::format("{} - {} = {}", number, bit, number - bit));
    number -= bit;
  }
  steps.push_back(std::to_string(steps.size()));
  return made(
      "Write the number as a sum of different powers of two and count them: take away the smallest "
      "of these powers until 0 is left. A step is one difference: 12 - 4 = 8. The last step is how "
      "many there were.",
      given, std::move(steps));
}

Exercise bitwise(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int value = draw.from(0, 255);
  std::string given = fmt::format("Start: {:08b}\nOperations:", value);
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int what = draw.from(0, 3), mask = draw.from(1, 255);
    if (what == 3) {
      value = (value << 1 | value >> 7) & 255;
      given += "\nrotate left";
    } else {
      value = what == 0 ? value & mask : what == 1 ? value | mask : value ^ mask;
      given += fmt::format("\n{} {:08b}", std::array{"and", "or", "xor"}[place(what)], mask);
    }
    steps.push_back(fmt::format("{}: {:08b}", i + 1, value));
  }
  return made(
      "Do the operations on the eight bits, in order. rotate left: each bit moves one place to the "
      "left, the first one to the end. A step is its number and the bits: 1: 00101101.",
      given, std::move(steps));
}

// "3x", "- x", "+ 5": a coefficient with its sign, for the beginning or the inside of a sum.
std::string term(int number, std::string_view letter, bool first) {
  const std::string sign = first ? (number < 0 ? "-" : "") : number < 0 ? " - " : " + ";
  const int size = std::abs(number);
  return sign + (size == 1 && !letter.empty() ? "" : std::to_string(size)) + std::string(letter);
}

int with_sign(Draw& draw, int most) {
  return draw.from(1, most) * (draw.coin() ? 1 : -1);
}

Exercise linear_equation(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int x = draw.from(-9, 9), parts = 1 + difficulty;
  std::vector<int> xs, constants;  // of the left side
  const auto sum = [](const auto& list) { return std::accumulate(list.begin(), list.end(), 0); };
  while (sum(xs) == 0) {
    xs.clear();
    for (int i = 0; i < parts; ++i) xs.push_back(with_sign(draw, 9));
  }
  for (int i = 0; i < parts; ++i) constants.push_back(with_sign(draw, 20));
  const auto of_x = [](int n) { return n == 0 ? "0" : term(n, "x", true); };
  std::string left = of_x(xs[0]);
  Lines steps;
  int so_far = xs[0];
  for (std::size_t i = 1; i < xs.size(); so_far += xs[i++]) {
    left += term(xs[i], "x", false);
    steps.push_back(of_x(so_far) + term(xs[i], "x", false) + " = " + of_x(so_far + xs[i]));
  }
  for (const int c : constants) left += term(c, "", false);
  steps.push_back(fmt::format("{} = {}", of_x(so_far), so_far * x));
  steps.push_back(fmt::format("x = {}", x));
  const int right = so_far * x + sum(constants);
  return made(
      "Solve the equation. First add up the terms with x from the left, a step for each sum: 3x - "
      "5x "
      "= -2x. Then bring all the numbers to the right side, one step: -2x = 8. The last step is x: "
      "x "
      "= -4.",
      fmt::format("{} = {}", left, right), std::move(steps));
}

std::string polynomial(const std::vector<int>& coefficients) {
  std::string text;
  for (std::size_t power = coefficients.size(); power-- > 0;) {
    if (coefficients[power] == 0) continue;
    const std::string letter = power == 0 ? "" : power == 1 ? "x" : "x^" + std::to_string(power);
    text += term(coefficients[power], letter, text.empty());
  }
  return text.empty() ? "0" : text;
}

std::vector<int> draw_polynomial(Draw& draw, int degree) {
  std::vector<int> coefficients = draw.numbers(degree + 1, -9, 9);
  coefficients.back() = draw.from(1, 9);
  return coefficients;
}

Exercise polynomial_product(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const auto a = draw_polynomial(draw, 1 + difficulty / 2), b = draw_polynomial(draw, difficulty);
  std::vector<int> product(a.size() + b.size() - 1, 0);
  Lines steps;
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = 0; j < b.size(); ++j) product[i + j] += a[i] * b[j];
    steps.push_back(polynomial(product));
  }
  return made(
      "Multiply the polynomials: multiply the second one with each term of the first, from the "
      "highest power to the lowest, 0 for a power that is missing, and add up. A step is the sum "
      "so "
      "far: 6x^3 - 2x^2 + 4.",
      fmt::format("({}) * ({})", polynomial(a), polynomial(b)), std::move(steps));
}

std::string complex(std::int64_t re, std::int64_t im) {
  return fmt::format("{} {} {}i", re, im < 0 ? '-' : '+', std::abs(im));
}

Exercise complex_product(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::int64_t re = draw.from(-5, 5), im = draw.from(1, 5);
  std::string given = fmt::format("({})", complex(re, im));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int a = draw.from(-3, 3), b = draw.from(1, 3);
    given += fmt::format(" * ({})", complex(a, b));
    const std::int64_t next = re * a - im * b;
    im = re * b + im * a;
    re = next;
    steps.push_back(complex(re, im));
  }
  return made("Multiply the complex numbers from the left. A step is the product so far: -3 + 4i.",
              given, std::move(steps));
}

std::string cents(int amount) {
  return fmt::format("{}{}.{:02}", amount < 0 ? "-" : "", std::abs(amount) / 100,
                     std::abs(amount) % 100);
}

Exercise decimal_sum(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int sum = draw.from(1, 9999);
  std::string given = cents(sum);
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int next = draw.from(1, 9999);
    const char op = draw.coin() ? '+' : '-';
    const int before = std::exchange(sum, op == '+' ? sum + next : sum - next);
    given += fmt::format(" {} {}", op, cents(next));
    steps.push_back(fmt::format("{} {} {} = {}", cents(before), op, cents(next), cents(sum)));
  }
  return made("Add and subtract from the left. A step is one operation: 12.50 - 3.75 = 8.75.",
              given, std::move(steps));
}

Exercise roman_numerals(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  static const std::vector<std::pair<int, std::string>> values = {
      {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
      {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
  int number = draw.from(2 + 30 * difficulty, 30 + 390 * difficulty);
  const std::string given = fmt::format("Number: {}", number);
  std::string roman;
  Lines steps;
  for (const auto& [value, letters] : values)
    while (number >= value) {
      number -= value;
      roman += letters;
      steps.push_back(fmt::format("{} {}", roman, number));
    }
  steps.push_back(roman);
  return made(
      "Write the number in Roman numerals, always with the largest that fits, of M CM D CD C XC L "
      "XL "
      "X IX V IV I. A step is the numerals so far and the number that is left: XI 3. The last step "
      "is the numerals.",
      given, std::move(steps));
}

// ---- games of rules

using Cells = std::vector<std::string>;

char cell_at(const Cells& cells, int row, int column) {
  const bool inside = row >= 0 && row < static_cast<int>(cells.size()) && column >= 0 &&
                      column < static_cast<int>(cells[0].size());
  return inside ? cells[place(row)][place(column)] : ' ';
}

// The same size; each cell is what `next` says of its place.
Cells changed(const Cells& cells, auto next) {
  Cells after = cells;
  for (int r = 0; r < static_cast<int>(cells.size()); ++r)
    for (int c = 0; c < static_cast<int>(cells[0].size()); ++c)
      after[place(r)][place(c)] = next(r, c);
  return after;
}

Cells draw_cells(Draw& draw, int rows, int columns, std::string_view of) {
  Cells cells(place(rows), std::string(place(columns), ' '));
  for (std::string& row : cells)
    for (char& c : row) c = of[place(draw.from(0, static_cast<int>(of.size()) - 1))];
  return cells;
}

Exercise game_of_life(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Cells cells = draw_cells(draw, 4, 5, "--#");
  const std::string given =
      fmt::format("Cells: {}\nGenerations: {}", joined(cells, "/"), difficulty);
  Lines steps;
  for (int i = 0; i < difficulty; ++i) {
    cells = changed(cells, [&](int r, int c) {
      int alive = 0;
      for (int k = 0; k < 9; ++k)
        alive += k != 4 && cell_at(cells, r + k / 3 - 1, c + k % 3 - 1) == '#' ? 1 : 0;
      return alive == 3 || (alive == 2 && cell_at(cells, r, c) == '#') ? '#' : '-';
    });
    steps.push_back(fmt::format("{}: {}", i + 1, joined(cells, "/")));
  }
  return made(
      "Conway's game of life: a cell lives on, #, with two or three living ones among its eight "
      "neighbours, and comes to life with three; else it is dead, -. Nothing lives outside. A "
      "step is the number of the generation and its cells, rows with a slash between: 1: -#-/##-.",
      given, std::move(steps));
}

Exercise rotten_oranges(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Cells cells(1);
  const auto spread = [&] {
    return changed(cells, [&](int r, int c) {
      const bool next = cell_at(cells, r - 1, c) == 'x' || cell_at(cells, r + 1, c) == 'x' ||
                        cell_at(cells, r, c - 1) == 'x' || cell_at(cells, r, c + 1) == 'x';
      return cell_at(cells, r, c) == 'o' && next ? 'x' : cell_at(cells, r, c);
    });
  };
  while (cells == spread())
    cells = draw_cells(draw, 2 + difficulty / 2, 3 + difficulty, "oooooooo-x-");
  const std::string given = fmt::format("Boxes: {}", joined(cells, "/"));
  Lines steps;
  for (Cells next = spread(); next != cells; next = spread()) {
    cells = next;
    steps.push_back(fmt::format("{}: {}", steps.size() + 1, joined(cells, "/")));
  }
  return made(
      "Every minute each good orange o above, below, left or right of a rotten one x becomes "
      "rotten; "
      "- is an empty place. Go on until nothing changes any more. A step is the minute and "
      "the "
      "boxes, rows with a slash between: 1: ox-/xx-.",
      given, std::move(steps));
}

void move_tower(int disks, int from, int to, Lines& steps) {
  if (disks == 0) return;
  const int other = 3 - from - to;
  move_tower(disks - 1, from, other, steps);
  steps.push_back(
      fmt::format("{}. disk {} from {} to {}", steps.size() + 1, disks, "ABC"[from], "ABC"[to]));
  move_tower(disks - 1, other, to, steps);
}

Exercise tower_of_hanoi(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int disks = 2 + difficulty / 3;
  const int from = draw.from(0, 2), to = (from + draw.from(1, 2)) % 3;
  Lines steps;
  move_tower(disks, from, to, steps);
  return made(
      "The tower of Hanoi, by the fewest moves: move one disk at a time, never onto a smaller one. "
      "Disk 1 is the smallest. A step is the number of the move and the move: 1. disk 1 from A to "
      "C.",
      fmt::format("Disks: {}\nFrom {} to {}; the third peg is {}.", disks, "ABC"[from], "ABC"[to],
                  "ABC"[3 - from - to]),
      std::move(steps));
}

Exercise jugs(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int large = 4 + difficulty + draw.from(0, 4);
  int small = 0;
  while (std::gcd(small, large) != 1) small = draw.from(2, large - 1);
  const int wanted = draw.from(1, large - 1);
  int a = 0, b = 0;
  Lines steps;
  while (a != wanted && b != wanted) {
    if (b == large)
      b = 0, steps.push_back(fmt::format("empty B: {} {}", a, b));
    else if (a == 0)
      a = small, steps.push_back(fmt::format("fill A: {} {}", a, b));
    else {
      const int poured = std::min(a, large - b);
      a -= poured, b += poured;
      steps.push_back(fmt::format("pour A into B: {} {}", a, b));
    }
  }
  return made(
      "Two jugs are empty. Always do the first of these that can be done: empty B when it is full; "
      "fill A when it is empty; pour A into B, until A is empty or B is full. Stop when a jug "
      "holds "
      "the amount that is wanted. A step is what is done and what A and B hold then: fill A: 3 0.",
      fmt::format("A holds {}, B holds {}. Wanted: {}", small, large, wanted), std::move(steps));
}

Exercise spiral_matrix(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int rows = 2 + difficulty / 2, columns = 2 + difficulty / 3 + draw.from(0, 1);
  std::vector<std::vector<int>> grid;
  std::string given = "Matrix:";
  for (int r = 0; r < rows; ++r) {
    grid.push_back(draw.numbers(columns, 1, 99));
    given += "\n" + shown(grid.back());
  }
  Lines steps;
  std::vector<int> all;
  while (!grid.empty() && !grid[0].empty()) {
    steps.push_back(shown(grid[0]));
    all.insert(all.end(), grid[0].begin(), grid[0].end());
    std::vector<std::vector<int>> turned;  // the rest, so that its right side comes first
    for (std::size_t c = grid[0].size(); c-- > 0;) {
      turned.emplace_back();
      for (std::size_t r = 1; r < grid.size(); ++r) turned.back().push_back(grid[r][c]);
    }
    grid = std::move(turned);
  }
  steps.push_back(shown(all));
  return made(
      "Read the matrix in a spiral: the first row from the left, what is left of the last column "
      "downwards, of the last row from the right, of the first column upwards, and so on inwards. "
      "A "
      "step is what is read in one direction: 4 8 2. The last step is all numbers in this order.",
      given, std::move(steps));
}

// A program of +, -, > and < on four cells, as of the language brainf***, without loops.
Exercise tape_machine(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::vector<int> cells = draw.numbers(4, 0, 9);
  int at = 0;
  std::string given = fmt::format("Cells: {}\nProgram:", shown(cells));
  Lines steps;
  for (int i = 0; i < 2 + difficulty; ++i) {
    const int what = draw.from(0, 3), n = draw.from(1, 3);
    if (what < 2) at = (at + (what == 0 ? n : 4 * n - n)) % 4;
    if (what >= 2) cells[place(at)] += what == 2 ? n : -n;
    given += " " + std::string(place(n), "><+-"[what]);
    steps.push_back(fmt::format("{} at {}", shown(cells), at + 1));
  }
  return made(
      "A head stands at cell 1 of 4. > moves it to the next cell, after the last to the first; < "
      "moves it back, before the first to the last; + adds one to its cell, - takes one away. A "
      "step "
      "is the cells and where the head is after a group of equal signs: 3 0 4 1 at 2.",
      given, std::move(steps));
}

// ---- words

Exercise word_sorting(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Lines words;
  for (int i = 0; i < 2 + difficulty; ++i) {
    words.emplace_back();
    for (int k = draw.from(3, 5); k > 0; --k) words.back() += "abcdeilmnorst"[draw.from(0, 12)];
  }
  const std::string given = "Words: " + joined(words);
  Lines sorted, steps;
  for (const std::string& word : words) {
    sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), word), word);
    steps.push_back(joined(sorted));
  }
  return made(
      "Sort the words by insertion: take one after another and put it into its place among those "
      "before. A step is the words so far, in order: bad cat.",
      given, std::move(steps));
}

Exercise isomorphic_strings(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string a, b;
  std::map<char, char> to;
  std::vector<int> letters(26);
  std::iota(letters.begin(), letters.end(), 0);
  draw.shuffle(letters);
  for (int i = 0; i < 3 + difficulty; ++i) {
    const int which = draw.from(0, 3 + difficulty / 2);
    a += static_cast<char>('a' + which);
    b += static_cast<char>('a' + letters[place(which)]);
  }
  if (draw.coin()) b[place(draw.from(1, 2 + difficulty))] = a[0];
  Lines steps;
  bool same = true;
  for (std::size_t i = 0; i < a.size() && same; ++i) {
    same = to.emplace(a[i], b[i]).first->second == b[i];
    for (const auto& [x, y] : to) same = same && (x == a[i]) == (y == b[i]);
    steps.push_back(fmt::format("{}. {} -> {}", i + 1, a[i], b[i]));
  }
  steps.emplace_back(same ? "same pattern" : "another pattern");
  return made(
      "Do the texts have the same pattern: does every letter of the first always stand for one and "
      "the same letter of the second, and no two for the same? Go through them until that breaks. "
      "A "
      "step is the place and the two letters: 1. a -> k. The last step is: same pattern, or: "
      "another "
      "pattern.",
      fmt::format("{} {}", a, b), std::move(steps));
}

// ---- graphs and logic

Exercise course_schedule(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int courses = 3 + difficulty;
  std::vector<int> order(place(courses));
  std::iota(order.begin(), order.end(), 1);
  draw.shuffle(order);
  std::map<int, std::set<int>> needs;
  Lines given;
  for (int i = 1; i < courses; ++i)
    for (int n = draw.from(1, 2); n > 0; --n)
      needs[order[place(i)]].insert(order[place(draw.from(0, i - 1))]);
  for (const auto& [course, before] : needs)
    given.push_back(fmt::format("{} needs {}", course, joined(before, " and ")));
  std::vector<int> done;
  Lines steps;
  const auto open = [&](int course) {
    const auto has = [&](int n) { return std::find(done.begin(), done.end(), n) != done.end(); };
    return !has(course) && std::all_of(needs[course].begin(), needs[course].end(), has);
  };
  while (static_cast<int>(done.size()) < courses) {
    std::vector<int> now;
    for (int course = 1; course <= courses; ++course)
      if (open(course)) now.push_back(course);
    done.push_back(now[0]);
    steps.push_back(fmt::format("{}: take {}", shown(now), now[0]));
  }
  steps.push_back(shown(done));
  return made(
      "Take the courses in an order in which each comes after those that it needs; of the ones "
      "that "
      "are open always the smallest. A step is all open courses, and the one that is taken: 2 5: "
      "take "
      "2. The last step is the whole order.",
      fmt::format("Courses: 1 to {}\n{}", courses, joined(given, "\n")), std::move(steps));
}

Exercise shortest_path(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int nodes = 3 + difficulty;
  std::map<int, std::map<int, int>> roads;
  for (int i = 2; i <= nodes; ++i)
    for (int n = draw.from(1, 2); n > 0; --n) {
      const int other = draw.from(1, i - 1);
      roads[i][other] = roads[other][i] = draw.from(1, 20);
    }
  Lines given;
  for (const auto& [from, all] : roads)
    for (const auto& [to, length] : all)
      if (from < to) given.push_back(fmt::format("{}-{}: {}", from, to, length));
  std::map<int, int> known, reached = {{1, 0}};
  Lines steps;
  while (!reached.empty()) {
    const auto [node, distance] =
        *std::min_element(reached.begin(), reached.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
    known[node] = distance;
    reached.erase(node);
    steps.push_back(fmt::format("{} at {}", node, distance));
    for (const auto& [to, length] : roads[node])
      if (!known.contains(to) && (!reached.contains(to) || reached[to] > distance + length))
        reached[to] = distance + length;
  }
  steps.push_back(fmt::format("{} is {} away", nodes, known[nodes]));
  return made(
      fmt::format(
          "How far is {} from 1? By Dijkstra's algorithm: of the places that are reached and "
          "not settled, settle the nearest, of equals the one with the smallest number. A "
          "step is the place that is settled and its distance: 3 at 12. Settle all. The last "
          "step is: {} is 15 away.",
          nodes, nodes),
      fmt::format("Roads: {}", joined(given, ", ")), std::move(steps));
}

Exercise islands(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Cells cells = draw_cells(draw, 2 + difficulty / 2, 4 + difficulty / 2, "..##");
  cells[0][0] = '#';
  const std::string given = "Map:\n" + joined(cells, "\n");
  const auto sink = [&cells](auto& self, int r, int c) -> int {
    if (cell_at(cells, r, c) != '#') return 0;
    cells[place(r)][place(c)] = '.';
    return 1 + self(self, r - 1, c) + self(self, r + 1, c) + self(self, r, c - 1) +
           self(self, r, c + 1);
  };
  Lines steps;
  int largest = 0;
  for (int r = 0; r < static_cast<int>(cells.size()); ++r)
    for (int c = 0; c < static_cast<int>(cells[0].size()); ++c)
      if (const int size = sink(sink, r, c); size > 0) {
        steps.push_back(fmt::format("({}, {}): {}", r + 1, c + 1, size));
        largest = std::max(largest, size);
      }
  steps.push_back(std::to_string(largest));
  return made(
      "How large is the largest island? Land # hangs together above, below, left and right. Go "
      "over "
      "the map row by row, from the left. A step is the first place of an island, (row, column) "
      "from "
      "(1, 1), and how many places it has: (1, 1): 4. The last step is the largest size.",
      given, std::move(steps));
}

Exercise union_find(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int members = 3 + difficulty;
  std::vector<int> group(place(members) + 1);
  std::iota(group.begin(), group.end(), 0);
  std::string given = fmt::format("Members: 1 to {}\nPairs:", members);
  Lines steps;
  for (int i = 0; i < 2 + difficulty; ++i) {
    const int a = draw.from(1, members), b = 1 + (a - 1 + draw.from(1, members - 1)) % members;
    const int kept = std::min(group[place(a)], group[place(b)]);
    const int gone = std::max(group[place(a)], group[place(b)]);
    std::replace(group.begin(), group.end(), gone, kept);
    given += fmt::format(" {}-{}", a, b);
    steps.push_back(shown({group.begin() + 1, group.end()}));
  }
  return made(
      "Each member is a group of its own, named by its number. A pair joins the groups of the two; "
      "the new group has the smaller name. A step is the names of the groups of all members in "
      "order "
      "after a pair: 1 2 1 4.",
      given, std::move(steps));
}

Exercise unit_propagation(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int variables = 2 + difficulty;
  std::vector<int> order(place(variables));
  std::iota(order.begin(), order.end(), 1);
  draw.shuffle(order);
  std::vector<int> values;  // of the variables in that order: n, or -n where it is false
  Lines clauses, steps;
  const auto literal = [](int n) { return fmt::format("{}x{}", n < 0 ? "not " : "", std::abs(n)); };
  for (const int variable : order) {
    const int value = draw.coin() ? variable : -variable;
    Lines clause = {literal(value)};
    std::set<int> used;
    if (!values.empty()) used.insert(values.back());
    if (values.size() > 1 && draw.coin()) used.insert(draw.one_of(values));
    for (const int known : used) clause.push_back(literal(-known));
    draw.shuffle(clause);
    clauses.push_back(joined(clause, " or "));
    values.push_back(value);
    steps.push_back(fmt::format("{} is {}", literal(variable), value > 0 ? "true" : "false"));
  }
  draw.shuffle(clauses);
  return made(
      "All clauses must hold. Find the values one by one: take the clause in which all but one "
      "part "
      "are known to be false; the last part must be true. There is always exactly one such clause. "
      "A "
      "step is: x2 is false.",
      "Clauses: " + joined(clauses, "; "), std::move(steps));
}

Exercise truth_table(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int letters = difficulty < 4 ? 2 : difficulty < 8 ? 3 : 4;
  struct Part {
    int letter;
    bool negated;
    int op;  // with what stands before it
  };
  std::vector<Part> parts;
  std::string formula;
  for (int i = 0; i < 2 + difficulty / 2; ++i) {
    parts.push_back({i < letters ? i : draw.from(0, letters - 1), draw.coin(), draw.from(0, 2)});
    const Part& part = parts.back();
    if (i > 0)
      formula = fmt::format("({}) {} ", formula, std::array{"and", "or", "xor"}[place(part.op)]);
    formula += fmt::format("{}{}", part.negated ? "not " : "", "PQRS"[part.letter]);
  }
  Lines steps;
  int models = 0;
  for (int row = (1 << letters) - 1; row >= 0; --row) {
    std::string values;
    bool truth = false;
    for (int i = 0; i < letters; ++i) values += (row >> (letters - 1 - i) & 1) != 0 ? 'T' : 'F';
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool value = (values[place(parts[i].letter)] == 'T') != parts[i].negated;
      truth = i == 0             ? value
              : parts[i].op == 0 ? truth && value
              : parts[i].op == 1 ? truth || value
                                 : truth != value;
    }
    models += truth ? 1 : 0;
    steps.push_back(fmt::format("{}: {}", values, truth ? 'T' : 'F'));
  }
  steps.push_back(std::to_string(models));
  return made(
      fmt::format(
          "Write the truth table, T before F, the first letter changing slowest. A step is "
          "the values of {} and of the formula: {}: F. The last step is in how many rows the "
          "formula is true.",
          letters == 2   ? "P and Q"
          : letters == 3 ? "P, Q and R"
                         : "P, Q, R and S",
          std::string(place(letters), 'T')),
      "Formula: " + formula, std::move(steps));
}

}  // namespace

std::vector<Procedure> puzzles() {
  return {{"sieve", "primes by the sieve of Eratosthenes", sieve},
          {"fraction", "a fraction reduced prime by prime", fraction},
          {"count_bits", "a number as powers of two", count_bits},
          {"bitwise", "eight bits under and, or, xor", bitwise},
          {"linear_equation", "an equation with one unknown", linear_equation},
          {"polynomial_product", "two polynomials multiplied term by term", polynomial_product},
          {"complex_product", "complex numbers multiplied", complex_product},
          {"decimal_sum", "decimals added and subtracted", decimal_sum},
          {"roman_numerals", "a number in Roman numerals", roman_numerals},
          {"game_of_life", "generations of cells", game_of_life},
          {"rotten_oranges", "what spreads over a grid", rotten_oranges},
          {"tower_of_hanoi", "the fewest moves of a tower", tower_of_hanoi},
          {"jugs", "water poured between two jugs", jugs},
          {"spiral_matrix", "a matrix read in a spiral", spiral_matrix},
          {"tape_machine", "a head on a tape of four cells", tape_machine},
          {"word_sorting", "words by insertion sort", word_sorting},
          {"isomorphic_strings", "letters that stand for letters", isomorphic_strings},
          {"course_schedule", "an order in which needs come first", course_schedule},
          {"shortest_path", "distances by Dijkstra's algorithm", shortest_path},
          {"islands", "connected land on a map", islands},
          {"union_find", "groups joined pair by pair", union_find},
          {"unit_propagation", "clauses with one open part", unit_propagation},
          {"truth_table", "a formula in all its rows", truth_table}};
}

}  // namespace cairn::gym
