// Global and local refinement: a draft, the same problem solved anew with the draft in view, and
// the draft continued from before its first wrong step; a judge chooses among the three.
// Havrilla et al. 2024 (GLoRe), arXiv:2402.10963, section 3.
// Departs from the paper: prompts instead of trained refiners, any judge instead of trained ORM and
// SORM; the local repair starts where the first bad step was cut off instead of reading a [BAD]
// mark; without a bad step there is no local repair.
#include "cairn/choose.h"
#include "cairn/prompt.h"
#include "cairn/rank.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct Glore {
  float threshold = 0.5f;    // the paper: 0.5
  int repairs = 1;           // of each kind; the paper: 1
  float temperature = 0.7f;  // of the repairs; the paper does not say
};

void describe(OptionSet& set, Glore& o) {
  set.add("threshold", o.threshold, 0, 1, "a step with a reward below it is wrong");
  set.add("repairs", o.repairs, 1, 64, "repairs of each kind");
  set.add("temperature", o.temperature, 0, 2, "of the repairs; the draft is greedy");
}

// The draft before its first step of a low reward; nothing where it has none.
std::vector<Trace> before_error(Trace draft, const Verdict& verdict, const Glore& opt) {
  std::size_t good = 0;
  while (good < verdict.process.size() && verdict.process[good] >= opt.threshold) ++good;
  if (good == verdict.process.size()) return {};
  while (draft.depth() > good) draft = draft.parent();
  const std::vector<Trace> one = {draft};
  return repeat_each(one, opt.repairs);
}

asio::awaitable<Outcome> glore(Kit& kit, const Problem& problem, Glore opt) {
  std::vector<Trace> root = roots(1);
  const Proposal greedy{.temperature = 0};
  std::vector<Trace> all = co_await kit.policy.rollout(problem, std::move(root), greedy);
  const Trace draft = all[0];
  const auto verdicts = co_await kit.judge.score(problem, all, kit.budget);
  Proposal local{.temperature = opt.temperature}, global = local;
  global.turns = prompt_named("refine/glore_global").render(problem, {{"draft", draft.text()}});
  for (const Proposal& proposal : {global, local}) {
    std::vector<Trace> begun =
        proposal.turns.empty() ? before_error(draft, verdicts[0], opt) : roots(opt.repairs);
    for (Trace& trace : begun) trace = trace.with_ordinal(trace.ordinal() + 1);
    std::vector<Trace> repaired = co_await kit.policy.rollout(problem, std::move(begun), proposal);
    all.insert(all.end(), repaired.begin(), repaired.end());
  }
  Outcome outcome = co_await chosen_by_judge(kit, problem, std::move(all));
  co_return outcome;
}

Recipe glore_recipe() {
  return bind<Glore>({.name = "glore",
                      .family = "refine",
                      .summary = "A draft and its repairs, whole and from its first bad step.",
                      .paper = "Havrilla et al. 2024, arXiv:2402.10963",
                      .status = "tested",
                      .judge = "self_eval:of=step",
                      .prompt = "sample/cot"},
                     glore);
}

}  // namespace cairn::recipes
