// Natural Program: each step is verified from the premises that it names and nothing else.
// Ling et al. 2023, arXiv:2306.03872, section 4. Departs from the paper: the outcome is the lowest
// share of votes that a step got, so that "all steps pass" is an outcome above 0.5; a step that is
// one line is verified alone.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "base/text.h"
#include "cairn/gather.h"
#include "cairn/prompt.h"
#include "cairn/rng.h"
#include "judge/ask.h"
#include "judge/each_trace.h"
#include "judge/registry.h"
#include "judge/statements.h"

namespace cairn::judge {
namespace {

struct NaturalProgram {
  int votes = 3;             // the paper: 3
  float temperature = 0.7f;  // the paper: 0.7
  int max_tokens = 192;
};

void describe(OptionSet& set, NaturalProgram& o) {
  set.add("votes", o.votes, 1, 64, "verdicts that are drawn for each step");
  set.add("temperature", o.temperature, 0, 2, "of each verdict");
  set.add("max_tokens", o.max_tokens, 1, 1 << 16, "longest verdict");
}

constexpr float kNoPremises = 0.5f;  // no step names its premises

// The last line decides. What cannot be read is a pass, as in the authors' code.
bool passes(std::string_view reply) {
  reply = base::trim(reply);
  const auto newline = reply.rfind('\n');
  const std::string last =
      base::lower(newline == std::string_view::npos ? reply : reply.substr(newline + 1));
  const auto has_word = [&](std::string_view word) {
    const auto letter = [&](std::size_t i) {
      return i < last.size() && std::isalpha(static_cast<unsigned char>(last[i])) != 0;
    };
    for (auto at = last.find(word); at != std::string::npos; at = last.find(word, at + 1))
      if ((at == 0 || !letter(at - 1)) && !letter(at + word.size())) return true;
    return false;
  };
  return !has_word("no") && !has_word("cannot") && !has_word("partially");
}

class NaturalProgramJudge : public EachTraceJudge {
 public:
  NaturalProgramJudge(LanguageModel& model, NaturalProgram options, std::uint64_t seed)
      : model_(model),
        options_(options),
        seed_(seed),
        prompt_(prompt_named("judge/natural_program", "statement")) {}

  std::string name() const override { return "natural_program"; }

 private:
  asio::awaitable<Verdict> score_one(const Problem& problem, Trace trace, Budget& budget) override {
    const std::vector<Statement> statements = read_statements(trace.text());
    std::map<int, const Statement*> known;
    std::vector<asio::awaitable<float>> checks;
    std::vector<std::size_t> begins;
    for (const Statement& statement : statements) {
      if (statement.derived) {
        checks.push_back(check(problem, statement, known, budget));
        begins.push_back(statement.begin);
      }
      known[statement.number] = &statement;
    }
    const std::vector<float> shares = co_await gather<float>(std::move(checks));
    if (budget.stopped()) co_return Verdict();
    co_return verdict_of(trace, begins, shares);
  }

  // The share of the votes that let a statement pass; 0 without a vote where it names a premise
  // that does not stand before it, or none.
  asio::awaitable<float> check(const Problem& problem, const Statement& statement,
                               std::map<int, const Statement*> known, Budget& budget) {
    std::string premises;
    for (const int number : statement.premises) {
      if (!known.contains(number)) co_return 0.0f;
      premises += line_of(*known.at(number)) + "\n";
    }
    if (premises.empty()) co_return 0.0f;
    const std::string key = premises + line_of(statement);
    if (const auto found = shares_.find(key); found != shares_.end()) co_return found->second;
    const Parts parts = {{"premises", std::string(base::trim(premises))},
                         {"statement", line_of(statement)}};
    const Asking asking{.answers = options_.votes,
                        .temperature = options_.temperature,
                        .max_tokens = options_.max_tokens,
                        .seed = mix(seed_, key)};
    const BranchPtr prompt = question(model_, prompt_.render(problem, parts), budget);
    const std::vector<std::string> replies = co_await ask(model_, prompt, asking, budget);
    if (budget.stopped()) co_return 0.0f;
    const auto good = std::count_if(replies.begin(), replies.end(), passes);
    const float share = static_cast<float>(good) / static_cast<float>(replies.size());
    shares_[key] = share;
    co_return share;
  }

  static std::string line_of(const Statement& statement) {
    return fmt::format("#{}. {}", statement.number, statement.text);
  }

  // A step of the trace is as good as the worst statement that begins in it; one without any is 1.
  static Verdict verdict_of(const Trace& trace, const std::vector<std::size_t>& begins,
                            const std::vector<float>& shares) {
    if (shares.empty()) return {.outcome = kNoPremises};
    Verdict verdict;
    verdict.outcome = *std::min_element(shares.begin(), shares.end());
    std::size_t end = 0, next = 0;
    for (const Step* step : trace.steps()) {
      end += step->text.size();
      float reward = 1;
      for (; next < begins.size() && begins[next] < end; ++next)
        reward = std::min(reward, shares[next]);
      verdict.process.push_back(reward);
    }
    return verdict;
  }

  LanguageModel& model_;
  const NaturalProgram options_;
  const std::uint64_t seed_;
  const Prompt prompt_;
  // Of statements with their premises, as they were asked about.
  std::map<std::string, float> shares_;
};

std::unique_ptr<Judge> make_natural_program(const NaturalProgram& options,
                                            const JudgeMeans& means) {
  return std::make_unique<NaturalProgramJudge>(model_for("natural_program", means), options,
                                               means.seed);
}

}  // namespace

Entry natural_program_judge() {
  return entry<NaturalProgram>(
      {"natural_program", "each step is checked from the premises that it names (#3. (by #1 #2) …)",
       "Ling et al. 2023, arXiv:2306.03872", Reads::model},
      make_natural_program);
}

}  // namespace cairn::judge
