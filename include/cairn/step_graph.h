#pragma once
// cairn/step_graph.h — many traces merged where they say the same: nodes are intermediate results.
//
//   trace 1:  24 ── 72          The answer's support is what all traces that come to it have in
//   trace 2:  24 ── 72          common, and how good their steps were found to be.
//   trace 3:  48 ── 70
//
// Cao 2023 (GraphReason), arXiv:2308.09267: one graph for each answer, of all traces that state it.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/judge.h"
#include "cairn/trace.h"

namespace cairn {

// What a step comes to: the last number in it; where it has none, its words in lower case without
// blanks and marks. Empty for a step without letters and digits.
std::string intermediate_result(std::string_view step);

// A node of one answer's graph, with the features of the paper's section 3.3 that need no training.
struct GraphNode {
  std::string result;
  int traces = 0;                                         // of the group, that pass through it
  int in = 0, out = 0;                                    // distinct neighbours before and after it
  float reward_mean = 0, reward_min = 0, reward_max = 0;  // of the steps that were merged
};

struct AnswerGraph {
  std::string answer;            // of the group's first trace
  int traces = 0;                // in the group
  std::vector<GraphNode> nodes;  // in the order in which they first appear
  // The group's score, untrained: the sum over its traces of the mean over their steps of
  // reward_mean * (share of all answered traces that pass through the node within this group).
  double score = 0;
};

// The graphs of all answers, in the order in which each first appeared. verdicts: [traces]; a trace
// without process rewards gives its outcome reward to every step. `merge` false: a step
// stands for its own trace alone.
std::vector<AnswerGraph> answer_graphs(std::span<const Trace> traces,
                                       std::span<const Verdict> verdicts, const Problem& problem,
                                       bool merge = true);

}  // namespace cairn
