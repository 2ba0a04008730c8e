// Clocks, calendars, graphs and chains of rules.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <numeric>
#include <set>

#include "gym/families.h"

namespace cairn::gym {
namespace {

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
      given, std::move(steps));
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
      given, std::move(steps));
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
      given, std::move(steps));
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

std::vector<Procedure> worlds() {
  return {{"calendar", "dates after days", calendar},
          {"clock", "times after minutes", clock},
          {"entailment", "facts by rules, in a chain", entailment},
          {"graph_search", "the queue of a breadth-first search", graph_search}};
}

}  // namespace cairn::gym
