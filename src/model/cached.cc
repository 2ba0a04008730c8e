#include "model/cached.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cairn/rng.h"
#include "core/generation.h"
#include "model/request_json.h"

namespace cairn {
namespace {

// 128 bits of the model and the text of a request.
std::string hashed(const ModelInfo& model, const std::string& text) {
  const std::uint64_t start = mix(0, model.fingerprint);
  return fmt::format("{:016x}{:016x}", mix(start, text), mix(mix(start, "second"), text));
}

std::vector<Token> joined(std::vector<Token> tokens, std::span<const Token> more) {
  tokens.insert(tokens.end(), more.begin(), more.end());
  return tokens;
}

std::string piece(const void* model, Token token) {
  return static_cast<const LanguageModel*>(model)->detokenize(std::span(&token, 1));
}

template <class T>
void append(std::vector<T>& list, const std::vector<T>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

// The request as it goes on behind the kept draws.
GenerateRequest behind(GenerateRequest request, const Draws& kept) {
  request.offered_logprobs.resize(request.offered.size());
  request.offered_certainties.resize(request.offered.size());
  request.offered_entropies.resize(request.offered.size());
  append(request.offered, kept.tokens);
  append(request.offered_logprobs, kept.logprobs);
  append(request.offered_certainties, kept.certainties);
  append(request.offered_entropies, kept.entropies);
  return request;
}

// The kept draws, and behind them those of a generation that began with `known` tokens.
Draws grown(Draws kept, const Generation& got, std::size_t known) {
  const auto add = [known](auto& list, auto all, const auto& offered) {
    append(all, offered);
    list.insert(list.end(), all.begin() + static_cast<std::ptrdiff_t>(known), all.end());
  };
  add(kept.tokens, got.tokens, got.offered);
  add(kept.logprobs, got.logprobs, got.offered_logprobs);
  add(kept.certainties, got.certainties, got.offered_certainties);
  add(kept.entropies, got.entropies, got.offered_entropies);
  kept.ended = got.stop == Stop::end_of_text;
  kept.end_logprob = got.end_logprob;
  return kept;
}

// A reading as it is kept: logprobs, certainties, entropies.
std::vector<float> one_list(const Reading& reading) {
  std::vector<float> list = reading.logprobs;
  append(list, reading.certainties);
  append(list, reading.entropies);
  return list;
}
Reading three_lists(const std::vector<float>& list) {
  const auto third = static_cast<std::ptrdiff_t>(list.size() / 3);
  const auto begin = list.begin();
  return {.logprobs = {begin, begin + third},
          .certainties = {begin + third, begin + 2 * third},
          .entropies = {begin + 2 * third, begin + 3 * third}};
}

}  // namespace

// Reads positions one after another; those that were not evaluated before are to be paid for.
class CachedModel::Reader {
 public:
  explicit Reader(CachedModel& model) : model_(model) {}

  // Returns how many were new; nothing when the budget refuses them.
  std::optional<std::int64_t> read(std::span<const Token> tokens, Budget* payer) {
    const std::lock_guard lock(model_.mutex_);
    std::vector<std::uint64_t> fresh;
    std::uint64_t hash = hash_;
    for (const Token token : tokens) {
      hash = mix(hash, static_cast<std::uint64_t>(token) + 1);
      if (!model_.evaluated_.contains(hash)) fresh.push_back(hash);
    }
    const auto count = static_cast<std::int64_t>(fresh.size());
    if (payer && count > 0 && !payer->reserve({.evaluated_tokens = count})) return {};
    if (payer) payer->note_unique(count);
    model_.evaluated_.insert(fresh.begin(), fresh.end());
    hash_ = hash;
    return count;
  }

 private:
  CachedModel& model_;
  std::uint64_t hash_ = 0;
};

// Takes kept draws while the request wants them and the budget pays. Why the generation is
// complete; nothing when it goes on behind them.
std::optional<Stop> CachedModel::take(const GenerateRequest& request, const Draws& kept,
                                      GenerationBuilder& builder, Budget& budget, Usage& usage) {
  if (request.max_tokens <= 0) return Stop::max_tokens;
  if (const auto stop = builder.replay_offered()) return stop;
  Reader reader(*this);
  std::vector<Token> unread = joined(request.prefix->tokens(), builder.tokens());
  std::size_t size = unread.size();
  const auto draw = [&]() -> std::optional<Stop> {
    if (const auto stop = budget.stopped()) return stop;
    if (size >= static_cast<std::size_t>(info().context_tokens)) return Stop::context;
    const auto read = reader.read(unread, &budget);
    if (!read || !budget.reserve({.generated_tokens = 1}))
      return budget.stopped().value_or(Stop::budget);
    usage += {.generated_tokens = 1, .evaluated_tokens = *read, .unique_tokens = *read};
    return {};
  };
  for (std::size_t i = 0; i < kept.tokens.size(); ++i, ++size) {
    if (const auto stop = draw()) return stop;
    unread = {kept.tokens[i]};
    const auto stop =
        builder.push(kept.tokens[i], kept.logprobs[i], kept.certainties[i], kept.entropies[i]);
    if (stop) return stop;
  }
  if (const auto stop = draw()) return stop;
  if (kept.ended) return Stop::end_of_text;
  budget.give_back({.generated_tokens = 1});  // the model draws it
  --usage.generated_tokens;
  return {};
}

asio::awaitable<Generation> CachedModel::generate(GenerateRequest request, Budget& budget) {
  // A grammar may refuse what is offered: which of it counts is for the model to say.
  const bool refusable = !request.sampling.grammar.empty() && !request.offered.empty();
  if (!info().reproducible || refusable) {
    Generation passed = co_await inner_.generate(std::move(request), budget);
    co_return passed;
  }
  const std::string key = hashed(info(), request_json::place_key(request));
  const Draws kept = cache_.draws(key).value_or(Draws());
  if (kept.tokens.empty() && !kept.ended) {
    Generation drawn = co_await draw(std::move(request), kept, key, budget);
    co_return drawn;
  }
  co_await asio::post(asio::use_awaitable);  // others get their turn, as with a real model
  GenerationBuilder builder(request, &inner_, piece);
  Usage usage{.model_calls = 1};
  std::optional<Stop> stop;
  if (!budget.reserve({.model_calls = 1})) stop = budget.stopped().value_or(Stop::budget);
  if (!stop) stop = take(request, kept, builder, budget, usage);
  usage.cached_tokens = usage.generated_tokens;
  budget.note_cached(usage.cached_tokens);
  if (!stop) {
    budget.give_back({.model_calls = 1});
    GenerateRequest rest = behind(std::move(request), kept);
    Generation drawn = co_await draw(std::move(rest), kept, key, budget);
    usage.model_calls = 0;
    drawn.usage += usage;
    co_return drawn;
  }
  Generation got = builder.finish(*stop);
  if (*stop == Stop::end_of_text) got.end_logprob = kept.end_logprob;
  got.branch = inner_.branch(request.prefix, got.tokens);
  got.usage = usage;
  co_return got;
}

asio::awaitable<Generation> CachedModel::draw(GenerateRequest request, Draws kept, std::string key,
                                              Budget& budget) {
  const std::size_t known = request.offered.size();
  const BranchPtr prefix = request.prefix;
  Generation got = co_await inner_.generate(std::move(request), budget);
  const bool began = got.usage.evaluated_tokens > 0 || got.usage.generated_tokens > 0;
  if (!began) co_return got;
  const bool noted = got.entropies.size() == got.tokens.size() &&
                     got.offered_entropies.size() == got.offered.size();
  if (noted && got.usage.generated_tokens > 0) cache_.keep(key, grown(std::move(kept), got, known));
  std::vector<Token> read = joined(joined(prefix->tokens(), got.tokens), got.offered);
  // Behind the last token a draw was made, or refused, or not wanted.
  const bool tried = got.stop == Stop::end_of_text || got.stop == Stop::grammar;
  if (!tried && got.stop != Stop::budget) read.pop_back();
  const std::int64_t due = charge_once(read, got.usage.evaluated_tokens, budget);
  budget.note_unique(due - got.usage.unique_tokens);
  got.usage.evaluated_tokens = got.usage.unique_tokens = due;
  co_return got;
}

// What the model charged for reading becomes what was not read before. Returns that.
std::int64_t CachedModel::charge_once(std::span<const Token> read, std::int64_t charged,
                                      Budget& budget) {
  const std::int64_t due = *Reader(*this).read(read, nullptr);
  if (due < charged) budget.give_back({.evaluated_tokens = charged - due});
  if (due > charged && !budget.reserve({.evaluated_tokens = due - charged})) return charged;
  return due;
}

asio::awaitable<std::vector<float>> CachedModel::read_numbers(
    std::string request, std::vector<Token> read, Budget& budget,
    std::function<asio::awaitable<std::vector<float>>(Budget&)> ask) {
  const std::string key = hashed(info(), request);
  const auto kept = cache_.numbers(key);
  if (kept) {
    const bool paid = budget.reserve({.model_calls = 1}) && Reader(*this).read(read, &budget);
    co_return paid ? *kept : std::vector<float>();
  }
  Budget own(budget);
  std::vector<float> got = co_await ask(own);
  if (got.empty()) co_return got;
  cache_.keep(key, got);
  const Usage charged = own.spent();
  const std::int64_t due = charge_once(read, charged.evaluated_tokens, budget);
  budget.note_unique(due - charged.unique_tokens);
  co_return got;
}

asio::awaitable<Reading> CachedModel::read(BranchPtr prefix, std::vector<Token> tokens,
                                           Budget& budget) {
  if (!info().reproducible || tokens.empty()) {
    Reading passed = co_await inner_.read(prefix, tokens, budget);
    co_return passed;
  }
  std::vector<Token> positions = joined(prefix->tokens(), tokens);
  positions.pop_back();
  const std::string key = request_json::read_key(prefix, tokens);
  const std::function<asio::awaitable<std::vector<float>>(Budget&)> ask =
      [this, prefix, tokens](Budget& own) -> asio::awaitable<std::vector<float>> {
    const Reading got = co_await inner_.read(prefix, tokens, own);
    co_return one_list(got);
  };
  const std::vector<float> numbers = co_await read_numbers(key, std::move(positions), budget, ask);
  co_return three_lists(numbers);
}

asio::awaitable<std::vector<float>> CachedModel::label_probabilities(
    BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) {
  if (!info().reproducible) return inner_.label_probabilities(prefix, labels, budget);
  return read_numbers(request_json::labels_key(prefix, labels), prefix->tokens(), budget,
                      [this, prefix, labels](Budget& own) {
                        return inner_.label_probabilities(prefix, labels, own);
                      });
}

}  // namespace cairn
