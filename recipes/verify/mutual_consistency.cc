// Mutual consistency: a line of reasoning is trusted as far as its second half, written anew from
// the middle, comes to the same answer. Qi et al. 2024 (rStar), arXiv:2408.06195, section 3.2 (the
// discriminator).
// Departs from the paper: plain samples instead of its tree search propose the traces, and the
// same model completes them instead of a second one.
#include "cairn/answer.h"
#include "cairn/kit.h"
#include "cairn/recipe.h"
#include "cairn/vote.h"

namespace cairn::recipes {

struct MutualConsistency {
  int samples = 6;           // traces; the paper: 32 rollouts of its tree search
  int tries = 1;             // completions of each; the paper: 1
  float keep = 0.5f;         // share of the steps that is shown; the paper: 0.2 to 0.8, drawn
  float temperature = 0.8f;  // the paper: 0.8 for proposals
};

void describe(OptionSet& set, MutualConsistency& o) {
  set.add("samples", o.samples, 1, 1024, "traces per problem");
  set.add("tries", o.tries, 1, 64, "completions of each trace's first part");
  set.add("keep", o.keep, 0, 1, "share of a trace's steps that its completion starts from");
  set.add("temperature", o.temperature, 0, 2, "of samples and completions");
}

// The first part of a trace, told apart from it and from other tries.
Trace first_part(Trace trace, float share, int attempt) {
  const auto kept = static_cast<std::size_t>(share * static_cast<float>(trace.depth()));
  while (trace.depth() > kept) trace = trace.parent();
  return trace.with_ordinal((trace.ordinal() << 8) + static_cast<std::uint64_t>(1 + attempt));
}

asio::awaitable<Outcome> mutual_consistency(Kit& kit, const Problem& problem,
                                            MutualConsistency opt) {
  std::vector<Trace> root = roots(opt.samples);
  const Proposal proposal{.temperature = opt.temperature};
  const std::vector<Trace> traces = co_await kit.policy.rollout(problem, std::move(root), proposal);
  std::vector<Trace> parts;
  for (std::size_t i = 0; i < traces.size(); ++i)
    for (int attempt = 0; attempt < opt.tries; ++attempt)
      parts.push_back(first_part(traces[i].with_ordinal(i), opt.keep, attempt));
  const std::vector<Trace> ends = co_await kit.policy.rollout(problem, std::move(parts), proposal);
  std::vector<float> weights;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    float agreed = 0.1f;  // a trace that nobody confirms still breaks ties
    for (int t = 0; t < opt.tries; ++t) {
      const auto& again =
          ends[i * static_cast<std::size_t>(opt.tries) + static_cast<std::size_t>(t)];
      if (!again.answer() || !traces[i].answer()) continue;
      const Comparison same = compare_answers(*again.answer(), *traces[i].answer(), problem.kind);
      agreed += same.verdict == Equality::equal ? 1.0f : 0.0f;
    }
    weights.push_back(agreed);
  }
  co_return vote::weighted(traces, weights, problem);
}

Recipe mutual_consistency_recipe() {
  return bind<MutualConsistency>({.name = "mutual_consistency",
                                  .family = "verify",
                                  .summary = "Answers that a second half written anew confirms.",
                                  .paper = "Qi et al. 2024, arXiv:2408.06195",
                                  .status = "tested",
                                  .prompt = "sample/cot"},
                                 mutual_consistency);
}

}  // namespace cairn::recipes
