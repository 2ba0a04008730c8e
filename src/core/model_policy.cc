#include "cairn/model_policy.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "cairn/answer.h"
#include "cairn/choice.h"
#include "cairn/code_step.h"
#include "cairn/error.h"
#include "cairn/gather.h"
#include "cairn/rng.h"

namespace cairn {
namespace {

// What a step leaves for the next: the KV branch at its end, and tokens drawn past its end.
struct StepState {
  const void* owner = nullptr;  // the policy whose model the branch is in
  BranchPtr branch;
  std::vector<Token> offered;
  std::vector<float> offered_logprobs;
  std::vector<float> offered_certainties;
  std::vector<float> offered_entropies;
  std::shared_ptr<const void> other = {};  // the state of another policy at the same place
};

// What the policies of one run have in common.
struct Ledger {
  std::uint64_t next_id = 1;
  std::vector<Trace> cut;                     // traces that a limit ended, the longest first
  std::map<std::uint64_t, std::size_t> done;  // a step of the interrupted run by its seed
  std::size_t taken = 0;                      // of those steps, in order
  int polls = 0;                              // since the last was taken
};

// How a final answer begins in the form that the problem is read by. Where it may be a number,
// right before it: behind "is" alone a model would rather begin a line of its own.
std::string_view answer_lead(const Problem& problem) {
  if (problem.extract == "hashes") return "#### ";
  const bool boxed = problem.extract == "auto" || problem.extract == "boxed";
  const bool number = problem.kind == AnswerKind::automatic || problem.kind == AnswerKind::number ||
                      problem.kind == AnswerKind::math;
  return boxed && number ? "The answer is \\boxed{" : "The answer is";
}

// Did a limit of the run end it, rather than the reasoning?
bool is_limit(Stop stop) {
  return stop == Stop::budget || stop == Stop::deadline || stop == Stop::cancelled ||
         stop == Stop::context;
}

}  // namespace

struct ModelPolicy::Impl {
  LanguageModel& model;
  const ModelPolicyOptions options;
  Budget& budget;
  TraceLog* const log;
  const std::uint64_t seed;
  const std::shared_ptr<Ledger> ledger;
  const bool second = false;  // it draws apart from the first policy of the run

  BranchPtr root = {};  // the rendered prompt

  // The step of the interrupted run that had this seed, when it is its turn; nothing for a step
  // that run had not ended, when all others are taken.
  asio::awaitable<const Unfinished::Done*> recall(std::uint64_t seed_here) {
    Ledger& l = *ledger;
    if (l.done.empty()) co_return nullptr;
    // So many polls without a step taken: the two runs are not the same after all.
    constexpr int kPatience = 1 << 20;
    const auto executor = co_await asio::this_coro::executor;
    const auto found = l.done.find(seed_here);
    const std::size_t turn = found == l.done.end() ? l.done.size() : found->second;
    while (l.taken < turn && l.polls < kPatience && !budget.stopped()) {
      ++l.polls;
      co_await asio::post(executor, asio::use_awaitable);
    }
    if (found == l.done.end() || l.taken != turn) co_return nullptr;
    const Unfinished::Done& recorded = options.unfinished->steps[l.taken];
    const Usage& cost = recorded.step.usage;
    if (!budget.reserve({cost.generated_tokens, cost.evaluated_tokens, cost.model_calls}))
      co_return nullptr;
    budget.note_unique(cost.unique_tokens);
    ++l.taken;
    l.polls = 0;
    co_return &recorded;
  }

  Trace add_recalled(const Problem& problem, const Trace& before, const Unfinished::Done& done,
                     const Proposal& proposal) {
    auto state = std::make_shared<StepState>();
    state->owner = this;
    Step step = done.step;
    state->branch = model.branch(start_of(problem, before, proposal), step.tokens);
    if (done.end != End::done) step.state = state;
    return settled(logged(problem, before, std::move(step), done.end));
  }

  // A trace that was just extended, as its next step wants it.
  Trace settled(const Trace& trace) {
    if (trace.end() == End::cut) remember_cut(trace);
    return trace.end() == End::open ? trace.with_ordinal(0) : trace.without_state();
  }

  BranchPtr prompt_of(const std::vector<Message>& messages) {
    BranchPtr branch = model.branch(nullptr, model.chat(messages));
    budget.note_prompt(static_cast<std::int64_t>(branch->size()));
    return branch;
  }
  BranchPtr prompt(const Problem& problem) {
    if (!root) root = prompt_of(options.prompt.render(problem));
    return root;
  }

  // This policy's state of a step; null where it has none.
  const StepState* state_of(const Step& step) const {
    const auto* state = static_cast<const StepState*>(step.state.get());
    while (state && state->owner != this) state = static_cast<const StepState*>(state->other.get());
    return state;
  }
  const StepState* state_of(const Trace& trace) const {
    return trace.depth() == 0 ? nullptr : state_of(trace.last());
  }

  // The branch at the end of a trace, rebuilt from the last step that holds one.
  BranchPtr branch_of(const Problem& problem, const Trace& trace) {
    const std::vector<const Step*> steps = trace.steps();
    std::size_t known = steps.size();
    while (known > 0 && state_of(*steps[known - 1]) == nullptr) --known;
    BranchPtr branch = known == 0 ? prompt(problem) : state_of(*steps[known - 1])->branch;
    for (; known < steps.size(); ++known) branch = model.branch(branch, tokens_of(*steps[known]));
    return branch;
  }

  // Where the next step of a trace begins.
  BranchPtr start_of(const Problem& problem, const Trace& trace, const Proposal& proposal) {
    const bool own_prompt = proposal.turns.empty() || trace.depth() > 0;
    return own_prompt ? branch_of(problem, trace) : prompt_of(proposal.turns);
  }

  // A step's tokens, in this model's vocabulary.
  std::vector<Token> tokens_of(const Step& step) const {
    return step.model == model.info().name ? step.tokens : model.tokenize(step.text, false);
  }

  // Depends on the run, the problem and the trace's place among its siblings, never on timing.
  std::uint64_t step_seed(const Trace& trace) const {
    const std::uint64_t above = trace.depth() == 0 ? seed : trace.last().seed;
    const std::uint64_t here = mix(mix(above, trace.ordinal()), trace.depth());
    return second ? mix(here, "second") : here;
  }

  // With a task of legal moves only: what makes one of the trace's last line. Nothing where
  // anything may follow.
  std::vector<std::string> legal_moves(const Problem& problem, const Trace& trace,
                                       const Proposal& proposal) const {
    if (!options.task || !options.task->only_legal()) return {};
    const std::string text = trace.text() + proposal.begin;
    const std::size_t line = text.rfind('\n') + 1;  // 0 where there is none
    std::vector<std::string> rests;
    for (const std::string& move : options.task->moves(problem, text.substr(0, line)))
      if (move.starts_with(text.substr(line)))
        rests.push_back(move.substr(text.size() - line) + "\n");
    return rests;
  }

  // The model has written enough of a move to know which: the rest stands as if it had been
  // certain, and is evaluated only.
  void complete_move(Generation& generation, const std::vector<std::string>& moves) {
    if (generation.stop != Stop::segment) return;
    const std::string rest = rest_of_choice(moves, generation.text);
    const std::vector<Token> tokens = model.tokenize(rest, false);
    generation.text += rest;
    generation.branch = model.branch(generation.branch, tokens);
    generation.tokens.insert(generation.tokens.end(), tokens.begin(), tokens.end());
    for (auto* numbers : {&generation.logprobs, &generation.certainties, &generation.entropies})
      if (!numbers->empty()) numbers->insert(numbers->end(), tokens.size(), 0.0f);
  }

  GenerateRequest request_for(const Problem& problem, const Trace& trace, const Proposal& proposal,
                              const std::vector<Token>& begin,
                              const std::vector<std::string>& moves) {
    GenerateRequest request;
    request.prefix = start_of(problem, trace, proposal);
    if (!begin.empty()) request.prefix = model.branch(request.prefix, begin);
    request.sampling = options.sampling;
    if (proposal.temperature) request.sampling.temperature = *proposal.temperature;
    request.seed = step_seed(trace);
    const int most = proposal.max_trace_tokens.value_or(options.max_trace_tokens);
    request.max_tokens = std::min(proposal.max_step_tokens.value_or(options.max_step_tokens),
                                  most - static_cast<int>(trace.tokens() + begin.size()));
    request.segmenter = options.segmenter;
    request.before = trace.text() + proposal.begin;
    if (!moves.empty()) {
      request.sampling.grammar = choice_grammar(moves);
      request.segmenter = choice_segmenter(moves);
    }
    request.stop = proposal.stop;
    const StepState* state = state_of(trace);
    // What was offered was drawn for one continuation: the first takes it.
    if (state && trace.ordinal() == 0 && begin.empty()) {
      request.offered = state->offered;
      request.offered_logprobs = state->offered_logprobs;
      request.offered_certainties = state->offered_certainties;
      request.offered_entropies = state->offered_entropies;
    }
    return request;
  }

  // The end of a trace whose last step is `step`, and the answer it states.
  End conclude(const Problem& problem, const Trace& before, Step& step,
               const Proposal& proposal) const {
    const int max_trace_tokens = proposal.max_trace_tokens.value_or(options.max_trace_tokens);
    const std::string text = before.text() + step.text;
    if (options.task) {
      const TaskState state = options.task->read(problem, text);
      step.answer = state.answer;
      if (state.over || step.stop == Stop::end_of_text) return End::done;
    }
    const auto found = options.task ? std::optional<Extraction>() : extract_answer(text, problem);
    const auto stated_here = [&] {
      const auto in_step = extract_answer(step.text, problem);
      return in_step && in_step->explicit_;
    };
    const auto is_code = [&] { return proposal.code_goes_on && code_at_end(step.text); };
    if (step.stop == Stop::end_of_text && !is_code()) {
      if (found) step.answer = found->answer;
      return End::done;
    }
    if (step.stop == Stop::stop_string) return End::done;
    const bool whole_step = step.stop == Stop::segment;
    if (options.stop_at_answer && whole_step && found && found->explicit_ && stated_here()) {
      step.answer = found->answer;
      return End::done;
    }
    const bool too_long =
        static_cast<int>(before.tokens() + step.tokens.size()) >= max_trace_tokens;
    const bool stands_still = step.tokens.empty();
    if (is_limit(step.stop) || step.stop == Stop::grammar || too_long || stands_still) {
      if (found && found->explicit_) step.answer = found->answer;
      return End::cut;
    }
    return End::open;
  }

  // What was written for the model stands in the step as if it had been certain.
  static void prepend(Step& step, const std::string& text, const std::vector<Token>& tokens) {
    step.text.insert(0, text);
    step.tokens.insert(step.tokens.begin(), tokens.begin(), tokens.end());
    step.logprobs.insert(step.logprobs.begin(), tokens.size(), 0.0f);
    step.certainties.insert(step.certainties.begin(), tokens.size(), 0.0f);
    step.entropies.insert(step.entropies.begin(), tokens.size(), 0.0f);
  }

  Trace add_step(const Problem& problem, const Trace& before, Generation generation,
                 std::uint64_t step_seed, const Proposal& proposal,
                 const std::vector<Token>& begin) {
    auto state = std::make_shared<StepState>();
    state->owner = this;
    state->branch = std::move(generation.branch);
    state->offered = std::move(generation.offered);
    state->offered_logprobs = std::move(generation.offered_logprobs);
    state->offered_certainties = std::move(generation.offered_certainties);
    state->offered_entropies = std::move(generation.offered_entropies);
    Step step;
    step.text = std::move(generation.text);
    step.tokens = std::move(generation.tokens);
    step.logprobs = std::move(generation.logprobs);
    step.certainties = std::move(generation.certainties);
    step.entropies = std::move(generation.entropies);
    step.stop = generation.stop;
    step.usage = generation.usage;
    step.seed = step_seed;
    step.model = model.info().name;
    prepend(step, proposal.begin, begin);
    const End end = conclude(problem, before, step, proposal);
    if (end != End::done) step.state = state;
    return settled(logged(problem, before, std::move(step), end));
  }

  Trace logged(const Problem& problem, const Trace& before, Step step, End end) {
    Trace trace = before.extended(std::move(step), end, ledger->next_id++);
    if (log)
      log->step(problem, {.id = trace.id(),
                          .parent = before.id(),
                          .depth = static_cast<int>(trace.depth()),
                          .end = end,
                          .step = &trace.last()});
    return trace;
  }

  // Only the longest keeps its KV branch: a forced answer goes on from there.
  void remember_cut(const Trace& trace) {
    std::vector<Trace>& cut = ledger->cut;
    const bool longest = cut.empty() || trace.tokens() > cut.front().tokens();
    if (longest && !cut.empty()) cut.front() = cut.front().without_state();
    cut.insert(longest ? cut.begin() : cut.end(), longest ? trace : trace.without_state());
  }

  asio::awaitable<Trace> extend_one(const Problem& problem, Trace trace, Proposal proposal) {
    if (trace.finished()) co_return trace;
    const std::uint64_t seed_here = step_seed(trace);
    const Unfinished::Done* recorded = co_await recall(seed_here);
    if (recorded) {
      Trace longer = add_recalled(problem, trace, *recorded, proposal);
      co_return longer;
    }
    std::vector<Token> begin;
    if (!proposal.begin.empty()) begin = model.tokenize(proposal.begin, false);
    const std::vector<std::string> moves = legal_moves(problem, trace, proposal);
    GenerateRequest request = request_for(problem, trace, proposal, begin, moves);
    Generation generation = co_await model.generate(std::move(request), budget);
    if (!moves.empty()) complete_move(generation, moves);
    Trace longer = add_step(problem, trace, std::move(generation), seed_here, proposal, begin);
    co_return longer;
  }

  asio::awaitable<Trace> finish_one(const Problem& problem, Trace trace, Proposal proposal) {
    while (!trace.finished()) {
      trace = co_await extend_one(problem, std::move(trace), proposal);
      proposal.begin.clear();
    }
    co_return trace;
  }
};

ModelPolicy::ModelPolicy(LanguageModel& model, ModelPolicyOptions options, Budget& budget,
                         TraceLog* log, std::uint64_t seed)
    : impl_(new Impl{model, std::move(options), budget, log, seed, std::make_shared<Ledger>()}) {
  if (const Unfinished* unfinished = impl_->options.unfinished)
    for (std::size_t i = 0; i < unfinished->steps.size(); ++i)
      impl_->ledger->done[unfinished->steps[i].step.seed] = i;
}

ModelPolicy::ModelPolicy(LanguageModel& model, const ModelPolicy& first, Budget& budget)
    : impl_(new Impl{model, first.impl_->options, budget, first.impl_->log, first.impl_->seed,
                     first.impl_->ledger, /*second=*/true}) {}

ModelPolicy::~ModelPolicy() = default;

asio::awaitable<std::vector<Trace>> ModelPolicy::extend(const Problem& problem,
                                                        std::vector<Trace> traces,
                                                        Proposal proposal) {
  std::vector<asio::awaitable<Trace>> steps;
  for (Trace& trace : traces)
    steps.push_back(impl_->extend_one(problem, std::move(trace), proposal));
  std::vector<Trace> longer = co_await gather<Trace>(std::move(steps));
  co_return longer;
}

asio::awaitable<std::vector<Trace>> ModelPolicy::rollout(const Problem& problem,
                                                         std::vector<Trace> traces,
                                                         Proposal proposal) {
  std::vector<asio::awaitable<Trace>> lines;
  for (Trace& trace : traces)
    lines.push_back(impl_->finish_one(problem, std::move(trace), proposal));
  std::vector<Trace> finished = co_await gather<Trace>(std::move(lines));
  co_return finished;
}

asio::awaitable<void> ModelPolicy::rollout_while(const Problem& problem, std::vector<Trace> traces,
                                                 Proposal proposal,
                                                 std::function<bool(Trace)> keep_going) {
  std::vector<std::optional<Trace>> finished(traces.size());
  std::vector<asio::awaitable<void>> lines;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    auto line = impl_->finish_one(problem, std::move(traces[i]), proposal);
    lines.push_back(detail::store_into<Trace>(std::move(line), finished[i]));
  }
  std::size_t handed_over = 0;
  std::function<bool(std::size_t)> ended = [&](std::size_t) {
    while (handed_over < finished.size() && finished[handed_over])
      if (!keep_going(*finished[handed_over++])) return false;
    return true;
  };
  co_await gather_while(std::move(lines), ended);
}

asio::awaitable<std::vector<float>> ModelPolicy::labels(const Problem& problem, Trace trace,
                                                        std::string after,
                                                        std::vector<std::string> labels) {
  std::vector<std::vector<Token>> alternatives;
  for (const std::string& label : labels) {
    alternatives.push_back(impl_->model.tokenize(label, false));
    if (alternatives.back().size() != 1)
      throw Error(Fault::model, "labels",
                  "\"" + label + "\" is no single token of " + impl_->model.info().name,
                  "Use another model or another recipe");
  }
  const std::vector<Token> suffix = impl_->model.tokenize(after, false);
  const BranchPtr before = impl_->branch_of(problem, trace);
  BranchPtr branch = impl_->model.branch(before, suffix);
  const std::int64_t read = impl_->budget.spent().evaluated_tokens;
  std::vector<float> p =
      co_await impl_->model.label_probabilities(branch, alternatives, impl_->budget);
  impl_->budget.note_judge(impl_->budget.spent().evaluated_tokens - read, /*generated=*/0);
  co_return p;
}

asio::awaitable<Trace> ModelPolicy::append(const Problem& problem, Trace trace, Step step,
                                           End end) {
  step.seed = mix(impl_->step_seed(trace), "appended");
  const Unfinished::Done* recorded = co_await impl_->recall(step.seed);
  if (recorded) co_return impl_->add_recalled(problem, trace, *recorded, {});
  if (end == End::open) {
    auto state = std::make_shared<StepState>();
    state->owner = impl_.get();
    step.model = impl_->model.info().name;
    step.tokens = impl_->model.tokenize(step.text, false);
    step.logprobs.assign(step.tokens.size(), 0);
    step.certainties.assign(step.tokens.size(), 0);
    step.entropies.assign(step.tokens.size(), 0);
    state->branch = impl_->model.branch(impl_->branch_of(problem, trace), step.tokens);
    step.state = state;
  }
  co_return impl_->settled(impl_->logged(problem, trace, std::move(step), end));
}

Trace ModelPolicy::adopt(const Problem& problem, Trace trace) {
  if (trace.finished() || trace.depth() == 0 || impl_->state_of(trace) != nullptr) return trace;
  auto state = std::make_shared<StepState>();
  state->owner = impl_.get();
  state->branch = impl_->branch_of(problem, trace);
  state->other = trace.last().state;
  Step step = trace.last();
  step.state = state;
  return trace.parent().extended(std::move(step), trace.end(), trace.id()).with_ordinal(0);
}

asio::awaitable<Trace> ModelPolicy::force_answer(const Problem& problem, Trace trace,
                                                 int max_tokens) {
  const bool begun = trace.depth() > 0 && !trace.text().ends_with('\n');
  const std::string lead = (begun ? "\n" : "") + std::string(answer_lead(problem));
  const std::vector<Token> lead_tokens = impl_->model.tokenize(lead, false);
  const BranchPtr before = impl_->branch_of(problem, trace);
  GenerateRequest request;
  request.prefix = impl_->model.branch(before, lead_tokens);
  request.max_tokens = max_tokens;
  request.seed = mix(impl_->step_seed(trace), "answer");
  request.stop = {"\n"};
  Step step;
  step.seed = request.seed;
  Generation generation = co_await impl_->model.generate(std::move(request), impl_->budget);
  step.kind = "answer";
  step.text = std::move(generation.text);
  step.tokens = std::move(generation.tokens);
  step.logprobs = std::move(generation.logprobs);
  step.certainties = std::move(generation.certainties);
  step.entropies = std::move(generation.entropies);
  Impl::prepend(step, lead, lead_tokens);
  step.stop = generation.stop;
  step.usage = generation.usage;
  step.model = impl_->model.info().name;
  if (const auto found = extract_answer(step.text + "\n", problem)) step.answer = found->answer;
  Trace answered = impl_->logged(problem, trace, std::move(step), End::done);
  co_return answered;
}

std::vector<Trace> ModelPolicy::cut() const {
  std::vector<Trace> traces = impl_->ledger->cut;
  std::stable_sort(traces.begin(), traces.end(),
                   [](const Trace& a, const Trace& b) { return a.tokens() > b.tokens(); });
  return traces;
}

}  // namespace cairn
