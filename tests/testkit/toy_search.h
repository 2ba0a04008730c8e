#pragma once
// testkit/toy_search.h — a tree of moves that can be enumerated: every prefix of less than `depth`
// moves has `branching` children, and its reward is a fixed function of its text.

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cairn/judge.h"
#include "cairn/policy.h"
#include "cairn/rng.h"
#include "cairn/search.h"
#include "testkit/run.h"

namespace cairn::testkit {

struct ToyOptions {
  int branching = 2;
  int depth = 3;
  bool random =
      false;  // which child an ordinal gives: drawn by `seed`; otherwise ordinal % branching
  std::uint64_t seed = 0;
  std::uint64_t pace = 0;  // which calls take how long
};

// Moves are the letters a, b, …; a trace of `depth` moves is finished and its answer is its text.
class ToyPolicy : public Policy {
 public:
  explicit ToyPolicy(ToyOptions options) : options_(options) {}

  asio::awaitable<std::vector<Trace>> extend(const Problem&, std::vector<Trace> traces,
                                             Proposal) override {
    // Takes a few turns, more for some, so that expansions end in another order than they began.
    for (int turn = 0; turn < static_cast<int>(calls_ * (7 + options_.pace) % 5); ++turn)
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    ++calls_;
    for (Trace& trace : traces)
      if (!trace.finished()) trace = longer(trace);
    co_return traces;
  }
  asio::awaitable<std::vector<Trace>> rollout(const Problem&, std::vector<Trace> traces,
                                              Proposal) override {
    for (Trace& trace : traces)
      while (!trace.finished()) trace = longer(trace);
    co_return traces;
  }
  asio::awaitable<void> rollout_while(const Problem&, std::vector<Trace>, Proposal,
                                      std::function<bool(Trace)>) override {
    co_return;
  }

  int calls() const { return static_cast<int>(calls_); }                   // of extend
  int states() const { return static_cast<int>(state_.use_count()) - 1; }  // held by traces

 private:
  Trace longer(const Trace& trace) {
    Step step;
    const std::uint64_t above = trace.depth() == 0 ? options_.seed : trace.last().seed;
    step.seed = mix(mix(above, trace.ordinal()), "toy");
    const auto pick = options_.random ? step.seed >> 11 : trace.ordinal();
    step.kind = "move";
    step.text = static_cast<char>('a' + pick % options_.branching);
    step.state = state_;
    const bool last = static_cast<int>(trace.depth()) + 1 == options_.depth;
    if (last) step.answer = trace.text() + step.text;
    Trace longer = trace.extended(std::move(step), last ? End::done : End::open, next_id_++);
    return last ? longer.without_state() : longer.with_ordinal(0);
  }

  const ToyOptions options_;
  const std::shared_ptr<int> state_ = std::make_shared<int>();
  std::uint64_t next_id_ = 1, calls_ = 0;
};

class ToyJudge : public Judge {
 public:
  using Reward = std::function<float(const std::string& text)>;
  explicit ToyJudge(Reward reward) : reward_(std::move(reward)) {}
  std::string name() const override { return "toy"; }
  asio::awaitable<std::vector<Verdict>> score(const Problem&, std::span<const Trace> traces,
                                              Budget&) override {
    std::vector<Verdict> verdicts;
    for (const Trace& trace : traces) verdicts.push_back({.outcome = reward_(trace.text())});
    co_return verdicts;
  }

 private:
  const Reward reward_;
};

// Some fixed reward in [0, 1) for every text.
inline float hashed_reward(const std::string& text) {
  return static_cast<float>(uniform(mix(17, text), 0));
}

// One search over the toy tree.
struct Toy {
  ToyPolicy policy;
  ToyJudge judge;
  Budget budget;
  Problem problem{.id = "toy", .question = "?", .kind = AnswerKind::text};
  Toolbox tools;
  Kit kit{policy, policy, judge, tools, budget, 1};
  Tree tree;

  explicit Toy(ToyOptions options, ToyJudge::Reward reward = hashed_reward)
      : policy(options), judge(std::move(reward)) {}

  void grow(search::Engine& engine, search::GrowOptions options = {}) {
    run(search::grow(kit, problem, tree, engine, std::move(options)));
  }
  // Grows only what the engine asks for: where rewards come from `evaluate`, no way to an answer is
  // added.
  void grow_bare(search::Engine& engine) {
    search::GrowOptions options{.lanes = 1};
    options.evaluate = [this](std::vector<Trace> traces) {
      return search::judged(kit, problem, std::move(traces));
    };
    grow(engine, std::move(options));
  }
  // The texts of the nodes in the order in which they were added, the root left out.
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (Tree::Index node = 1; node < tree.size(); ++node) all.push_back(tree[node].trace.text());
    return all;
  }
};

}  // namespace cairn::testkit
