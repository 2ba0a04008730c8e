#include "cairn/step_graph.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/text.h"
#include "cairn/vote.h"

namespace cairn {
namespace {

// Without the commas between thousands, and without a full stop at its end.
std::string plain_number(std::string_view text) {
  std::string number;
  for (const char c : text)
    if (c != ',') number += c;
  while (!number.empty() && number.back() == '.') number.pop_back();
  return number;
}

// One answer's graph while its traces are put into it.
class Builder {
 public:
  Builder(const vote::Ballot& ballot, bool merge) : merge_(merge) {
    graph_.answer = ballot.answer;
    graph_.traces = ballot.count;
  }

  void add(const Trace& trace, const Verdict& verdict) {
    std::vector<std::size_t> path;
    const std::vector<const Step*> steps = trace.steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const std::string result = intermediate_result(steps[i]->text);
      if (result.empty()) continue;
      path.push_back(node_of(result));
      rewards_[path.back()].push_back(i < verdict.process.size() ? verdict.process[i]
                                                                 : verdict.outcome);
      if (path.size() > 1) edges_.insert({path[path.size() - 2], path.back()});
    }
    for (const std::size_t node : std::set<std::size_t>(path.begin(), path.end()))
      ++graph_.nodes[node].traces;
    paths_.push_back(std::move(path));
  }

  AnswerGraph finish(int answered) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      note_rewards(graph_.nodes[i], rewards_[i]);
    for (const auto& [from, to] : edges_) {
      ++graph_.nodes[from].out;
      ++graph_.nodes[to].in;
    }
    for (const auto& path : paths_) graph_.score += mean_support(path) / answered;
    return std::move(graph_);
  }

 private:
  std::size_t node_of(const std::string& result) {
    const std::string key = merge_ ? result : std::to_string(paths_.size()) + " " + result;
    const auto [place, fresh] = places_.try_emplace(key, graph_.nodes.size());
    if (fresh) {
      graph_.nodes.push_back({.result = result});
      rewards_.emplace_back();
    }
    return place->second;
  }

  static void note_rewards(GraphNode& node, const std::vector<float>& rewards) {
    node.reward_min = *std::min_element(rewards.begin(), rewards.end());
    node.reward_max = *std::max_element(rewards.begin(), rewards.end());
    for (const float reward : rewards)
      node.reward_mean += reward / static_cast<float>(rewards.size());
  }

  double mean_support(const std::vector<std::size_t>& path) const {
    double sum = 0;
    for (const std::size_t i : path) sum += graph_.nodes[i].reward_mean * graph_.nodes[i].traces;
    return path.empty() ? 0 : sum / static_cast<double>(path.size());
  }

  const bool merge_;
  AnswerGraph graph_;
  std::map<std::string, std::size_t> places_;  // in nodes
  std::vector<std::vector<float>> rewards_;    // [nodes]
  std::set<std::pair<std::size_t, std::size_t>> edges_;
  std::vector<std::vector<std::size_t>> paths_;  // [traces]
};

}  // namespace

std::string intermediate_result(std::string_view step) {
  std::size_t end = step.size();
  while (end > 0 && !base::is_digit(step[end - 1])) --end;
  if (end > 0) {
    std::size_t begin = end;
    while (begin > 0 &&
           (base::is_digit(step[begin - 1]) || step[begin - 1] == '.' || step[begin - 1] == ','))
      --begin;
    return plain_number(step.substr(begin, end - begin));
  }
  std::string words;
  for (const char c : step)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      words += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return words;
}

std::vector<AnswerGraph> answer_graphs(std::span<const Trace> traces,
                                       std::span<const Verdict> verdicts, const Problem& problem,
                                       bool merge) {
  const std::vector<float> ones(traces.size(), 1);
  const std::vector<vote::Ballot> ballots = vote::tally(traces, ones, problem);
  int answered = 0;
  for (const vote::Ballot& ballot : ballots) answered += ballot.count;
  std::vector<AnswerGraph> graphs;
  for (const vote::Ballot& ballot : ballots) {
    Builder builder(ballot, merge);
    for (const std::size_t i : ballot.members) builder.add(traces[i], verdicts[i]);
    graphs.push_back(builder.finish(answered));
  }
  return graphs;
}

}  // namespace cairn
