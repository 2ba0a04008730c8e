#pragma once
// cairn/policy.h — π: proposes steps.
//
// A LanguageModel plus a prompt plus a Segmenter is one kind (cairn/model_policy.h). A game's move
// generator, a world model, a denoiser are others.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cairn/budget.h"
#include "cairn/language_model.h"
#include "cairn/problem.h"
#include "cairn/trace.h"

namespace cairn {

// Whatever is not said here is the policy's own default.
struct Proposal {
  std::optional<float> temperature = {};
  std::optional<int> max_step_tokens = {};   // per step
  std::optional<int> max_trace_tokens = {};  // over the whole trace
  std::string begin = {};  // written for the policy at the start of the first step, at no cost
  std::vector<std::string> stop = {};  // ends the trace where one of them is written
  // A text that ends with a block of Python is open: its output is to come.
  bool code_goes_on = false;
  // For traces without steps: the conversation that is answered instead of the policy's own prompt.
  std::vector<Message> turns = {};
};

class Policy {
 public:
  virtual ~Policy() = default;

  // The next step of each trace; result[i] extends traces[i]. Finished traces come back as they
  // are. Traces with the same prefix and different ordinals are sampled independently. Borrows
  // `problem` until it completes. Spends from the budget the policy was made with.
  virtual boost::asio::awaitable<std::vector<Trace>> extend(const Problem& problem,
                                                            std::vector<Trace> traces,
                                                            Proposal proposal) = 0;

  // Each trace to its end, in steps.
  virtual boost::asio::awaitable<std::vector<Trace>> rollout(const Problem& problem,
                                                             std::vector<Trace> traces,
                                                             Proposal proposal) = 0;

  // As rollout, and hands over each finished trace in the order of `traces` (not of arrival, so
  // that the result does not depend on speed). When `keep_going` returns false the rest is
  // cancelled.
  virtual boost::asio::awaitable<void> rollout_while(const Problem& problem,
                                                     std::vector<Trace> traces, Proposal proposal,
                                                     std::function<bool(Trace)> keep_going) = 0;

  // The probability of each label as what follows `after`, read behind the trace in the policy's
  // own context, renormalised over the labels; [labels], empty when the budget ended it. Nothing of
  // it becomes part of the trace.
  // Errors: Fault::input for a policy without a language model, Fault::model for a label that is
  // more than one token.
  virtual boost::asio::awaitable<std::vector<float>> labels(const Problem& problem, Trace trace,
                                                            std::string after,
                                                            std::vector<std::string> labels);

  // The trace with a step that no policy wrote, such as a tool's call: logged, and what the policy
  // goes on from where `end` leaves the trace open. Its tokens are the policy's of its text.
  virtual boost::asio::awaitable<Trace> append(const Problem& problem, Trace trace, Step step,
                                               End end);

  // A trace whose last step another policy wrote, held by this one: what it computes for it is kept
  // as long as the trace is. The other policy's state stays with it. Evaluates nothing.
  virtual Trace adopt(const Problem&, Trace trace) { return trace; }
};

// n empty traces with ordinals 0 … n-1.
std::vector<Trace> roots(int n);

}  // namespace cairn
