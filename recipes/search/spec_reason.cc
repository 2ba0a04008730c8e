// Speculative reasoning: a small model drafts each step, the large one grades it by the probability
// of one label, and writes the step itself where the grade is low.
// Pan et al. 2025 (SpecReason), arXiv:2504.07891, section 4.
// Departs from the paper: the grade is the expected digit (the paper takes the most probable one);
// a draft that repeats the step before it is refused (the paper ends there); only text goes from
// one model to the other, so their vocabularies may differ; no token-level speculation.
#include <algorithm>

#include "cairn/kit.h"
#include "cairn/prompt.h"
#include "cairn/recipe.h"
#include "cairn/search.h"

namespace cairn::recipes {

struct SpecReason {
  float threshold = 7;       // least grade of a draft that is kept, 0 to 9; the paper: 7
  int first = 0;             // steps that the large model writes at the start; the paper: 0 to 40
  float temperature = 0.6f;  // the paper: 0.6
};

void describe(OptionSet& set, SpecReason& o) {
  set.add("threshold", o.threshold, 0, 9, "the least grade of a draft that is kept");
  set.add("first", o.first, 0, 1000, "steps that the large model writes at the start");
  set.add("temperature", o.temperature, 0, 2, "of drafts and of the large model's own steps");
}

// The expected digit; nothing where a limit ended the grading.
std::optional<float> grade_of(const std::vector<float>& digits) {
  if (digits.empty()) return {};
  float expected = 0;
  for (std::size_t digit = 0; digit < digits.size(); ++digit)
    expected += static_cast<float>(digit) * digits[digit];
  return std::clamp(expected, 0.0f, 9.0f);
}

asio::awaitable<Outcome> spec_reason(Kit& kit, const Problem& problem, SpecReason opt) {
  const Proposal proposal{.temperature = opt.temperature};
  const std::string grade = "\n" + prompt_part("search/spec_reason_grade", "grade");
  const std::vector<std::string> digits = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  Tree tree;
  Tree::Index here = Tree::kRoot;
  while (!tree[here].trace.finished()) {
    const Trace before = tree[here].trace;
    const Tree::Index above = here;
    if (before.depth() >= static_cast<std::size_t>(opt.first)) {
      std::vector<Trace> root(1, before);
      std::vector<Trace> drafts = co_await kit.draft.extend(problem, std::move(root), proposal);
      const Trace draft = kit.policy.adopt(problem, drafts.front());
      const std::vector<float> p = co_await kit.policy.labels(problem, draft, grade, digits);
      const std::optional<float> graded = grade_of(p);
      const bool repeats = before.depth() > 0 && draft.last().text == before.last().text;
      const bool kept = graded && *graded >= opt.threshold && !repeats;
      here = tree.add(above, draft);
      if (graded) tree.visit(here, *graded / 9);
      if (kept) tree.set_reward(here, *graded / 9);
      if (kept) continue;
      tree.release(here);
    }
    std::vector<Trace> root(1, before.with_ordinal(1));
    std::vector<Trace> written = co_await kit.policy.extend(problem, std::move(root), proposal);
    here = tree.add(above, written.front());
    tree.set_reward(here, 1);  // not graded
  }
  co_return search::outcome(tree, problem, search::Choose::best);
}

Recipe spec_reason_recipe() {
  return bind<SpecReason>({.name = "spec_reason",
                           .family = "search",
                           .summary = "A small model drafts steps, the large one grades them.",
                           .paper = "Pan et al. 2025, arXiv:2504.07891",
                           .status = "tested",
                           .prompt = "sample/cot",
                           .draft = Draft::must},
                          spec_reason);
}

}  // namespace cairn::recipes
