#pragma once
// cairn/world_model.h — the language model as the world of its own plans: it proposes actions,
// answers them with new states, and says how useful an action looks.
//
//   questions   Question 1: …   an action: a sub-question
//               Answer 1: …     its state: the answer that most of some samples give
//   moves       (unstack d a)   a task's move, which is its own state: the task's rules are the
//   world
//
//   reward of an action          u^a * 0.8^(1-a)          u: P(useful), by the labels A and B
//   reward of an answer          u^a * share^(1-a)        u of its question, share of the samples
//   reward of a move             (u^a * p^(1-a) + goal) / 2; 0 where it broke a rule
//     p the geometric mean of its tokens' probabilities, goal 1 where it is reached
//
// Hao et al. 2023 (RAP), arXiv:2305.14992, sections 3.1 and 3.2. Ours: the bounded reward of moves
// (the paper adds logarithms and 100 for the goal). Pinned by tests/recipes/search/rap_test.cc.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cairn/kit.h"

namespace cairn::search {

struct WorldOptions {
  bool moves = false;
  int answers = 8;     // samples of each answer, at most
  int depth = 5;       // the question of this number is the problem's own
  float alpha = 0.5f;  // a
  Proposal proposal = {};
};

class WorldModel {
 public:
  WorldModel(Kit& kit, const Problem& problem, WorldOptions options);  // borrows both

  // Actions below a state; or, below a question, its answer. As GrowOptions::propose.
  boost::asio::awaitable<std::vector<Trace>> propose(std::vector<Trace> wanted);
  // As GrowOptions::evaluate.
  boost::asio::awaitable<std::vector<float>> rewards(std::vector<Trace> traces);

 private:
  boost::asio::awaitable<std::vector<Trace>> answer(Trace question);
  boost::asio::awaitable<float> reward(Trace trace);
  boost::asio::awaitable<float> usefulness(Trace trace);
  float weighed(float useful, float other) const;
  bool is_question(const Trace& trace) const;

  Kit& kit_;
  const Problem& problem_;
  const WorldOptions options_;
  const std::string useful_, closing_;        // parts of the prompt
  std::map<std::uint64_t, float> useful_of_;  // of actions, by their ids
  std::map<std::uint64_t, float> share_of_;   // of answers, by their ids
};

}  // namespace cairn::search
