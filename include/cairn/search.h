#pragma once
// cairn/search.h — search over the steps of a tree: an engine says what to expand, grow() does it.
//
//                 ask: expand node 7 by 4 children
//      Engine  ───────────────────────────────────>  grow()  ── policy.extend, judge.score
//              <───────────────────────────────────
//                 tell: they are nodes 20 … 23
//
// Engines (cairn/beam.h, cairn/best_first.h, cairn/tree_search.h, cairn/particles.h) know neither
// text nor tokens: they read rewards and counts of a Tree, and whether a trace is finished. Any
// number of expansions may be in flight between ask and tell, and they may be told in any order.
//
// Threads: an engine, its tree and grow() belong to one thread at a time.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/kit.h"
#include "cairn/outcome.h"
#include "cairn/policy.h"
#include "cairn/tree.h"

namespace cairn::search {

// New children wanted below a node. Their ordinals are first, first + 1, …: they tell them apart.
struct Expansion {
  Tree::Index node = Tree::kRoot;
  int children = 1;
  int first = 0;
  int actor = 0;  // which of GrowOptions::actors writes them
};

class Engine {
 public:
  virtual ~Engine() = default;
  // What to expand next. Nothing while something in flight has to be told first, and when the
  // search has ended.
  virtual std::optional<Expansion> ask() = 0;
  // The children that came of an expansion that was asked for. They are in the tree with their
  // rewards; fewer than were wanted where siblings said the same or a limit ended them.
  virtual void tell(const Expansion& expansion, std::span<const Tree::Index> children) = 0;
};

// Rewards in [0, 1] of traces: [traces].
using Evaluate =
    std::function<boost::asio::awaitable<std::vector<float>>(std::vector<Trace> traces)>;
// Children of a node: each trace one step longer; traces that came to nothing may be left out.
using Propose =
    std::function<boost::asio::awaitable<std::vector<Trace>>(std::vector<Trace> wanted)>;

// When siblings say the same.
//   exact        letter for letter
//   normalised   but for blanks and case
enum class Merge { none, exact, normalised };
// Errors: Fault::input with the nearest name.
Merge merge_named(std::string_view name);
std::vector<std::string> merge_names();

struct GrowOptions {
  int lanes = 32;  // expansions in flight, at most; 1: one after another
  // Expansions are told in the order in which they were asked for, an early one waits: the search
  // is a function of its seed, whatever takes how long. Otherwise in the order in which they end.
  bool in_order = true;
  Proposal proposal = {};     // of each step
  Merge merge = Merge::none;  // siblings that say the same become one
  // Steps written at temperature 0 beyond each new step before it is evaluated, and dropped then.
  // Snell et al. 2024, arXiv:2408.03314, section 5.2 ("lookahead search").
  int lookahead = 0;
  Evaluate evaluate = {};            // empty: the judge's outcome rewards
  Propose propose = {};              // empty: the actor extends them
  std::vector<Policy*> actors = {};  // borrowed, by Expansion::actor; empty: the kit's policy
};

// Grows the tree until the engine has nothing more to expand or the budget ends. Each new node has
// a prior, the geometric mean of its tokens' probabilities, and a reward. A search that ends by its
// own limits with no answer (deep enough, all given up) goes on with the best of its deepest leaves
// alone until that has one; not where `evaluate` is given, whose rollouts answer.
// Borrows everything until it completes. Errors: those of the policy and the judge.
boost::asio::awaitable<void> grow(Kit& kit, const Problem& problem, Tree& tree, Engine& engine,
                                  GrowOptions options);

// The geometric mean of the probabilities of the tokens that a policy wrote of `child` beyond
// `parent`, a prefix of it; 1 where it wrote none.
float prior_of(Trace child, const Trace& parent);

// The rewards of the judge, as grow() takes them.
boost::asio::awaitable<std::vector<float>> judged(Kit& kit, const Problem& problem,
                                                  std::vector<Trace> traces);

// As judged, of each trace's continuation to its end; what was written for it is added to
// `finished`. Snell et al. 2024, arXiv:2408.03314 (lookahead with no bound); a Monte Carlo rollout.
boost::asio::awaitable<std::vector<float>> rolled_out(Kit& kit, const Problem& problem,
                                                      std::vector<Trace> traces, Proposal proposal,
                                                      std::vector<FinishedTrace>& finished);

// The next step of a trace, sampled `batch` at a time and `most` times at most, until one answer is
// stated by at least half of the samples and by more than any other: the first sample that states
// it, and its share. A trace of no steps more, and 0, when a limit ended the sampling.
// Hao et al. 2023 (RAP), arXiv:2305.14992, section 3.2 (the state's confidence).
struct Voted {
  Trace trace;
  float share = 0;
  bool tied = false;  // with another answer
};
boost::asio::awaitable<Voted> voted_step(Kit& kit, const Problem& problem, Trace from,
                                         Proposal proposal, int most, int batch);

// What a finished search answers with.
//   best       the answer of highest reward
//   weighted   the class of equal answers whose rewards sum highest
//   majority   the class of most traces
enum class Choose { best, weighted, majority };
// Errors: Fault::input with the nearest name.
Choose choose_named(std::string_view name);
std::vector<std::string> choose_names();

// The outcome of a search: chosen among the tree's finished traces and `also`. The path to the
// answer is marked in the tree.
Outcome outcome(Tree& tree, const Problem& problem, Choose choose,
                std::vector<FinishedTrace> also = {});

}  // namespace cairn::search
