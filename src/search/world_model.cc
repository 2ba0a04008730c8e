#include "cairn/world_model.h"

#include <cmath>

#include "cairn/gather.h"
#include "cairn/prompt.h"
#include "cairn/search.h"

namespace cairn::search {
namespace {

// What the reward of a question counts for its answer's share, which is not known yet.
constexpr float kShareToCome = 0.8f;
constexpr int kAnswersAtOnce = 2;

}  // namespace

WorldModel::WorldModel(Kit& kit, const Problem& problem, WorldOptions options)
    : kit_(kit),
      problem_(problem),
      options_(std::move(options)),
      useful_(prompt_part("search/rap_world", "useful")),
      closing_(prompt_part("search/rap_world", "closing")) {}

bool WorldModel::is_question(const Trace& trace) const {
  return !options_.moves && trace.depth() % 2 == 1;
}

float WorldModel::weighed(float useful, float other) const {
  return std::pow(useful, options_.alpha) * std::pow(other, 1 - options_.alpha);
}

boost::asio::awaitable<std::vector<Trace>> WorldModel::propose(std::vector<Trace> wanted) {
  const Trace from = wanted.front();
  std::vector<Trace> grown;
  if (is_question(from)) {
    grown = co_await answer(from);
    co_return grown;
  }
  Proposal proposal = options_.proposal;
  const std::size_t number = from.depth() / 2 + 1;
  if (!options_.moves) proposal.begin = "Question " + std::to_string(number) + ":";
  if (!options_.moves && static_cast<int>(number) == options_.depth) {
    proposal.begin += " " + closing_;
    wanted.resize(1);
  }
  grown = co_await kit_.policy.extend(problem_, std::move(wanted), proposal);
  // A question is no end of a plan: what the model ends with one says nothing.
  if (!options_.moves)
    std::erase_if(grown, [](const Trace& trace) { return trace.end() == End::done; });
  co_return grown;
}

boost::asio::awaitable<std::vector<Trace>> WorldModel::answer(Trace question) {
  Proposal proposal = options_.proposal;
  proposal.begin = "Answer " + std::to_string(question.depth() / 2 + 1) + ":";
  Voted state = co_await voted_step(kit_, problem_, std::move(question), proposal, options_.answers,
                                    kAnswersAtOnce);
  share_of_[state.trace.id()] = state.share;
  std::vector<Trace> grown;
  grown.push_back(std::move(state.trace));
  co_return grown;
}

boost::asio::awaitable<std::vector<float>> WorldModel::rewards(std::vector<Trace> traces) {
  std::vector<boost::asio::awaitable<float>> each;
  for (Trace& trace : traces) each.push_back(reward(std::move(trace)));
  std::vector<float> rewards = co_await gather<float>(std::move(each));
  co_return rewards;
}

boost::asio::awaitable<float> WorldModel::reward(Trace trace) {
  if (!options_.moves && !is_question(trace))
    co_return weighed(useful_of_[trace.parent().id()], share_of_[trace.id()]);
  if (options_.moves && trace.finished() && !trace.answer()) co_return 0.0f;
  const float useful = co_await usefulness(trace);
  useful_of_[trace.id()] = useful;
  if (!options_.moves) co_return weighed(useful, kShareToCome);
  const float step = weighed(useful, prior_of(trace, trace.parent()));
  co_return (step + (trace.answer() ? 1.0f : 0.0f)) / 2;
}

boost::asio::awaitable<float> WorldModel::usefulness(Trace trace) {
  const std::vector<std::string> labels = {"A", "B"};
  const std::vector<float> p = co_await kit_.policy.labels(problem_, trace, useful_, labels);
  co_return p.empty() ? 0.0f : p.front();
}

}  // namespace cairn::search
