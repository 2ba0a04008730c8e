#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "base/nearest.h"
#include "base/text.h"
#include "cairn/answer.h"
#include "cairn/error.h"
#include "cairn/fold.h"
#include "cairn/gather.h"
#include "cairn/rank.h"
#include "cairn/search.h"
#include "cairn/vote.h"

namespace cairn::search {
namespace {

// The ordinal of rollouts: they are drawn apart from the children that a node gets later.
constexpr std::uint64_t kRollout = 1 << 20;
// The same of steps that are looked ahead.
constexpr std::uint64_t kLookahead = 1 << 21;

// The first trace of the class of answers that most of the last steps state, by their guess if need
// be; the first class wins a tie. What states none stands alone.
Voted leader(const Problem& problem, const Trace& from, const std::vector<Trace>& traces) {
  std::vector<std::pair<std::size_t, int>> classes;  // first trace, traces
  std::vector<std::string> said;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    const bool grew = traces[i].depth() > from.depth();
    const auto found = grew ? extract_answer(traces[i].last().text, problem) : std::nullopt;
    said.push_back(found ? found->answer : "");
    const auto same = std::find_if(classes.begin(), classes.end(), [&](const auto& one) {
      return compare_answers(said[one.first], said[i], problem.kind, problem.choices).verdict ==
             Equality::equal;
    });
    same == classes.end() ? classes.emplace_back(i, 1) : * same = {same->first, same->second + 1};
  }
  const auto most = std::max_element(classes.begin(), classes.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  const auto ties = std::count_if(classes.begin(), classes.end(),
                                  [&](auto& one) { return one.second == most->second; });
  return {traces[most->first], static_cast<float>(most->second) / static_cast<float>(traces.size()),
          ties > 1};
}

// What two siblings have to share to be the same step; normalised: in lower case, blanks as one.
std::string said(Trace child, const Trace& parent, Merge merge) {
  std::string written;
  for (; child.depth() > parent.depth(); child = child.parent())
    written.insert(0, child.last().text);
  if (merge == Merge::exact) return written;
  std::string text;
  for (const char c : base::trim(written)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank && text.ends_with(' ')) continue;
    text += blank ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

// The node of each step, by the step's id.
std::map<std::uint64_t, Tree::Index> places(const Tree& tree) {
  std::map<std::uint64_t, Tree::Index> place;
  for (Tree::Index node = 1; node < tree.size(); ++node) place[tree[node].trace.id()] = node;
  return place;
}

// The last node of the tree that the trace passes through.
Tree::Index reached(const std::map<std::uint64_t, Tree::Index>& place, Trace trace) {
  while (trace.depth() > 0 && !place.contains(trace.id())) trace = trace.parent();
  return trace.depth() > 0 ? place.at(trace.id()) : Tree::kRoot;
}

// Marks the way to the trace of highest reward among those that state the answer, as far as it lies
// in the tree.
void mark_path(Tree& tree, const std::map<std::uint64_t, Tree::Index>& place,
               const Outcome& outcome) {
  const FinishedTrace* shown = nullptr;
  for (const FinishedTrace& one : outcome.traces)
    if (outcome.answer && one.trace.answer() == outcome.answer &&
        (shown == nullptr || one.reward > shown->reward))
      shown = &one;
  const Tree::Index node = shown ? reached(place, shown->trace) : Tree::kRoot;
  if (node != Tree::kRoot) tree.choose(node);
}

bool answered(const Tree& tree) {
  for (Tree::Index node = 1; node < tree.size(); ++node)
    if (tree[node].trace.answer()) return true;
  return false;
}

// The open leaf of highest reward among the deepest; the root where there is none below it.
Tree::Index deepest(const Tree& tree) {
  Tree::Index found = Tree::kRoot;
  for (const Tree::Index node : tree.leaves()) {
    const Tree::Node &one = tree[node], &other = tree[found];
    if (one.trace.finished() || one.depth < other.depth) continue;
    if (one.depth > other.depth || one.reward > other.reward) found = node;
  }
  return found;
}

class Growth {
 public:
  Growth(Kit& kit, const Problem& problem, Tree& tree, Engine& engine, GrowOptions& options,
         boost::asio::any_io_executor executor)
      : kit_(kit),
        problem_(problem),
        tree_(tree),
        engine_(engine),
        options_(options),
        told_something_(executor, boost::asio::steady_timer::time_point::max()) {}

  boost::asio::awaitable<void> run() {
    fill();
    std::vector<boost::asio::awaitable<void>> lanes;
    for (int i = 0; i < options_.lanes; ++i) lanes.push_back(lane());
    co_await gather(std::move(lanes));
    if (!options_.evaluate && !answered(tree_)) co_await finish(deepest(tree_));
    for (Tree::Index node = 0; node < tree_.size(); ++node) tree_.release(node);
  }

 private:
  struct Asked {
    Expansion expansion;
    int turn = 0;  // its place among all that was asked for
  };

  // Asks as long as there are lanes for it. Only when something was told, so that what is asked for
  // depends on the order of what was told alone, not on which lane wakes first.
  void fill() {
    while (asked_ - told_ < options_.lanes) {
      const std::optional<Expansion> expansion = engine_.ask();
      if (!expansion) break;
      waiting_.push_back({*expansion, asked_++});
    }
  }

  boost::asio::awaitable<void> lane() {
    while (!kit_.budget.stopped() && told_ < asked_) {
      if (waiting_.empty()) {
        co_await something_told();
        continue;
      }
      const Asked asked = waiting_.front();
      waiting_.pop_front();
      co_await expand(asked);
      fill();
      told_something_.cancel();
    }
    told_something_.cancel();
  }

  boost::asio::awaitable<void> something_told() {
    boost::system::error_code woken;
    co_await told_something_.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }

  boost::asio::awaitable<void> expand(Asked asked) {
    const Expansion& expansion = asked.expansion;
    const Trace from = tree_[expansion.node].trace;
    std::vector<Trace> wanted;
    for (int i = 0; i < expansion.children; ++i)
      wanted.push_back(from.with_ordinal(expansion.first + i));
    std::vector<Trace> grown = co_await propose(std::move(wanted), expansion.actor);
    std::erase_if(grown, [&](const Trace& trace) { return trace.depth() <= from.depth(); });
    if (options_.merge != Merge::none) merge(expansion.node, grown);
    const std::vector<float> rewards = co_await evaluate(grown);
    while (options_.in_order && told_ != asked.turn && !kit_.budget.stopped())
      co_await something_told();
    tell(expansion, std::move(grown), rewards);
  }

  void tell(const Expansion& expansion, std::vector<Trace> grown,
            const std::vector<float>& rewards) {
    std::vector<Tree::Index> children;
    for (std::size_t i = 0; i < grown.size(); ++i) {
      const float prior = prior_of(grown[i], tree_[expansion.node].trace);
      children.push_back(tree_.add(expansion.node, std::move(grown[i]), prior));
      tree_.set_reward(children.back(), rewards[i]);
    }
    engine_.tell(expansion, children);
    ++told_;
  }

  // Writes the node's trace to its end, one step after another. The root stands for no open node.
  boost::asio::awaitable<void> finish(Tree::Index node) {
    if (node == Tree::kRoot) co_return;
    while (!kit_.budget.stopped() && !tree_[node].trace.finished()) {
      std::vector<Trace> wanted;
      wanted.push_back(tree_[node].trace.with_ordinal(0));
      std::vector<Trace> grown = co_await propose(std::move(wanted), 0);
      if (grown.empty() || grown.front().depth() <= tree_[node].trace.depth()) break;
      tree_.release(node);
      node = tree_.add(node, grown.front(), prior_of(grown.front(), tree_[node].trace));
    }
    std::vector<Trace> last;
    last.push_back(tree_[node].trace);
    const std::vector<float> rewards = co_await evaluate(std::move(last));
    tree_.set_reward(node, rewards.front());
  }

  boost::asio::awaitable<std::vector<Trace>> propose(std::vector<Trace> wanted, int actor) {
    std::vector<Trace> grown;
    if (options_.propose) {
      grown = co_await options_.propose(std::move(wanted));
    } else {
      Policy& policy = options_.actors.empty()
                           ? kit_.policy
                           : *options_.actors.at(static_cast<std::size_t>(actor));
      grown = co_await policy.extend(problem_, std::move(wanted), options_.proposal);
    }
    co_return grown;
  }

  // Each trace some steps further, as it would most probably go on.
  boost::asio::awaitable<std::vector<Trace>> look_ahead(std::vector<Trace> traces) {
    Proposal greedy = options_.proposal;
    greedy.temperature = 0;
    greedy.begin.clear();
    for (int step = 0; step < options_.lookahead; ++step) {
      for (Trace& trace : traces)
        if (!trace.finished()) trace = trace.with_ordinal(kLookahead);
      traces = co_await kit_.policy.extend(problem_, std::move(traces), greedy);
    }
    co_return traces;
  }

  // Keeps the first of each group of siblings that say the same, also among those in the tree.
  void merge(Tree::Index node, std::vector<Trace>& grown) const {
    const Trace& parent = tree_[node].trace;
    std::vector<std::string> seen;
    for (const Tree::Index child : tree_.children(node))
      seen.push_back(said(tree_[child].trace, parent, options_.merge));
    std::erase_if(grown, [&](const Trace& trace) {
      std::string text = said(trace, parent, options_.merge);
      if (std::find(seen.begin(), seen.end(), text) != seen.end()) return true;
      seen.push_back(std::move(text));
      return false;
    });
  }

  boost::asio::awaitable<std::vector<float>> evaluate(std::vector<Trace> traces) {
    if (traces.empty()) co_return std::vector<float>();
    std::vector<float> rewards;
    if (options_.lookahead > 0) traces = co_await look_ahead(std::move(traces));
    if (options_.evaluate)
      rewards = co_await options_.evaluate(std::move(traces));
    else
      rewards = co_await judged(kit_, problem_, std::move(traces));
    co_return rewards;
  }

  Kit& kit_;
  const Problem& problem_;
  Tree& tree_;
  Engine& engine_;
  GrowOptions& options_;
  boost::asio::steady_timer told_something_;  // never expires: cancelled, it wakes what waits
  std::deque<Asked> waiting_;                 // asked for, and no lane has begun it
  int asked_ = 0, told_ = 0;
};

}  // namespace

boost::asio::awaitable<void> grow(Kit& kit, const Problem& problem, Tree& tree, Engine& engine,
                                  GrowOptions options) {
  auto executor = co_await boost::asio::this_coro::executor;
  Growth growth(kit, problem, tree, engine, options, executor);
  co_await growth.run();
}

float prior_of(Trace child, const Trace& parent) {
  double logprob = 0;
  std::size_t tokens = 0;
  for (; child.depth() > parent.depth(); child = child.parent()) {
    if (child.last().tool) continue;
    logprob += child.last().logprob();
    tokens += child.last().logprobs.size();
  }
  if (tokens == 0) return 1;
  return static_cast<float>(std::exp(std::min(0.0, logprob / static_cast<double>(tokens))));
}

boost::asio::awaitable<std::vector<float>> judged(Kit& kit, const Problem& problem,
                                                  std::vector<Trace> traces) {
  const std::vector<Verdict> verdicts = co_await kit.judge.score(problem, traces, kit.budget);
  std::vector<float> rewards = folded(verdicts, Fold::outcome);
  co_return rewards;
}

boost::asio::awaitable<Voted> voted_step(Kit& kit, const Problem& problem, Trace from,
                                         Proposal proposal, int most, int batch) {
  std::vector<Trace> traces;
  Voted voted{from, 0};
  while (static_cast<int>(traces.size()) < most && !kit.budget.stopped()) {
    std::vector<Trace> wanted;
    for (int i = 0; i < batch && static_cast<int>(traces.size()) + i < most; ++i)
      wanted.push_back(from.with_ordinal(traces.size() + static_cast<std::size_t>(i)));
    std::vector<Trace> more = co_await kit.policy.extend(problem, std::move(wanted), proposal);
    for (Trace& trace : more) traces.push_back(std::move(trace));
    voted = leader(problem, from, traces);
    if (voted.share >= 0.5f && !voted.tied) break;
  }
  co_return voted;
}

boost::asio::awaitable<std::vector<float>> rolled_out(Kit& kit, const Problem& problem,
                                                      std::vector<Trace> traces, Proposal proposal,
                                                      std::vector<FinishedTrace>& finished) {
  for (Trace& trace : traces) trace = trace.with_ordinal(kRollout);
  std::vector<Trace> ends = co_await kit.policy.rollout(problem, std::move(traces), proposal);
  std::vector<float> rewards = co_await judged(kit, problem, ends);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (!ends[i].answer()) rewards[i] = 0;
    finished.push_back({std::move(ends[i]), rewards[i]});
  }
  co_return rewards;
}

std::vector<std::string> merge_names() {
  return {"none", "exact", "normalised"};
}

Merge merge_named(std::string_view name) {
  if (name == "none") return Merge::none;
  if (name == "exact") return Merge::exact;
  if (name == "normalised") return Merge::normalised;
  throw Error(Fault::input, "merge", "\"" + std::string(name) + "\" is no way to merge",
              base::did_you_mean(name, merge_names()));
}

std::vector<std::string> choose_names() {
  return {"best", "weighted", "majority"};
}

Choose choose_named(std::string_view name) {
  if (name == "best") return Choose::best;
  if (name == "weighted") return Choose::weighted;
  if (name == "majority") return Choose::majority;
  throw Error(Fault::input, "choose", "\"" + std::string(name) + "\" is no way to choose",
              base::did_you_mean(name, choose_names()));
}

Outcome outcome(Tree& tree, const Problem& problem, Choose choose,
                std::vector<FinishedTrace> also) {
  const auto place = places(tree);
  std::vector<FinishedTrace> finished;
  for (Tree::Index node = 1; node < tree.size(); ++node)
    if (tree[node].trace.finished()) finished.push_back({tree[node].trace, tree[node].reward});
  // In the order of the tree: when each of them ended has no say in which of equals comes first.
  std::stable_sort(also.begin(), also.end(), [&](const auto& a, const auto& b) {
    return reached(place, a.trace) < reached(place, b.trace);
  });
  for (FinishedTrace& trace : also)
    if (!place.contains(trace.trace.id())) finished.push_back(std::move(trace));
  std::vector<Trace> traces;
  std::vector<float> rewards;
  for (const FinishedTrace& one : finished) {
    if (!one.trace.answer()) continue;
    traces.push_back(one.trace);
    rewards.push_back(one.reward);
  }
  Outcome result = choose == Choose::majority ? vote::majority(traces, problem)
                                              : vote::weighted(traces, rewards, problem);
  if (choose == Choose::best && !traces.empty()) {
    result.answer = traces[best(rewards)].answer();
    result.confidence = rewards[best(rewards)];
  }
  result.traces = std::move(finished);
  mark_path(tree, place, result);
  for (const auto& [id, node] : place)
    if (id != 0) result.nodes.emplace_back(id, tree.stats(node));
  return result;
}

}  // namespace cairn::search
