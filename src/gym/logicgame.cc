// Rules that are carried out, in the manner of LogicGame. Gui et al. 2024, arXiv:2408.15778.
// The exercises are our own; their process is the steps, their answer the last step.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "gym/families.h"

namespace cairn::gym {
namespace {

using Grid = std::vector<std::vector<int>>;

Grid draw_grid(Draw& draw, int rows, int columns, int low, int high) {
  Grid grid;
  for (int i = 0; i < rows; ++i) grid.push_back(draw.numbers(columns, low, high));
  return grid;
}

std::string grid_text(const Grid& grid) {
  std::string text;
  for (const auto& row : grid) text += (text.empty() ? "" : " / ") + shown(row);
  return text;
}

// ---- blocks

struct BlockRule {
  int a, b, made;  // kinds of blocks
};

bool fires(const BlockRule& rule, std::vector<int>& blocks) {
  std::vector<int> after = blocks;
  const int a = --after[place(rule.a)], b = --after[place(rule.b)];
  if (a < 0 || b < 0) return false;
  ++after[place(rule.made)];
  blocks = std::move(after);
  return true;
}

Exercise block_synthesis(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int kinds = 3 + difficulty / 2;
  const auto letter = [](int kind) { return static_cast<char>('A' + kind); };
  std::vector<int> blocks = draw.numbers(kinds, 1, 1 + difficulty);
  std::vector<BlockRule> rules;
  std::string given = "Blocks:";
  for (int i = 0; i < kinds; ++i) given += fmt::format(" {} {}", letter(i), blocks[place(i)]);
  for (int i = 0; i < 1 + difficulty / 2; ++i) {
    rules.push_back({draw.from(0, kinds - 1), draw.from(0, kinds - 1), draw.from(0, kinds - 1)});
    given += fmt::format("\nRule {}: [{}] [{}] -> {{{}}}", i + 1, letter(rules.back().a),
                         letter(rules.back().b), letter(rules.back().made));
  }
  Lines steps;
  for (bool fired = true; fired;) {
    fired = false;
    for (const BlockRule& rule : rules) {
      if (!fires(rule, blocks)) continue;
      fired = true;
      steps.push_back(
          fmt::format("[{}] [{}] -> {{{}}}", letter(rule.a), letter(rule.b), letter(rule.made)));
    }
  }
  std::string counts;
  for (int i = 0; i < kinds; ++i) counts += fmt::format(" {} {}", letter(i), blocks[place(i)]);
  steps.push_back(counts.substr(1));
  return made(
      "Go through the rules in order, again and again. A rule takes the two blocks on its left "
      "away "
      "and makes the one on its right, once each time; it is passed over when its blocks are not "
      "there. Stop after a round in which no rule applied. A step is the rule that applied: [A] "
      "[B] "
      "-> {C}. The last step is how many blocks of each kind are left: A 1 B 0 C 2.",
      given, std::move(steps));
}

// ---- a number by clues

struct Clue {
  std::string text;
  std::function<bool(int)> holds;
};

// A clue that is true of the number.
Clue draw_clue(Draw& draw, int number, int most) {
  const int kind = draw.from(0, 4), other = draw.from(1, most), by = draw.from(2, 5);
  const auto digit_sum = [](int n) { return n / 10 + n % 10; };
  if (kind == 0 && other < number)
    return {fmt::format("it is larger than {}", other), [=](int n) { return n > other; }};
  if (kind <= 1 && other > number)
    return {fmt::format("it is smaller than {}", other), [=](int n) { return n < other; }};
  if (kind <= 2)
    return {fmt::format("divided by {} it leaves {}", by, number % by),
            [=](int n) { return n % by == number % by; }};
  if (kind == 3 && digit_sum(number) < 9)
    return {fmt::format("the sum of its digits is smaller than {}", digit_sum(number) + 2),
            [=](int n) { return digit_sum(n) < digit_sum(number) + 2; }};
  return {fmt::format("it does not end in {}", (number + by) % 10),
          [=](int n) { return n % 10 != (number + by) % 10; }};
}

Exercise code_breaking(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int most = 10 + 4 * difficulty, number = draw.from(1, most);
  std::vector<int> candidates;
  for (int i = 1; i <= most; ++i) candidates.push_back(i);
  std::string given = fmt::format("A whole number from 1 to {}.", most);
  Lines steps;
  while (candidates.size() > 1) {
    const Clue clue = draw_clue(draw, number, most);
    const auto before = candidates.size();
    std::erase_if(candidates, [&](int n) { return !clue.holds(n); });
    if (candidates.size() == before) continue;  // it says nothing new
    steps.push_back(shown(candidates));
    given += fmt::format("\nClue {}: {}.", steps.size(), clue.text);
  }
  return made(
      "Find the number. A step is all numbers that are still possible after a clue, in order: 3 5 "
      "7. The last step is the number.",
      given, std::move(steps));
}

// ---- scores

Exercise scan_scoring(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string text;
  for (int i = 0; i < 8 + 3 * difficulty; ++i) text += "ABCD"[draw.from(0, 3)];
  const bool backwards = draw.coin();
  std::string scanned = text, given;
  if (backwards) std::reverse(scanned.begin(), scanned.end());
  Lines steps;
  int total = 0;
  for (int rule = 0; rule < 2 + difficulty; ++rule) {
    std::string pattern;
    for (int i = draw.from(1, 2); i >= 0; --i) pattern += "ABCD"[draw.from(0, 3)];
    const int points = draw.from(1, 9);
    int hits = 0;
    for (auto at = scanned.find(pattern); at != std::string::npos;
         at = scanned.find(pattern, at + 1))
      ++hits;
    total += hits * points;
    given += fmt::format("\nRule {}: {} scores {}", rule + 1, pattern, points);
    steps.push_back(fmt::format("{}. {} {} {}", rule + 1, pattern, hits, hits * points));
  }
  steps.push_back(std::to_string(total));
  return made(
      fmt::format("Read the text {}. Each rule scores its points wherever its pattern begins in "
                  "what you read; places may overlap. A step is a rule's number, its pattern, how "
                  "often it is there and its points: 1. AB 3 6. The last step is the sum of all "
                  "points.",
                  backwards ? "backwards, from its last letter to its first"
                            : "from its first letter to its last"),
      fmt::format("Text: {}{}", text, given), std::move(steps));
}

Exercise new_operators(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  struct Operator {
    int p, q, m;
  };
  std::array<Operator, 2> ops = {};
  std::string given;
  for (std::size_t i = 0; i < 2; ++i) {
    ops[i] = {draw.from(1, 4), draw.from(1, 4), draw.from(11, 40)};
    given +=
        fmt::format("a {} b = ({} * a + {} * b) mod {}\n", "@#"[i], ops[i].p, ops[i].q, ops[i].m);
  }
  int value = draw.from(1, 9);
  std::string expression = std::to_string(value);
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int b = draw.from(1, 9);
    const std::size_t which = draw.coin() ? 0 : 1;
    const int next = (ops[which].p * value + ops[which].q * b) % ops[which].m;
    expression += fmt::format(" {} {}", "@#"[which], b);
    steps.push_back(fmt::format("{} {} {} = {}", value, "@#"[which], b, next));
    value = next;
  }
  return made(
      "Two new operators are defined. Work out the expression from the left to the right. A step "
      "is "
      "one operation: 3 @ 4 = 10.",
      given + "Expression: " + expression, std::move(steps));
}

// ---- grids

Exercise path_moving(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  constexpr int kSize = 5;
  Grid wall = draw_grid(draw, kSize, kSize, 0, 3);  // 0: a wall
  int row = draw.from(0, kSize - 1), column = draw.from(0, kSize - 1);
  wall[place(row)][place(column)] = 1;
  std::string given;
  for (const auto& line : wall) {
    for (const int cell : line) given += cell == 0 ? '#' : '.';
    given += '\n';
  }
  given += fmt::format("Start: ({}, {})\nMoves:", row + 1, column + 1);
  Lines steps;
  for (int i = 0; i < 2 + 2 * difficulty; ++i) {
    const int way = draw.from(0, 3);
    const int r = row + (way == 0 ? -1 : way == 1 ? 1 : 0);
    const int c = column + (way == 2 ? -1 : way == 3 ? 1 : 0);
    const bool free = r >= 0 && r < kSize && c >= 0 && c < kSize && wall[place(r)][place(c)] != 0;
    if (free) row = r, column = c;
    given += fmt::format(" {}", std::array{"up", "down", "left", "right"}[place(way)]);
    steps.push_back(fmt::format("{}: ({}, {})", i + 1, row + 1, column + 1));
  }
  return made(
      "Move over the grid. A move onto # or off the grid leaves you where you are. Places are "
      "(row, "
      "column), from (1, 1) at the upper left. A step is the number of the move and the place "
      "after "
      "it: 1: (2, 3).",
      given, std::move(steps));
}

Exercise lights_out(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  constexpr int kSize = 3;
  Grid lights = draw_grid(draw, kSize, kSize, 0, 1);
  std::string given = fmt::format("Lights: {}\nPresses:", grid_text(lights));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int row = draw.from(0, kSize - 1), column = draw.from(0, kSize - 1);
    for (int r = 0; r < kSize; ++r)
      for (int c = 0; c < kSize; ++c)
        if (std::abs(r - row) + std::abs(c - column) <= 1) lights[place(r)][place(c)] ^= 1;
    given += fmt::format(" ({}, {})", row + 1, column + 1);
    steps.push_back(grid_text(lights));
  }
  return made(
      "A press on (row, column), from (1, 1), switches that light and its neighbours above, below, "
      "left and right. A step is all lights after a press, rows with a slash between: 0 1 0 / 1 1 "
      "1 "
      "/ 0 1 0.",
      given, std::move(steps));
}

Exercise pooling(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const bool largest = draw.coin();
  const int rows = 1 + difficulty;
  const Grid grid = draw_grid(draw, rows + 1, 5, 0, 99);
  Lines steps;
  for (std::size_t r = 0; r + 1 < grid.size(); ++r) {
    std::vector<int> pooled;
    for (std::size_t c = 0; c + 1 < grid[r].size(); ++c) {
      const auto window = {grid[r][c], grid[r][c + 1], grid[r + 1][c], grid[r + 1][c + 1]};
      pooled.push_back(largest ? std::max(window) : std::min(window));
    }
    steps.push_back(shown(pooled));
  }
  std::string given = "Matrix:";
  for (const auto& row : grid) given += "\n" + shown(row);
  return made(
      fmt::format(
          "Slide a window of two rows and two columns over the matrix, one place at a time, "
          "and take the {} number in it. A step is one row of the result: 7 9 9 4.",
          largest ? "largest" : "smallest"),
      given, std::move(steps));
}

Grid transposed(const Grid& grid) {
  Grid turned(grid[0].size(), std::vector<int>(grid.size()));
  for (std::size_t r = 0; r < grid.size(); ++r)
    for (std::size_t c = 0; c < grid[r].size(); ++c) turned[c][r] = grid[r][c];
  return turned;
}

Exercise matrix_transformation(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Grid grid = draw_grid(draw, 3, 3, 1, 99);
  std::string given = fmt::format("Matrix: {}\nOperations:", grid_text(grid));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int what = draw.from(0, 3);
    if (what == 0) grid = transposed(grid);
    if (what == 1) std::reverse(grid.begin(), grid.end());
    if (what >= 2)
      for (auto& row : grid)
        what == 2 ? std::reverse(row.begin(), row.end())
                  : (void)std::rotate(row.begin(), row.begin() + 1, row.end());
    given +=
        fmt::format(" {}", std::array{"transpose", "upside_down", "mirror", "shift"}[place(what)]);
    steps.push_back(grid_text(grid));
  }
  return made(
      "Do the operations in order. transpose: rows become columns. upside_down: the last row "
      "first. "
      "mirror: each row backwards. shift: the first column goes to the end. A step is the matrix, "
      "rows with a slash between: 1 2 3 / 4 5 6 / 7 8 9.",
      given, std::move(steps));
}

// A row of 2048 moved to its front: equal neighbours join once.
std::vector<int> merged(const std::vector<int>& row) {
  std::vector<int> moved;
  bool may_join = false;
  for (const int n : row) {
    if (n == 0) continue;
    const bool join = may_join && moved.back() == n;
    if (join)
      moved.back() *= 2;
    else
      moved.push_back(n);
    may_join = !join;
  }
  moved.resize(row.size(), 0);
  return moved;
}

Exercise merge_2048(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  Grid grid = draw_grid(draw, 4, 4, 0, 3);
  for (auto& row : grid)
    for (int& n : row) n = n == 0 ? 0 : 1 << n;
  std::string given = fmt::format("Grid: {}\nMoves:", grid_text(grid));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int way = draw.from(0, 3);
    if (way >= 2) grid = transposed(grid);
    for (auto& row : grid) {
      if (way % 2 == 1) std::reverse(row.begin(), row.end());
      row = merged(row);
      if (way % 2 == 1) std::reverse(row.begin(), row.end());
    }
    if (way >= 2) grid = transposed(grid);
    given += fmt::format(" {}", std::array{"left", "right", "up", "down"}[place(way)]);
    steps.push_back(fmt::format("{}: {}", i + 1, grid_text(grid)));
  }
  return made(
      "Play 2048 without new tiles: a move slides all tiles to one side, and two equal ones that "
      "meet become one of twice the number, at most once a move. 0 is an empty place. A step is "
      "the "
      "number of the move and the grid, rows with a slash between: 1: 2 0 0 0 / 4 2 0 0 / 0 0 0 0 "
      "/ "
      "0 0 0 0.",
      given, std::move(steps));
}

Exercise minesweeper(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int rows = 2 + difficulty, columns = 5;
  const Grid mine = draw_grid(draw, rows, columns, 0, 3);  // 0: a mine
  const auto at = [&](int r, int c) {
    return r >= 0 && r < rows && c >= 0 && c < columns && mine[place(r)][place(c)] == 0;
  };
  std::string given = "Field:";
  Lines steps;
  for (int r = 0; r < rows; ++r) {
    std::string field, counts;
    for (int c = 0; c < columns; ++c) {
      int around = 0;
      for (int i = 0; i < 9; ++i)
        if (i != 4 && at(r + i / 3 - 1, c + i % 3 - 1)) ++around;
      field += at(r, c) ? 'M' : '.';
      counts += at(r, c) ? 'M' : static_cast<char>('0' + around);
    }
    given += "\n" + field;
    steps.push_back(counts);
  }
  return made(
      "Put into each place without a mine how many of its eight neighbours are mines. A step is "
      "one "
      "row of the field, M for a mine: 1M201.",
      given, std::move(steps));
}

// ---- texts

Exercise string_operations(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const auto letter = [&] { return "abcd"[draw.from(0, 3)]; };
  std::string text;
  for (int i = 0; i < 6 + difficulty; ++i) text += letter();
  std::string given = "Text: " + text;
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int what = draw.from(0, 3), n = draw.from(1, 4);
    const char a = letter(), b = letter();
    const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(place(n), text.size()));
    if (what == 0) {
      given += fmt::format("\n{}. replace every {} by {}", i + 1, a, b);
      std::replace(text.begin(), text.end(), a, b);
    } else if (what == 1) {
      given += fmt::format("\n{}. turn the first {} letters round", i + 1, n);
      std::reverse(text.begin(), text.begin() + count);
    } else if (what == 2) {
      given += fmt::format("\n{}. put {} before letter {}", i + 1, a, n);
      text.insert(text.begin() + std::min<std::ptrdiff_t>(n - 1, count), a);
    } else {
      given += fmt::format("\n{}. take the last letter to the front", i + 1);
      std::rotate(text.begin(), text.end() - 1, text.end());
    }
    steps.push_back(fmt::format("{}: {}", i + 1, text));
  }
  return made("Do the operations in order. A step is its number and the text after it: 1: abdca.",
              given, std::move(steps));
}

}  // namespace

std::vector<Procedure> logicgame() {
  return {{"block_synthesis", "blocks joined by rules in turn", block_synthesis},
          {"code_breaking", "a number by clues, all that are possible", code_breaking},
          {"scan_scoring", "patterns in a text that score", scan_scoring},
          {"new_operators", "operators that are defined first", new_operators},
          {"path_moving", "places on a grid with walls", path_moving},
          {"lights_out", "lights that switch their neighbours", lights_out},
          {"pooling", "the largest or smallest number of windows", pooling},
          {"matrix_transformation", "a matrix turned and mirrored", matrix_transformation},
          {"merge_2048", "moves of 2048 without new tiles", merge_2048},
          {"minesweeper", "mines around each place", minesweeper},
          {"string_operations", "a text by a list of operations", string_operations}};
}

}  // namespace cairn::gym
