#pragma once
// model/cached.h — a language model that draws nothing twice: what a DrawCache holds is taken from
// there, and charged as if it had been drawn.
//
//   kept     t0 t1 t2 t3 t4            draws that began at this place with this seed
//   request  at most 3: t0 t1 t2       a part of them
//            at most 7: t0 .. t4 t5 t6 all of them, then the model goes on
//
// What a request costs does not depend on what was kept: generated tokens are those drawn, and
// evaluated tokens are the positions that this model had not evaluated before, whoever did the
// work. (Positions whose KV cells were lost and made again are not counted.) A limit on evaluated
// tokens is never exceeded, and may be met early. Usage::cached_tokens says what was not drawn.
//
// Whoever wants an account of his own makes another CachedModel over the same draws; apart()
// changes nothing here.
//
// Only a reproducible model is cached; a request that offers tokens to a grammar is passed on.
//
// Threads: every member may be called from any thread.

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>

#include "core/generation.h"
#include "model/decorator.h"
#include "model/draw_cache.h"

namespace cairn {

class CachedModel : public ModelDecorator {
 public:
  CachedModel(LanguageModel& inner, DrawCache& cache) : ModelDecorator(inner), cache_(cache) {}

  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override;
  asio::awaitable<Reading> read(BranchPtr prefix, std::vector<Token> tokens,
                                Budget& budget) override;
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override;

 private:
  class Reader;

  std::optional<Stop> take(const GenerateRequest& request, const Draws& kept,
                           GenerationBuilder& builder, Budget& budget, Usage& usage);
  asio::awaitable<Generation> draw(GenerateRequest request, Draws kept, std::string key,
                                   Budget& budget);
  std::int64_t charge_once(std::span<const Token> read, std::int64_t charged, Budget& budget);
  asio::awaitable<std::vector<float>> read_numbers(
      std::string request, std::vector<Token> read, Budget& budget,
      std::function<asio::awaitable<std::vector<float>>(Budget&)> ask);

  DrawCache& cache_;
  std::mutex mutex_;
  std::unordered_set<std::uint64_t> evaluated_;  // every position by a hash of its prefix
};

}  // namespace cairn
