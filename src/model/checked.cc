#include "model/checked.h"

#include <fmt/format.h>

#include <cmath>

#include "cairn/error.h"

namespace cairn {
namespace {

void require(bool holds, std::string_view rule) {
  if (holds) return;
  throw Error(Fault::model, "checked", rule, "The model's backend breaks its contract; report it");
}

bool all_or_none(const std::vector<float>& values, std::size_t tokens) {
  return values.empty() || values.size() == tokens;
}

void check_sizes(const Generation& g) {
  require(g.logprobs.size() == g.tokens.size() && g.certainties.size() == g.tokens.size(),
          fmt::format("{} tokens came with {} log-probabilities and {} certainties",
                      g.tokens.size(), g.logprobs.size(), g.certainties.size()));
  require(g.offered_logprobs.size() == g.offered.size() &&
              g.offered_certainties.size() == g.offered.size(),
          fmt::format("{} offered tokens came with {} log-probabilities and {} certainties",
                      g.offered.size(), g.offered_logprobs.size(), g.offered_certainties.size()));
  require(all_or_none(g.entropies, g.tokens.size()) &&
              all_or_none(g.offered_entropies, g.offered.size()),
          fmt::format("{} + {} tokens came with {} + {} entropies", g.tokens.size(),
                      g.offered.size(), g.entropies.size(), g.offered_entropies.size()));
}

void check_branch(const GenerateRequest& request, const Generation& g) {
  require(g.branch != nullptr, "a generation has no branch");
  std::vector<Token> expected = request.prefix->tokens();
  expected.insert(expected.end(), g.tokens.begin(), g.tokens.end());
  require(g.branch->tokens() == expected, "a generation's branch is not its prefix and its tokens");
}

// Drawn and not offered before: those are paid for.
void check_usage(const GenerateRequest& request, const Generation& g, const Budget& budget) {
  const std::size_t drawn = g.tokens.size() + g.offered.size();
  const std::size_t taken = std::min(request.offered.size(), drawn);
  const auto fresh = static_cast<std::int64_t>(drawn - taken);
  const bool drew_end = g.stop == Stop::end_of_text || g.stop == Stop::grammar;
  require(g.usage.generated_tokens == fresh + (drew_end ? 1 : 0),
          fmt::format("{} tokens were drawn but {} charged", fresh, g.usage.generated_tokens));
  const Usage spent = budget.spent();
  require(spent.generated_tokens >= g.usage.generated_tokens &&
              spent.evaluated_tokens >= g.usage.evaluated_tokens,
          "a generation used more than its budget was charged");
}

void check_limits(const Budget& budget) {
  const Usage spent = budget.spent();
  const Limits& limits = budget.limits();
  require(!limits.generated_tokens || spent.generated_tokens <= *limits.generated_tokens,
          "more tokens were generated than the budget allows");
  require(!limits.evaluated_tokens || spent.evaluated_tokens <= *limits.evaluated_tokens,
          "more tokens were evaluated than the budget allows");
  require(!limits.model_calls || spent.model_calls <= *limits.model_calls,
          "more calls were made than the budget allows");
}

}  // namespace

asio::awaitable<Generation> CheckedModel::generate(GenerateRequest request, Budget& budget) {
  require(request.prefix && request.prefix->size() > 0, "a request has no prefix");
  GenerateRequest copy = request;
  Generation got = co_await inner_.generate(std::move(copy), budget);
  check_sizes(got);
  check_branch(request, got);
  require(got.text == inner_.detokenize(got.tokens),
          "a generation's text is not the bytes of its tokens");
  require(static_cast<int>(got.tokens.size()) <= std::max(0, request.max_tokens),
          fmt::format("{} tokens were generated where {} are allowed", got.tokens.size(),
                      request.max_tokens));
  check_usage(request, got, budget);
  check_limits(budget);
  co_return got;
}

asio::awaitable<Reading> CheckedModel::read(BranchPtr prefix, std::vector<Token> tokens,
                                            Budget& budget) {
  const std::size_t size = tokens.size();
  Reading got = co_await inner_.read(std::move(prefix), std::move(tokens), budget);
  for (const auto* values : {&got.logprobs, &got.certainties, &got.entropies})
    require(
        values->size() == size || got.logprobs.empty(),
        fmt::format("{} tokens were read and {} numbers came of one kind", size, values->size()));
  for (const float logprob : got.logprobs)
    require(logprob <= 1e-4f, fmt::format("a log-probability is {}, above 0", logprob));
  check_limits(budget);
  co_return got;
}

asio::awaitable<std::vector<float>> CheckedModel::label_probabilities(
    BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) {
  const std::size_t size = labels.size();
  std::vector<float> got =
      co_await inner_.label_probabilities(std::move(prefix), std::move(labels), budget);
  double sum = 0;
  for (const float p : got) sum += p;
  require(got.empty() || got.size() == size,
          fmt::format("{} labels came with {} probabilities", size, got.size()));
  require(got.empty() || std::abs(sum - 1) < 1e-3,
          fmt::format("the labels' probabilities add up to {}", sum));
  check_limits(budget);
  co_return got;
}

}  // namespace cairn
