// Blocksworld with the four actions of the planning literature. Valmeekam et al. 2022 (PlanBench),
// arXiv:2206.10498; Hao et al. 2023 (RAP), arXiv:2305.14992, section 4.1.

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "cairn/error.h"
#include "gym/tasks.h"

namespace cairn::gym {
namespace {

using Facts = std::set<std::string>;  // "on a b", "ontable a", "clear a", "holding a", "handempty"

struct Action {
  std::string name;
  std::vector<std::string> blocks;
  std::string text() const {
    std::string all = "(" + name;
    for (const std::string& block : blocks) all += " " + block;
    return all + ")";
  }
};

struct Effect {
  Facts needs, adds, removes;
};

// Nothing for an action that there is not.
std::optional<Effect> effect_of(const Action& action) {
  const auto& b = action.blocks;
  if (action.name == "pick-up" && b.size() == 1)
    return Effect{{"clear " + b[0], "ontable " + b[0], "handempty"},
                  {"holding " + b[0]},
                  {"clear " + b[0], "ontable " + b[0], "handempty"}};
  if (action.name == "put-down" && b.size() == 1)
    return Effect{{"holding " + b[0]},
                  {"ontable " + b[0], "clear " + b[0], "handempty"},
                  {"holding " + b[0]}};
  if (action.name == "stack" && b.size() == 2)
    return Effect{{"holding " + b[0], "clear " + b[1]},
                  {"on " + b[0] + " " + b[1], "clear " + b[0], "handempty"},
                  {"holding " + b[0], "clear " + b[1]}};
  if (action.name == "unstack" && b.size() == 2)
    return Effect{{"on " + b[0] + " " + b[1], "clear " + b[0], "handempty"},
                  {"holding " + b[0], "clear " + b[1]},
                  {"on " + b[0] + " " + b[1], "clear " + b[0], "handempty"}};
  return {};
}

// The first fact that is missing; empty when the action was done.
std::string act(const Action& action, Facts& facts) {
  const auto effect = effect_of(action);
  if (!effect) return "there is no action " + action.text();
  for (const std::string& fact : effect->needs)
    if (!facts.contains(fact)) return action.text() + " needs: " + fact;
  for (const std::string& fact : effect->removes) facts.erase(fact);
  facts.insert(effect->adds.begin(), effect->adds.end());
  return {};
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// The actions in brackets, in order.
std::vector<Action> actions_in(std::string_view text) {
  std::vector<Action> actions;
  for (auto open = text.find('('); open != std::string_view::npos;
       open = text.find('(', open + 1)) {
    const auto close = text.find(')', open);
    if (close == std::string_view::npos) break;
    std::vector<std::string> words = words_of(text.substr(open + 1, close - open - 1));
    if (words.empty()) continue;
    Action action{words.front(), {}};
    action.blocks.assign(words.begin() + 1, words.end());
    actions.push_back(std::move(action));
  }
  return actions;
}

struct World {
  std::vector<std::string> blocks;
  Facts start, goal;
};

// "Blocks: a, b. Initial state: clear a, on a b. Goal: on b a. …"
World world_of(const Problem& problem) {
  const auto list = [&](std::string_view name) {
    std::vector<std::string> items;
    const std::string_view question = problem.question;
    const auto at = question.find(name);
    if (at == std::string_view::npos) return items;
    std::string_view rest = question.substr(at + name.size());
    rest = rest.substr(0, rest.find('.'));
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      std::string item;
      for (const std::string& word : words_of(rest.substr(0, comma)))
        item += (item.empty() ? "" : " ") + word;
      if (!item.empty()) items.push_back(item);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    return items;
  };
  World world;
  world.blocks = list("Blocks:");
  for (const std::string& fact : list("Initial state:")) world.start.insert(fact);
  for (const std::string& fact : list("Goal:")) world.goal.insert(fact);
  constexpr std::size_t kMost = 7;
  if (world.blocks.empty() || world.blocks.size() > kMost || world.start.empty() ||
      world.goal.empty())
    throw Error(Fault::input, "blocksworld",
                "the question of " + problem.id + " names no one to seven blocks, start and goal",
                "Write \"Blocks: a, b. Initial state: clear a, on a b, ontable b, handempty. Goal: "
                "on b a.\"");
  return world;
}

bool reached(const Facts& goal, const Facts& facts) {
  return std::includes(facts.begin(), facts.end(), goal.begin(), goal.end());
}

std::vector<Action> all_actions(const std::vector<std::string>& blocks) {
  std::vector<Action> actions;
  for (const std::string& a : blocks) {
    actions.push_back({"pick-up", {a}});
    actions.push_back({"put-down", {a}});
    for (const std::string& b : blocks)
      if (a != b) {
        actions.push_back({"stack", {a, b}});
        actions.push_back({"unstack", {a, b}});
      }
  }
  return actions;
}

// The fewest actions to the goal, breadth first; nothing when it cannot be reached.
std::optional<int> distance(const World& world, const Facts& from) {
  const std::vector<Action> actions = all_actions(world.blocks);
  std::map<Facts, int> seen{{from, 0}};
  std::deque<Facts> waiting{from};
  while (!waiting.empty()) {
    const Facts facts = std::move(waiting.front());
    waiting.pop_front();
    const int steps = seen.at(facts);
    if (reached(world.goal, facts)) return steps;
    for (const Action& action : actions) {
      Facts next = facts;
      if (act(action, next).empty() && seen.emplace(next, steps + 1).second)
        waiting.push_back(std::move(next));
    }
  }
  return {};
}

class Blocksworld : public Task {
 public:
  std::string name() const override { return "blocksworld"; }
  std::string prompt() const override { return "task/blocksworld"; }

  TaskState read(const Problem& problem, std::string_view text) const override {
    const World world = world_of(problem);
    TaskState state;
    Facts facts = world.start;
    std::string plan;
    for (const Action& action : actions_in(text)) {
      if (reached(world.goal, facts)) break;
      state.broken = act(action, facts);
      if (!state.broken.empty()) return state.over = true, state;
      ++state.moves;
      plan += (plan.empty() ? "" : " ") + action.text();
    }
    if (reached(world.goal, facts)) {
      state.over = true;
      state.answer = plan;
      state.value = 1;
    } else if (const auto steps = distance(world, facts)) {
      state.value = 1.0f / static_cast<float>(1 + *steps);
    }
    return state;
  }

  bool solves(const Problem& problem, std::string_view answer) const override {
    const World world = world_of(problem);
    Facts facts = world.start;
    for (const Action& action : actions_in(answer))
      if (!act(action, facts).empty()) return false;
    return reached(world.goal, facts);
  }
};

}  // namespace

const Task& blocksworld() {
  static const Blocksworld task;
  return task;
}

}  // namespace cairn::gym
