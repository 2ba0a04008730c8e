#include "model/sampling/sampler.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>

#include "cairn/error.h"
#include "cairn/rng.h"

namespace cairn::sampling {
namespace {

void require(bool holds, const std::string& broken, std::string_view remedy) {
  if (!holds) throw Error(Fault::input, "sampling", broken, remedy);
}

void check(const Sampling& s, int vocabulary) {
  require(std::isfinite(s.temperature) && s.temperature >= 0,
          fmt::format("temperature must be at least 0, got {}", s.temperature),
          "Use 0 for the most probable token, or something like 0.8");
  require(!s.top_k || *s.top_k >= 1,
          fmt::format("top_k must be at least 1, got {}", s.top_k.value_or(0)),
          "Leave it out to keep the whole vocabulary");
  require(s.top_p >= 0 && s.top_p <= 1,
          fmt::format("top_p must be between 0 and 1, got {}", s.top_p),
          "Use 1 to keep the whole vocabulary");
  require(s.min_p >= 0 && s.min_p <= 1,
          fmt::format("min_p must be between 0 and 1, got {}", s.min_p),
          "Use 0 to keep the whole vocabulary");
  require(std::isfinite(s.repeat_penalty) && s.repeat_penalty > 0,
          fmt::format("repeat_penalty must be greater than 0, got {}", s.repeat_penalty),
          "Use 1 for no penalty");
  require(std::isfinite(s.frequency_penalty) && std::isfinite(s.presence_penalty),
          fmt::format("penalties must be finite, got frequency {} and presence {}",
                      s.frequency_penalty, s.presence_penalty),
          "Use 0 for no penalty");
  require(s.penalty_window >= 0,
          fmt::format("penalty_window must be at least 0, got {}", s.penalty_window),
          "Use 0 to look at no token");
  for (const auto& [token, bias] : s.logit_bias) {
    require(token >= 0 && token < vocabulary,
            fmt::format("logit_bias names token {} but the vocabulary has {}", token, vocabulary),
            "Use a token of this model");
    require(!std::isnan(bias) && bias < std::numeric_limits<float>::infinity(),
            fmt::format("logit_bias of token {} is {}", token, bias),
            "Use a finite number, or minus infinity to forbid the token");
  }
}

float slope_of(float temperature) {
  constexpr float kSteepest = 1e30f;  // beyond it only the best tokens have any weight
  return temperature > 0 ? std::min(1 / temperature, kSteepest) : kSteepest;
}

}  // namespace

Sampler::Sampler(const Sampling& sampling, int vocabulary)
    : sampling_(sampling), vocabulary_(vocabulary), slope_(slope_of(sampling.temperature)) {
  check(sampling, vocabulary);
}

std::optional<Draw> Sampler::draw(std::span<const float> logits, std::span<const Token> recent,
                                  double u, GrammarFilter* grammar, Scratch& scratch) const {
  if (logits.size() != static_cast<std::size_t>(vocabulary_))
    throw Error(
        Fault::model, "sampling",
        fmt::format("a row has {} logits but the vocabulary {}", logits.size(), vocabulary_),
        "This is a fault of the backend");
  Row& row = scratch.row;
  row.read(logits, greedy() || filtered() ? std::nullopt : std::optional(slope_));
  if (row.empty())
    throw Error(Fault::model, "sampling",
                fmt::format("none of the {} logits is finite", logits.size()),
                "The model's weights or its evaluation are broken; verify the file");
  change(recent, scratch);

  // Filters work on what the grammar left, so it comes first. Without them the token is drawn
  // first: if the grammar admits it, its probability is as it should be up to a factor common to
  // all admitted tokens, and a second draw from those alone keeps their proportions.
  const auto apply = [&] {
    grammar->apply(row.rewrite());
    row.refresh();
  };
  if (grammar && filtered() && !greedy()) apply();
  if (row.empty()) return {};
  Token token = pick(u, scratch);
  if (grammar && (greedy() || !filtered()) && !grammar->accepts(token)) {
    apply();
    if (row.empty()) return {};
    token = pick(uniform(std::bit_cast<std::uint64_t>(u), 1), scratch);
  }
  return Draw{token, static_cast<float>(row.logprob(token)),
              static_cast<float>(row.stats().certainty), static_cast<float>(row.stats().entropy)};
}

void Sampler::change(std::span<const Token> recent, Scratch& scratch) const {
  const Sampling& s = sampling_;
  Row& row = scratch.row;
  for (const auto& [token, bias] : s.logit_bias) row.set(token, row.at(token) + bias);
  if (s.repeat_penalty != 1 || s.frequency_penalty != 0 || s.presence_penalty != 0)
    penalise(recent, scratch);
  row.refresh();
}

void Sampler::penalise(std::span<const Token> recent, Scratch& scratch) const {
  const Sampling& s = sampling_;
  const auto window = std::min(recent.size(), static_cast<std::size_t>(s.penalty_window));
  std::vector<Token>& tokens = scratch.recent;
  tokens.assign(recent.end() - window, recent.end());
  std::erase_if(tokens, [&](Token t) { return t < 0 || t >= vocabulary_; });
  std::sort(tokens.begin(), tokens.end());
  for (auto run = tokens.begin(); run != tokens.end();) {
    const auto end = std::upper_bound(run, tokens.end(), *run);
    float logit = scratch.row.at(*run);
    logit = logit > 0 ? logit / s.repeat_penalty : logit * s.repeat_penalty;
    logit -= static_cast<float>(end - run) * s.frequency_penalty + s.presence_penalty;
    scratch.row.set(*run, logit);
    run = end;
  }
}

Token Sampler::pick(double u, Scratch& scratch) const {
  if (greedy()) return scratch.row.best();
  return filtered() ? pick_filtered(u, scratch) : scratch.row.draw(u);
}

Token Sampler::pick_filtered(double u, Scratch& scratch) const {
  const Sampling& s = sampling_;
  std::vector<Candidate>& kept = scratch.kept;
  bool whole = true;  // nothing is left out yet
  if (s.top_k && *s.top_k < vocabulary_) {
    keep_top_k(scratch.row, *s.top_k, kept);
    whole = false;
  }
  if (s.top_p < 1) {
    whole ? keep_top_p(scratch.row, s.top_p, kept) : keep_top_p(s.top_p, kept);
    whole = false;
  }
  if (s.min_p > 0 || whole)
    whole ? keep_min_p(scratch.row, s.min_p, kept) : keep_min_p(s.min_p, kept);
  return sampling::draw(kept, slope_, u);
}

RowStats measure(std::span<const float> logits, Scratch& scratch) {
  scratch.row.read(logits, {});
  if (scratch.row.empty())
    throw Error(Fault::model, "sampling",
                fmt::format("none of the {} logits is finite", logits.size()),
                "The model's weights or its evaluation are broken; verify the file");
  return scratch.row.stats();
}

}  // namespace cairn::sampling
