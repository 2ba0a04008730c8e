// The judges that read the probabilities of labels: process reward models by preset, and P(True).
//
//   question ─ s1 ─┬─ s2 ── …      what was read for a step is kept as long as the trace is held:
//       +?     +?  └─ s2'          a step is read once, behind the branch of the step before it
//
// Wang et al. 2023 (Math-Shepherd), arXiv:2312.08935; Kadavath et al. 2022, arXiv:2207.05221.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cairn/error.h"
#include "cairn/gather.h"
#include "cairn/prompt.h"
#include "judge/ask.h"
#include "judge/each_trace.h"
#include "judge/kept.h"
#include "judge/labels.h"
#include "judge/preset.h"
#include "judge/registry.h"

namespace cairn::judge {
namespace {

using Form = Preset::Form;

class LabelJudge : public EachTraceJudge {
 public:
  LabelJudge(std::string name, LanguageModel& model, Preset preset)
      : name_(std::move(name)), model_(model), preset_(std::move(preset)) {
    for (const auto* alternatives : {&preset_.good, &preset_.bad})
      labels_.push_back(preset_.classes ? class_tokens(name_, model_, *alternatives)
                                        : label_tokens(name_, model_, *alternatives));
    if (preset_.form == Form::question || preset_.form == Form::outcome) tail_ = tail_tokens();
  }

  std::string name() const override { return name_; }

 private:
  // Of a trace: the rewards of its steps (of an outcome preset that of the trace alone), and the
  // part of what was read that a longer trace needs.
  struct Read {
    std::vector<float> process;
    BranchPtr branch;
  };

  void let_go() override { kept_.let_go(); }

  asio::awaitable<Verdict> score_one(const Problem& problem, Trace trace, Budget& budget) override {
    Verdict verdict;
    if (preset_.form == Form::outcome) {
      verdict.outcome = co_await outcome_of(problem, trace, budget);
      co_return verdict;
    }
    std::vector<Trace> prefixes = unknown_prefixes(kept_, trace);
    Read read = known(prefixes.empty() ? trace : prefixes.front().parent());
    for (const Trace& prefix : prefixes) {
      read.branch = branch_for(problem, prefix, read.branch, budget);
      const std::vector<float> p =
          co_await model_.label_probabilities(read.branch, labels_, budget);
      if (p.empty()) co_return verdict;  // the budget ended it
      read.process.push_back(p[0]);
      read.branch = part_to_keep(read.branch);
      kept_.put(prefix, read);
    }
    verdict.process = read.process;
    if (!read.process.empty()) verdict.outcome = folded(read.process, preset_.aggregate);
    co_return verdict;
  }

  asio::awaitable<float> outcome_of(const Problem& problem, Trace trace, Budget& budget) {
    if (const Read* read = kept_.find(trace)) co_return read->process[0];
    const BranchPtr branch = branch_for(problem, trace, nullptr, budget);
    const std::vector<float> p = co_await model_.label_probabilities(branch, labels_, budget);
    if (p.empty()) co_return 0.0f;
    if (trace.depth() > 0) kept_.put(trace, {{p[0]}, part_to_keep(branch)});
    co_return p[0];
  }

  // What is read behind every step stays; what is asked about the last one goes.
  BranchPtr part_to_keep(const BranchPtr& branch) {
    return tail_ == 0 ? branch : model_.rollback(branch, branch->size() - tail_);
  }

  // Of a question about a solution, what follows that, which one about a longer solution begins
  // without.
  std::size_t tail_tokens() const {
    const std::vector<Token> shorter = model_.chat(question_about({}, "1"));
    const std::vector<Token> longer = model_.chat(question_about({}, "1\n."));
    return shorter.size() - shared_tokens(shorter, longer);
  }

  Read known(const Trace& trace) const {
    const Read* read = kept_.find(trace);
    return read ? *read : Read();
  }

  // What is read to judge the last step of a trace; `before` was read for the step before it.
  BranchPtr branch_for(const Problem& problem, const Trace& trace, const BranchPtr& before,
                       Budget& budget) {
    BranchPtr branch = preset_.form == Form::tags
                           ? model_.branch(before, tags_after(problem, trace, before))
                           : model_.branch(nullptr, model_.chat(messages(problem, trace)));
    const std::size_t known = before ? std::min(before->size(), branch->size()) : 0;
    budget.note_prompt(static_cast<std::int64_t>(branch->size() - known));
    return branch;
  }

  std::vector<Token> tags_after(const Problem& problem, const Trace& trace,
                                const BranchPtr& before) const {
    std::string text =
        before ? preset_.between : filled(preset_.begin, {{"question", question_text(problem)}});
    text += filled(preset_.step, {{"step", std::string(base::trim(trace.last().text))}});
    return model_.tokenize(text, false);
  }

  std::vector<Message> messages(const Problem& problem, const Trace& trace) const {
    if (preset_.form != Form::turns) return question_about(problem, trace.text());
    std::vector<Message> turns;
    if (!preset_.system.empty()) turns.push_back({"system", preset_.system});
    const std::vector<const Step*> steps = trace.steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Parts parts = {{"question", question_text(problem)},
                           {"step", std::string(base::trim(steps[i]->text))}};
      turns.push_back({"user", filled(i == 0 ? preset_.first : preset_.next, parts)});
      if (i + 1 < steps.size()) turns.push_back({"assistant", preset_.reply});
    }
    return turns;
  }

  std::vector<Message> question_about(const Problem& problem, std::string_view solution) const {
    return Prompt{preset_.turns}.render(problem, {{"solution", std::string(base::trim(solution))}});
  }

  const std::string name_;
  LanguageModel& model_;
  const Preset preset_;
  std::vector<std::vector<Token>> labels_;  // good, bad
  std::size_t tail_ = 0;
  Kept<Read> kept_;
};

struct Prm {
  std::string preset = "self_eval_step";
  std::string aggregate = "preset";
};

std::vector<std::string> aggregates() {
  std::vector<std::string> names = fold_names();
  names.back() = "preset";  // a process reward model has no outcome reward of its own
  return names;
}

void describe(OptionSet& set, Prm& o) {
  set.add(
      "preset", o.preset, {},
      fmt::format("how the model is asked: {}, or a FILE.json", fmt::join(preset_names(), ", ")));
  set.add("aggregate", o.aggregate, aggregates(), "how the steps' rewards become the trace's");
}

Preset preset_of(const Prm& options) {
  Preset preset = find_preset(options.preset);
  if (options.aggregate != "preset") preset.aggregate = fold_named(options.aggregate);
  return preset;
}

std::unique_ptr<Judge> make_prm(const Prm& options, const JudgeMeans& means) {
  return std::make_unique<LabelJudge>("prm", model_for("prm", means), preset_of(options));
}

struct SelfEval {
  std::string of = "answer";
};

void describe(OptionSet& set, SelfEval& o) {
  set.add("of", o.of, {"answer", "step"}, "what is asked about: the final answer, or each step");
}

std::unique_ptr<Judge> make_self_eval(const SelfEval& options, const JudgeMeans& means) {
  const std::string preset = options.of == "step" ? "self_eval_step" : "self_eval";
  return std::make_unique<LabelJudge>("self_eval", model_for("self_eval", means),
                                      find_preset(preset));
}

}  // namespace

std::vector<Entry> label_judges() {
  Entry prm = entry<Prm>({"prm", "a process reward model, asked as its preset says",
                          "Wang et al. 2023, arXiv:2312.08935", Reads::model},
                         make_prm);
  prm.check = [](const Settings& settings) {
    preset_of(assigned<Prm>("prm", settings));
    return Reads::model;
  };
  return {prm,
          entry<SelfEval>({"self_eval", "the probability the model itself gives to \"correct\"",
                           "Kadavath et al. 2022, arXiv:2207.05221", Reads::model},
                          make_self_eval)};
}

}  // namespace cairn::judge
