// Lists and sets, operation by operation.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "gym/families.h"

namespace cairn::gym {
namespace {

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
      "List: " + shown(list), std::move(steps));
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
      "List: " + shown(list), std::move(steps));
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
              "Numbers: " + shown(list), std::move(steps));
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
      given, std::move(steps));
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
      given, std::move(steps));
}

}  // namespace

std::vector<Procedure> lists() {
  return {{"rotate_list", "a list rotated, reversed, swapped", rotate_list},
          {"running_sum", "sums from the left", running_sum},
          {"set_operations", "a set that is added to and removed from", set_operations},
          {"sort_bubble", "a list after each swap of a bubble sort", sort_bubble},
          {"sort_selection", "a list after each place of a selection sort", sort_selection}};
}

}  // namespace cairn::gym
