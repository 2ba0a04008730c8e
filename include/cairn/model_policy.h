#pragma once
// cairn/model_policy.h — the policy that is a language model, a prompt and a segmenter.
//
// A trace is finished when the model ends its text, when a step states its final answer explicitly
// (cairn/answer.h: boxed, "the answer is", ####), or when a limit cuts it; with a task, when its
// goal is reached or a rule is broken. The KV branch of a trace lives in its last step's state; a
// finished trace holds none.

#include <cstdint>
#include <memory>

#include "cairn/language_model.h"
#include "cairn/policy.h"
#include "cairn/prompt.h"
#include "cairn/segmenter.h"
#include "cairn/task.h"
#include "cairn/trace_log.h"
#include "cairn/unfinished.h"

namespace cairn {

struct ModelPolicyOptions {
  Prompt prompt;
  std::shared_ptr<const Segmenter> segmenter;
  Sampling sampling = {.temperature = 0.8f};
  int max_step_tokens = 256;
  int max_trace_tokens = 512;
  bool stop_at_answer = true;              // an explicit answer finishes the trace
  const Task* task = nullptr;              // its rules finish the trace instead; borrowed
  const Unfinished* unfinished = nullptr;  // of an interrupted run; borrowed
};

class ModelPolicy : public Policy {
 public:
  // Borrows model, budget and log (may be null) for its lifetime. `seed`: of the run and problem.
  ModelPolicy(LanguageModel& model, ModelPolicyOptions options, Budget& budget, TraceLog* log,
              std::uint64_t seed);
  // A second model that writes steps of the same traces: with the prompt, options, log and step
  // ids of `first`, and draws of its own. Only text goes from one model to the other, so their
  // vocabularies may differ. Borrows `model` and `budget`, a part of the budget of `first`.
  ModelPolicy(LanguageModel& model, const ModelPolicy& first, Budget& budget);
  ~ModelPolicy() override;

  boost::asio::awaitable<std::vector<Trace>> extend(const Problem&, std::vector<Trace>,
                                                    Proposal) override;
  boost::asio::awaitable<std::vector<Trace>> rollout(const Problem&, std::vector<Trace>,
                                                     Proposal) override;
  boost::asio::awaitable<void> rollout_while(const Problem&, std::vector<Trace>, Proposal,
                                             std::function<bool(Trace)> keep_going) override;
  boost::asio::awaitable<std::vector<float>> labels(const Problem&, Trace, std::string after,
                                                    std::vector<std::string> labels) override;
  boost::asio::awaitable<Trace> append(const Problem&, Trace, Step, End) override;
  Trace adopt(const Problem&, Trace) override;

  // A short final answer for the best unfinished trace, or from the prompt alone: how it begins
  // ("The answer is \boxed{", "####") is written for the model and it goes on for at most
  // `max_tokens`. Used when a budget ended with nothing finished, after Budget::release_held().
  boost::asio::awaitable<Trace> force_answer(const Problem& problem, Trace trace, int max_tokens);

  // Traces that a limit ended, the longest first: what force_answer starts from.
  std::vector<Trace> cut() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn
