// Blocksworld with the four actions of the planning literature. Valmeekam et al. 2022 (PlanBench),
// arXiv:2206.10498; Hao et al. 2023 (RAP), arXiv:2305.14992, section 4.1.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <tuple>

#include "cairn/error.h"
#include "gym/draw.h"
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

bool is_stacking(const World& world, const Facts& facts);

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
  if (!is_stacking(world, world.start))
    throw Error(Fault::input, "blocksworld",
                "the initial state of " + problem.id + " is no stacking of its blocks",
                "Say of every block what it is on and whether it is clear, and handempty");
  return world;
}

bool holds(const Facts& goal, const Facts& facts) {
  return std::includes(facts.begin(), facts.end(), goal.begin(), goal.end());
}

// ---- the planner

constexpr int kTable = -1, kHand = -2, kAnywhere = -3;

// What each block stands on: the index of a block, the table, or the hand.
using Below = std::vector<int>;

int index_of(const World& world, const std::string& block) {
  const auto at = std::find(world.blocks.begin(), world.blocks.end(), block);
  return at == world.blocks.end() ? kAnywhere : static_cast<int>(at - world.blocks.begin());
}

// Where the facts want the blocks; kAnywhere where they do not say.
Below below_of(const World& world, const Facts& facts) {
  Below below(world.blocks.size(), kAnywhere);
  for (const std::string& fact : facts) {
    const std::vector<std::string> words = words_of(fact);
    if (words.size() < 2) continue;
    const int block = index_of(world, words[1]);
    if (block == kAnywhere) continue;
    int& place = below[static_cast<std::size_t>(block)];
    if (words[0] == "ontable") place = kTable;
    if (words[0] == "holding") place = kHand;
    if (words[0] == "on" && words.size() == 3) place = index_of(world, words[2]);
  }
  return below;
}

bool clear(const Below& below, int block) {
  return below[static_cast<std::size_t>(block)] != kHand &&
         std::find(below.begin(), below.end(), block) == below.end();
}

Facts facts_of(const World& world, const Below& below) {
  Facts facts;
  bool empty = true;
  for (std::size_t i = 0; i < below.size(); ++i) {
    const std::string& block = world.blocks[i];
    if (below[i] == kTable) facts.insert("ontable " + block);
    if (below[i] == kHand) facts.insert("holding " + block), empty = false;
    if (below[i] >= 0)
      facts.insert("on " + block + " " + world.blocks[static_cast<std::size_t>(below[i])]);
    if (clear(below, static_cast<int>(i))) facts.insert("clear " + block);
  }
  if (empty) facts.insert("handempty");
  return facts;
}

// Does every block stand on the table, at the bottom of a tower or higher, but one in the hand, and
// do the facts say all of this?
bool is_stacking(const World& world, const Facts& facts) {
  const Below below = below_of(world, facts);
  for (int under : below) {
    if (under >= 0 && std::count(below.begin(), below.end(), under) > 1) return false;
    for (std::size_t n = 0; under >= 0 && n < below.size(); ++n)
      under = below[static_cast<std::size_t>(under)];
    if (under != kTable && under != kHand) return false;
  }
  const auto held = std::find(below.begin(), below.end(), kHand);
  const bool free = held == below.end() ||
                    (std::count(held, below.end(), kHand) == 1 &&
                     std::find(below.begin(), below.end(), held - below.begin()) == below.end());
  return free && facts_of(world, below) == facts;
}

struct Next {
  Below below;
  Action action;
};

// All that can be done.
std::vector<Next> nexts(const World& world, const Below& below) {
  std::vector<Next> all;
  const auto held = std::find(below.begin(), below.end(), kHand);
  const auto add = [&](int block, int to, const std::string& name, int other) {
    Next next{below, {name, {world.blocks[static_cast<std::size_t>(block)]}}};
    next.below[static_cast<std::size_t>(block)] = to;
    if (other >= 0) next.action.blocks.push_back(world.blocks[static_cast<std::size_t>(other)]);
    all.push_back(std::move(next));
  };
  const int count = static_cast<int>(below.size());
  if (held != below.end()) {
    const int block = static_cast<int>(held - below.begin());
    add(block, kTable, "put-down", kTable);
    for (int other = 0; other < count; ++other)
      if (clear(below, other)) add(block, other, "stack", other);
    return all;
  }
  for (int block = 0; block < count; ++block) {
    const int under = below[static_cast<std::size_t>(block)];
    if (clear(below, block)) add(block, kHand, under == kTable ? "pick-up" : "unstack", under);
  }
  return all;
}

// At least so many actions are needed: two for a block that does not stand where it is wanted or
// stands on one that has to move, one for such a block in the hand.
int least_actions(const Below& below, const Below& wanted) {
  const auto must_move = [&](auto& self, int block) -> bool {
    const int under = below[static_cast<std::size_t>(block)];
    const int want = wanted[static_cast<std::size_t>(block)];
    return (want != kAnywhere && want != under) || (under >= 0 && self(self, under));
  };
  int least = 0;
  for (int block = 0; block < static_cast<int>(below.size()); ++block)
    if (must_move(must_move, block))
      least += below[static_cast<std::size_t>(block)] == kHand ? 1 : 2;
  return least;
}

// A shortest plan to the goal by A*; nothing when it cannot be reached.
std::optional<std::vector<Action>> shortest_plan(const World& world, const Below& from) {
  struct Reached {
    int actions = 0;
    std::optional<Next> by;  // what was there before, and what was done then
  };
  const Below wanted = below_of(world, world.goal);
  std::map<Below, Reached> reached{{from, {}}};
  using Entry = std::tuple<int, int, Below>;  // least actions in all, order, where
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  int order = 0;
  open.emplace(least_actions(from, wanted), order, from);
  std::set<Below> done;
  while (!open.empty()) {
    const Below below = std::get<Below>(open.top());
    open.pop();
    if (!done.insert(below).second) continue;
    if (least_actions(below, wanted) == 0 && holds(world.goal, facts_of(world, below))) {
      std::vector<Action> plan;
      for (const Reached* at = &reached.at(below); at->by; at = &reached.at(at->by->below))
        plan.insert(plan.begin(), at->by->action);
      return plan;
    }
    const int actions = reached.at(below).actions + 1;
    for (Next& next : nexts(world, below)) {
      const auto found = reached.find(next.below);
      if (found != reached.end() && found->second.actions <= actions) continue;
      reached[next.below] = {actions, Next{below, std::move(next.action)}};
      open.emplace(actions + least_actions(next.below, wanted), ++order, next.below);
    }
  }
  return {};
}

// The world after the actions, up to the goal or to one that breaks a rule.
Facts carried_out(const World& world, const std::vector<Action>& actions, TaskState& state) {
  Facts facts = world.start;
  std::string plan;
  for (const Action& action : actions) {
    if (holds(world.goal, facts)) break;
    state.broken = act(action, facts);
    state.over = !state.broken.empty();
    if (state.over) return facts;
    ++state.moves;
    plan += (plan.empty() ? "" : " ") + action.text();
  }
  if (holds(world.goal, facts)) state.answer = plan;
  return facts;
}

// ---- problems

// Towers of all blocks in a random order.
Below draw_towers(Draw& draw, int blocks) {
  std::vector<int> order;
  for (int i = 0; i < blocks; ++i) order.push_back(i);
  draw.shuffle(order);
  Below below(order.size(), kTable);
  for (std::size_t i = 1; i < order.size(); ++i)
    if (draw.from(1, 3) > 1) below[static_cast<std::size_t>(order[i])] = order[i - 1];
  return below;
}

std::string listed(const Facts& facts) {
  std::string text;
  for (const std::string& fact : facts) text += (text.empty() ? "" : ", ") + fact;
  return text;
}

class Blocksworld : public Task {
 public:
  std::string name() const override { return "blocksworld"; }
  std::string prompt() const override { return "task/blocksworld"; }

  TaskState read(const Problem& problem, std::string_view text) const override {
    const World world = world_of(problem);
    TaskState state;
    const Facts facts = carried_out(world, actions_in(text), state);
    if (state.answer) {
      state.over = true;
      state.value = 1;
    } else if (state.broken.empty()) {
      const auto plan = shortest_plan(world, below_of(world, facts));
      state.value = plan ? 1.0f / static_cast<float>(1 + plan->size()) : 0.0f;
    }
    return state;
  }

  std::optional<std::vector<std::string>> solution(const Problem& problem,
                                                   std::string_view text) const override {
    const World world = world_of(problem);
    TaskState state;
    const Facts facts = carried_out(world, actions_in(text), state);
    const auto plan = state.broken.empty() ? shortest_plan(world, below_of(world, facts))
                                           : std::optional<std::vector<Action>>();
    if (!plan) return {};
    std::vector<std::string> lines;
    for (const Action& action : *plan) lines.push_back(action.text());
    return lines;
  }

  std::vector<std::string> moves(const Problem& problem, std::string_view text) const override {
    const World world = world_of(problem);
    TaskState state;
    const Facts facts = carried_out(world, actions_in(text), state);
    if (state.answer || !state.broken.empty()) return {};
    std::vector<std::string> lines;
    for (const Next& next : nexts(world, below_of(world, facts)))
      lines.push_back(next.action.text());
    return lines;
  }

  // Three blocks, one more with every third difficulty; the goal is a whole stacking.
  Problem draw(std::uint64_t seed, int difficulty) const override {
    Draw draw(seed);
    World world;
    for (int i = 0; i < 3 + difficulty / 3; ++i) world.blocks.emplace_back(1, "abcdef"[i]);
    const int blocks = static_cast<int>(world.blocks.size());
    do {
      world.start = facts_of(world, draw_towers(draw, blocks));
      world.goal = facts_of(world, draw_towers(draw, blocks));
      std::erase_if(world.goal, [](const std::string& fact) { return !fact.starts_with("on "); });
    } while (world.goal.empty() || holds(world.goal, world.start));
    Problem problem;
    problem.question = "Blocks: " + listed({world.blocks.begin(), world.blocks.end()}) +
                       ". Initial state: " + listed(world.start) + ". Goal: " + listed(world.goal) +
                       ". Actions: pick-up x, put-down x, stack x y, unstack x y. Give a plan.";
    return problem;
  }

  bool solves(const Problem& problem, std::string_view answer) const override {
    const World world = world_of(problem);
    Facts facts = world.start;
    for (const Action& action : actions_in(answer))
      if (!act(action, facts).empty()) return false;
    return holds(world.goal, facts);
  }
};

}  // namespace

const Task& blocksworld() {
  static const Blocksworld task;
  return task;
}

}  // namespace cairn::gym
