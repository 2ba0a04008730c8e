// The model as judge of equivalence where the rules of comparison leave it open.
// Chen et al. 2025 (xVerify), arXiv:2504.10481.

#include "base/text.h"
#include "cairn/answer.h"
#include "cairn/error.h"
#include "cairn/prompt.h"
#include "judge/each_trace.h"
#include "judge/labels.h"
#include "judge/registry.h"

namespace cairn::judge {
namespace {

struct XVerify {
  std::string ask = "open";
  int tail = 6000;
};

void describe(OptionSet& set, XVerify& o) {
  set.add("ask", o.ask, {"open", "different", "all"},
          "the model: where the rules leave it open, or also where they say different, or always");
  set.add("tail", o.tail, 1, 1 << 20, "bytes of the response that the model reads: its end");
}

// The last `most` bytes, from the beginning of a character on.
std::string_view tail_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  text.remove_prefix(text.size() - most);
  while (!text.empty() && (static_cast<unsigned char>(text[0]) & 0xC0) == 0x80)
    text.remove_prefix(1);
  return text;
}

class XVerifyJudge : public EachTraceJudge {
 public:
  XVerifyJudge(LanguageModel& model, XVerify options)
      : model_(model),
        options_(std::move(options)),
        prompt_(prompt_named("judge/xverify")),
        labels_({label_tokens(name(), model, {"A"}), label_tokens(name(), model, {"B"})}) {}

  std::string name() const override { return "xverify"; }

 private:
  asio::awaitable<Verdict> score_one(const Problem& problem, Trace trace, Budget& budget) override {
    if (!problem.answer)
      throw Error(Fault::input, name(),
                  "the problem \"" + problem.id + "\" has no right answer to compare with",
                  "Give it one, or use another judge");
    const Comparison ruled = check_answer(trace.answer(), problem);
    const bool open = leaves_open(ruled), equal = ruled.verdict == Equality::equal;
    const bool asked = options_.ask == "all" || open || (options_.ask == "different" && !equal);
    if (!asked) co_return Verdict{.outcome = equal ? 1.0f : 0.0f};
    const auto tail = static_cast<std::size_t>(options_.tail);
    const std::vector<Message> turns =
        prompt_.render(problem, {{"response", std::string(tail_of(base::trim(trace.text()), tail))},
                                 {"reference", *problem.answer}});
    const BranchPtr branch = model_.branch(nullptr, model_.chat(turns));
    budget.note_prompt(static_cast<std::int64_t>(branch->size()));
    const std::vector<float> p = co_await model_.label_probabilities(branch, labels_, budget);
    co_return Verdict{.outcome = p.empty() ? 0.0f : p[0]};
  }

  LanguageModel& model_;
  const XVerify options_;
  const Prompt prompt_;
  const std::vector<std::vector<Token>> labels_;  // right, wrong
};

std::unique_ptr<Judge> make_xverify(const XVerify& options, const JudgeMeans& means) {
  return std::make_unique<XVerifyJudge>(model_for("xverify", means), options);
}

}  // namespace

Entry xverify_judge() {
  return entry<XVerify>({"xverify", "whether the answer is the known one, by rules and the model",
                         "Chen et al. 2025, arXiv:2504.10481", Reads::model},
                        make_xverify);
}

}  // namespace cairn::judge
