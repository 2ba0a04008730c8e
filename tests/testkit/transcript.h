#pragma once
// testkit/transcript.h — a run as text: each step when it ended, each reward, and the outcome. Its
// prompt leaves no mark, so that prompts can be worded anew.

#include <fmt/format.h>

#include <string>

#include "cairn/trace_log.h"

namespace cairn::testkit {

// Line ends and quotes inside a text, so that it stays on one line.
inline std::string flat(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\\n") : std::string(1, c);
  return out;
}

inline std::string shown(const std::optional<std::string>& answer) {
  return answer ? flat(*answer) : "-";
}

class Transcript : public TraceLog {
 public:
  const std::string& text() const { return text_; }

  void begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) override {
    text_ += fmt::format("{} on {}, seed {}\n", recipe, problem.id, seed);
  }
  void step(const Problem&, const StepRecord& record) override {
    const Step& step = *record.step;
    text_ += fmt::format("{} <- {} depth {} {} [{}] \"{}\" logprob {:.3f}, {} generated", record.id,
                         record.parent, record.depth, step.kind, name_of(step.stop),
                         flat(step.text), step.logprob(), step.usage.generated_tokens);
    if (record.end != End::open)
      text_ += fmt::format(" {} answer {}", record.end == End::done ? "done" : "cut",
                           shown(step.answer));
    text_ += '\n';
  }
  void reward(const Problem&, std::uint64_t step, const std::string& judge, float reward,
              const Usage& usage) override {
    text_ += fmt::format("{} {} {:.3f}", step, judge, reward);
    if (usage.model_calls > 0)
      text_ += fmt::format(" cost {} generated, {} evaluated, {} calls", usage.generated_tokens,
                           usage.evaluated_tokens, usage.model_calls);
    text_ += '\n';
  }
  void end(const Problem&, const Outcome& outcome) override {
    const Usage& usage = outcome.usage;
    text_ += fmt::format("answer {} confidence {:.3f} {}\n", shown(outcome.answer),
                         outcome.confidence, name_of(outcome.stopped));
    for (const FinishedTrace& finished : outcome.traces)
      text_ += fmt::format("  trace {} answer {} reward {:.3f}\n", finished.trace.id(),
                           shown(finished.trace.answer()), finished.reward);
    text_ += fmt::format("generated {}, evaluated after the prompt {}, calls {}\n",
                         usage.generated_tokens, usage.evaluated_tokens - usage.prompt_tokens,
                         usage.model_calls);
  }

 private:
  std::string text_;
};

}  // namespace cairn::testkit
