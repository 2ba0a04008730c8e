#include "cairn/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/nearest.h"
#include "cairn/error.h"
#include "cairn/prompt.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"
#include "cairn/written.h"

namespace cairn {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;  // of a tree

// A policy with another prompt: what has no steps yet begins with it.
class Prompted : public Policy {
 public:
  Prompted(Policy& policy, Prompt prompt) : policy_(policy), prompt_(std::move(prompt)) {}

  asio::awaitable<std::vector<Trace>> extend(const Problem& problem, std::vector<Trace> traces,
                                             Proposal proposal) override {
    return policy_.extend(problem, std::move(traces), with_prompt(problem, std::move(proposal)));
  }
  asio::awaitable<std::vector<Trace>> rollout(const Problem& problem, std::vector<Trace> traces,
                                              Proposal proposal) override {
    return policy_.rollout(problem, std::move(traces), with_prompt(problem, std::move(proposal)));
  }
  asio::awaitable<void> rollout_while(const Problem& problem, std::vector<Trace> traces,
                                      Proposal proposal,
                                      std::function<bool(Trace)> keep_going) override {
    return policy_.rollout_while(problem, std::move(traces),
                                 with_prompt(problem, std::move(proposal)), std::move(keep_going));
  }
  asio::awaitable<std::vector<float>> labels(const Problem& problem, Trace trace, std::string after,
                                             std::vector<std::string> labels) override {
    return policy_.labels(problem, std::move(trace), std::move(after), std::move(labels));
  }
  asio::awaitable<Trace> append(const Problem& problem, Trace trace, Step step, End end) override {
    return policy_.append(problem, std::move(trace), std::move(step), end);
  }
  Trace adopt(const Problem& problem, Trace trace) override {
    return policy_.adopt(problem, std::move(trace));
  }

 private:
  Proposal with_prompt(const Problem& problem, Proposal proposal) const {
    if (proposal.turns.empty()) proposal.turns = prompt_.render(problem);
    return proposal;
  }

  Policy& policy_;
  const Prompt prompt_;
};

[[noreturn]] void refuse(std::string_view where, const std::string& why) {
  throw Error(Fault::input, where, why,
              R"(Write {"probe": N, "tree": {"sign", "below", "then", "else"} or {"do"}})");
}

const std::map<std::string_view, double Signs::*> kSigns = {{"agreement", &Signs::agreement},
                                                            {"confidence", &Signs::confidence},
                                                            {"spread", &Signs::spread}};

double Signs::*sign_named(std::string_view where, const std::string& name) {
  if (const auto found = kSigns.find(name); found != kSigns.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, sign] : kSigns) names.emplace_back(known);
  throw Error(Fault::input, where, fmt::format("there is no sign \"{}\"", name),
              base::did_you_mean(name, names));
}

void check_action(std::string_view where, const std::string& action) {
  if (action == kStop) return;
  const Written written = read_written(where, action);
  const Recipe& recipe = find_recipe(written.name);
  if (recipe.draft == Draft::must)
    refuse(where, fmt::format("{} wants a second model", recipe.name));
  if (recipe.name == "auto") refuse(where, "a tree cannot lead to trees");
  recipe.check(written.settings);
}

RouteTree tree_of(std::string_view where, const json& node, int depth) {
  if (!node.is_object() || depth > kDeepest) refuse(where, "a node of the tree is none");
  RouteTree tree;
  if (node.contains("do")) {
    tree.action = node.at("do").get<std::string>();
    check_action(where, tree.action);
    return tree;
  }
  tree.sign = sign_named(where, node.at("sign").get<std::string>());
  tree.threshold = node.at("below").get<double>();
  tree.below = std::make_unique<RouteTree>(tree_of(where, node.at("then"), depth + 1));
  tree.above = std::make_unique<RouteTree>(tree_of(where, node.at("else"), depth + 1));
  return tree;
}

}  // namespace

Signs signs_of(std::span<const int> classes, std::span<const float> rewards) {
  std::map<int, std::pair<int, double>> sums;  // how many, and their rewards
  for (std::size_t i = 0; i < classes.size(); ++i)
    if (classes[i] >= 0) {
      ++sums[classes[i]].first;
      sums[classes[i]].second += static_cast<double>(rewards[i]);
    }
  Signs signs;
  const auto leader = std::max_element(sums.begin(), sums.end(), [](const auto& a, const auto& b) {
    return a.second.first < b.second.first;
  });
  if (leader != sums.end()) {
    const auto [count, sum] = leader->second;
    signs.agreement = count / static_cast<double>(classes.size());
    signs.confidence = sum / count;
  }
  if (!rewards.empty()) {
    const auto [least, most] = std::minmax_element(rewards.begin(), rewards.end());
    signs.spread = static_cast<double>(*most - *least);
  }
  return signs;
}

Signs signs_of(std::span<const Trace> samples, std::span<const Verdict> verdicts,
               const Problem& problem) {
  std::vector<float> rewards, ones(samples.size(), 1.0f);
  for (std::size_t i = 0; i < verdicts.size(); ++i)
    rewards.push_back(samples[i].answer() ? verdicts[i].outcome : 0.0f);
  std::vector<int> classes(samples.size(), -1);
  int next = 0;
  for (const vote::Ballot& ballot : vote::tally(samples, ones, problem)) {
    for (const std::size_t member : ballot.members) classes[member] = next;
    ++next;
  }
  return signs_of(classes, rewards);
}

std::string_view name_of(double Signs::*sign) {
  for (const auto& [name, known] : kSigns)
    if (known == sign) return name;
  return "";
}

std::vector<double Signs::*> all_signs() {
  std::vector<double Signs::*> all;
  for (const auto& [name, sign] : kSigns) all.push_back(sign);
  return all;
}

Routes parse_routes(std::string_view where, std::string_view text) {
  try {
    const json object = json::parse(text);
    Routes routes;
    routes.probe = object.at("probe").get<int>();
    if (routes.probe < 1 || routes.probe > 64)
      refuse(where, fmt::format("probe is {}, not 1 to 64", routes.probe));
    routes.tree = tree_of(where, object.at("tree"), 0);
    return routes;
  } catch (const json::exception& error) {
    refuse(where, fmt::format("it is no tree: {}", error.what()));
  }
}

Routes read_routes(const std::string& path) {
  if (path.empty()) return parse_routes("prompts/search/auto.json", prompt_text("search/auto"));
  const std::optional<std::string> text = base::file_content(path);
  if (!text)
    throw Error(Fault::input, "routes", fmt::format("{} cannot be read", path), "Check the path");
  return parse_routes(path, *text);
}

const std::string& action_for(const RouteTree& tree, const Signs& signs) {
  if (!tree.action.empty()) return tree.action;
  return action_for(signs.*tree.sign < tree.threshold ? *tree.below : *tree.above, signs);
}

bool votes(const std::string& action) {
  return find_recipe(read_written("recipe", action).name).family == "vote";
}

asio::awaitable<Outcome> run_within(Kit& kit, const Problem& problem, std::string recipe) {
  const Written written = read_written("recipe", recipe);
  const Recipe& inner = find_recipe(written.name);
  Prompted policy(kit.policy, prompt_named(inner.prompt));
  Kit own{policy, kit.draft, kit.judge, kit.tools, kit.budget, kit.seed};
  Outcome outcome = co_await inner.run(own, problem, written.settings);
  co_return outcome;
}

}  // namespace cairn
