// Best-first search over steps: always expand the unfinished trace of highest reward.
// Koh et al. 2024, arXiv:2407.01476, section 3.2 (best-first search with a value function).
// Departs from the paper: steps of reasoning instead of web actions; several expansions may be in
// flight; the search ends after `finished` answers instead of at a value threshold.
#include "cairn/best_first.h"

#include "cairn/kit.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct BestFirst {
  int expansions = 4;        // the paper: 5
  int max_expanded = 40;     // the paper: 20
  int finished = 4;          // answers after which it ends
  int open = 1024;           // prefixes that wait
  int lanes = 4;             // expansions in flight; 1 is the paper's
  bool in_order = false;     // takes expansions up as they were begun
  float temperature = 0.8f;  // the paper: 1
  std::string choose = "weighted";
};

void describe(OptionSet& set, BestFirst& o) {
  set.add("expansions", o.expansions, 1, 256, "proposals for the prefix that is expanded");
  set.add("max_expanded", o.max_expanded, 1, 100000, "prefixes expanded in all");
  set.add("finished", o.finished, 1, 1000, "ends after so many traces with an answer");
  set.add("open", o.open, 1, 1000000, "prefixes that wait, at most");
  set.add("lanes", o.lanes, 1, 256, "expansions in flight");
  set.add("in_order", o.in_order, "taken up as begun, not as ended: the same tree every time");
  set.add("temperature", o.temperature, 0, 2, "of each step");
  set.add("choose", o.choose, search::choose_names(), "how the finished traces become one answer");
}

asio::awaitable<Outcome> best_first(Kit& kit, const Problem& problem, BestFirst opt) {
  Tree tree;
  search::BestFirst engine(tree, {.expansions = opt.expansions,
                                  .max_expanded = opt.max_expanded,
                                  .finished = opt.finished,
                                  .open = opt.open});
  search::GrowOptions grow{.lanes = opt.lanes,
                           .in_order = opt.in_order,
                           .proposal = {.temperature = opt.temperature},
                           .merge = search::Merge::normalised};
  co_await search::grow(kit, problem, tree, engine, grow);
  co_return search::outcome(tree, problem, search::choose_named(opt.choose));
}

Recipe best_first_recipe() {
  return bind<BestFirst>({.name = "best_first",
                          .family = "search",
                          .summary = "Always the most promising unfinished line of reasoning next.",
                          .paper = "Koh et al. 2024, arXiv:2407.01476",
                          .status = "tested",
                          .judge = "logprob",
                          .prompt = "sample/cot"},
                         best_first);
}

}  // namespace cairn::recipes
