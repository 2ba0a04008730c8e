#include "core/generation.h"

#include <algorithm>

namespace cairn {

GenerationBuilder::GenerationBuilder(const GenerateRequest& request, const void* model, Piece piece)
    : request_(request), model_(model), piece_(piece) {
  if (request.segmenter) cursor_ = request.segmenter->start(request.before);
  for (const std::string& stop : request.stop) longest_stop_ = std::max(longest_stop_, stop.size());
}

std::optional<Stop> GenerationBuilder::replay_offered() {
  std::optional<Stop> stop;
  // What was offered beyond a new boundary is offered again.
  for (std::size_t i = 0; i < request_.offered.size(); ++i) {
    const auto noted = [i](const std::vector<float>& values) {
      return i < values.size() ? values[i] : 0;
    };
    append(request_.offered[i], noted(request_.offered_logprobs),
           noted(request_.offered_certainties), noted(request_.offered_entropies));
    if (!stop) stop = after_last();
  }
  return stop;
}

std::optional<Stop> GenerationBuilder::push(Token token, float logprob, float certainty,
                                            float entropy) {
  append(token, logprob, certainty, entropy);
  return after_last();
}

void GenerationBuilder::append(Token token, float logprob, float certainty, float entropy) {
  tokens_.push_back(token);
  logprobs_.push_back(logprob);
  certainties_.push_back(certainty);
  entropies_.push_back(entropy);
  text_ += piece_(model_, token);
  ends_.push_back(text_.size());
}

std::optional<Stop> GenerationBuilder::after_last() {
  const std::size_t begin = ends_.size() > 1 ? ends_[ends_.size() - 2] : 0;
  if (const auto stop = after_piece(std::string_view(text_).substr(begin))) return stop;
  if (static_cast<int>(tokens_.size()) >= request_.max_tokens) {
    boundary_ = text_.size();
    return Stop::max_tokens;
  }
  return {};
}

std::optional<Stop> GenerationBuilder::after_piece(std::string_view piece) {
  const auto stop_end = stop_string_end(text_.size() - piece.size());
  const auto segment_end = cursor_ ? cursor_->feed(piece) : std::nullopt;
  if (!stop_end && !segment_end) return {};
  const bool at_segment = segment_end && (!stop_end || *segment_end <= *stop_end);
  boundary_ = at_segment ? *segment_end : *stop_end;
  return at_segment ? Stop::segment : Stop::stop_string;
}

// Where the first stop string ends that was completed by the bytes after `fed`.
std::optional<std::size_t> GenerationBuilder::stop_string_end(std::size_t fed) const {
  if (longest_stop_ == 0) return {};
  const std::size_t start = fed >= longest_stop_ ? fed - longest_stop_ + 1 : 0;
  std::optional<std::size_t> first;
  for (const std::string& stop : request_.stop) {
    if (stop.empty()) continue;
    const std::size_t at = text_.find(stop, start);
    if (at == std::string::npos) continue;
    if (!first || at + stop.size() < *first) first = at + stop.size();
  }
  return first;
}

Generation GenerationBuilder::finish(Stop stop) {
  std::size_t kept = tokens_.size();
  if (boundary_) {
    kept = std::lower_bound(ends_.begin(), ends_.end(), *boundary_) - ends_.begin() + 1;
    kept = std::min(kept, tokens_.size());
  }
  Generation result;
  const auto split = [kept](auto& from, auto& head, auto& tail) {
    head.assign(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(kept));
    tail.assign(from.begin() + static_cast<std::ptrdiff_t>(kept), from.end());
  };
  split(tokens_, result.tokens, result.offered);
  split(logprobs_, result.logprobs, result.offered_logprobs);
  split(certainties_, result.certainties, result.offered_certainties);
  split(entropies_, result.entropies, result.offered_entropies);
  result.text = kept == 0 ? std::string() : text_.substr(0, ends_[kept - 1]);
  result.stop = stop;
  return result;
}

}  // namespace cairn
