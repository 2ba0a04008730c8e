// Machines that are run: programs, circuits, walks.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gym/families.h"

namespace cairn::gym {
namespace {

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
              given, std::move(steps));
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
      given, std::move(steps));
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
              std::move(steps));
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
      given, std::move(steps));
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
      given, std::move(steps));
}

}  // namespace

std::vector<Procedure> machines() {
  return {{"boolean_circuit", "the value of each gate", boolean_circuit},
          {"cups", "balls under cups that are swapped", cups},
          {"grid_walk", "places on a grid", grid_walk},
          {"registers", "a program on three variables", registers},
          {"stack_machine", "a stack after each instruction", stack_machine}};
}

}  // namespace cairn::gym
