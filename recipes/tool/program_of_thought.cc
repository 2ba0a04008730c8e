// Program of thoughts with repair: the model writes a program; when it fails, the model is shown
// the program and its error, and writes it anew, at most `repairs` times. Chen et al. 2022,
// arXiv:2211.12588; the repair loop is that of Chen et al. 2023 (Self-Debugging), arXiv:2304.05128.
// Departs from the paper: the function `solution` instead of a variable `ans`; of self-debugging
// the error message alone is fed back, no explanation of the code.
#include "cairn/program.h"
#include "cairn/prompt.h"
#include "cairn/recipe.h"

namespace cairn::recipes {

struct ProgramOfThought {
  int repairs = 2;        // self-debugging: at most 10
  float temperature = 0;  // both papers: 0
};

void describe(OptionSet& set, ProgramOfThought& o) {
  set.add("repairs", o.repairs, 0, 64, "programs written anew after an error");
  set.add("temperature", o.temperature, 0, 2, "of each program");
}

asio::awaitable<Outcome> program_of_thought(Kit& kit, const Problem& problem,
                                            ProgramOfThought opt) {
  Outcome outcome;
  Proposal proposal{.temperature = opt.temperature, .stop = {program::kFence}};
  for (int attempt = 0; attempt <= opt.repairs && !outcome.answer; ++attempt) {
    std::vector<Trace> begun = {Trace(static_cast<std::uint64_t>(attempt))};
    std::vector<Trace> written = co_await kit.policy.rollout(problem, std::move(begun), proposal);
    Trace trace = co_await program::executed(kit, problem, std::move(written[0]));
    outcome.answer = trace.answer();
    outcome.traces.push_back({trace, trace.answer() ? 1.0f : 0.0f});
    if (trace.depth() == 0 || !trace.last().tool || outcome.answer) continue;
    const Parts parts = {{"program", trace.last().tool->call},
                         {"error", program::complaint(*trace.last().tool)}};
    proposal.turns = prompt_named("tool/program_repair").render(problem, parts);
  }
  outcome.confidence = outcome.answer ? 1 : 0;
  co_return outcome;
}

Recipe program_of_thought_recipe() {
  return bind<ProgramOfThought>({.name = "program_of_thought",
                                 .family = "tool",
                                 .summary = "A program, written anew with its error in view until "
                                            "it runs.",
                                 .paper = "Chen et al. 2022, arXiv:2211.12588",
                                 .status = "tested",
                                 .prompt = "tool/pal",
                                 .tools = true},
                                program_of_thought);
}

}  // namespace cairn::recipes
