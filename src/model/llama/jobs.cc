#include "model/llama/jobs.h"

#include <algorithm>
#include <cmath>

#include "cairn/rng.h"

namespace cairn::llama {
namespace {

sampling::Scratch& scratch() {
  thread_local sampling::Scratch scratch;
  return scratch;
}

}  // namespace

TreeBranch::~TreeBranch() {
  const std::lock_guard lock(tree_->mutex);
  tree_->tree.release(node_);
  if (tree_->tree.dirty() && tree_->on_dirty) tree_->on_dirty();
}

std::vector<Token> TreeBranch::tokens() const {
  const std::lock_guard lock(tree_->mutex);
  return tree_->tree.path(node_, 0);
}

PrefixTree::Node descend(PrefixTree& tree, PrefixTree::Node node, std::span<const Token> tokens,
                         std::uint32_t family) {
  tree.retain(node);
  for (const Token token : tokens) {
    const PrefixTree::Node child = tree.child(node, token, family);
    tree.release(node);
    node = child;
    family = 0;
  }
  return node;
}

// ---- generate

GenerateJob::GenerateJob(GenerateRequest request, const Vocabulary& vocabulary, int context_tokens,
                         std::shared_ptr<SharedTree> tree, Budget& spends,
                         std::unique_ptr<GrammarFilter> grammar,
                         std::unique_ptr<Completion<Generation>> completion)
    : request_(std::move(request)),
      vocabulary_(vocabulary),
      context_tokens_(context_tokens),
      tree_(std::move(tree)),
      builder_(request_, &vocabulary,
               [](const void* model, Token token) {
                 return static_cast<const Vocabulary*>(model)->piece(token);
               }),
      sampler_(request_.sampling, vocabulary.size()),
      grammar_(std::move(grammar)),
      completion_(std::move(completion)) {
  budget = &spends;
  recent_ = request_.prefix->tokens();
  const std::size_t window = std::max(0, request_.sampling.penalty_window);
  if (recent_.size() > window)
    recent_.erase(recent_.begin(), recent_.end() - static_cast<std::ptrdiff_t>(window));
  recent_.insert(recent_.end(), request_.offered.begin(), request_.offered.end());
  if (request_.max_tokens <= 0) stop_ = Stop::max_tokens;
  if (!stop_) stop_ = builder_.replay_offered();
  const std::lock_guard lock(tree_->mutex);
  const auto& prefix = static_cast<const TreeBranch&>(*request_.prefix);
  node = descend(tree_->tree, prefix.node(), stop_ ? std::span<const Token>() : builder_.tokens());
  from = tree_->tree.depth(node) - 1;
}

void GenerateJob::output(int depth, std::span<const float> logits) {
  if (!budget->reserve({.generated_tokens = 1})) {
    stop_ = budget->stopped().value_or(Stop::budget);
    return;
  }
  ++usage.generated_tokens;
  // The draw depends on the seed and the position alone.
  const double u = uniform(request_.seed, static_cast<std::uint64_t>(depth));
  const auto draw = sampler_.draw(logits, recent_, u, grammar_.get(), scratch());
  if (!draw) {
    stop_ = Stop::grammar;
    return;
  }
  if (vocabulary_.ends_text(draw->token)) {
    end_logprob_ = draw->logprob;
    stop_ = Stop::end_of_text;
    return;
  }
  if (grammar_) grammar_->accept(draw->token);
  recent_.push_back(draw->token);
  stop_ = builder_.push(draw->token, draw->logprob, draw->certainty, draw->entropy);
  if (!stop_ && depth + 1 >= context_tokens_) stop_ = Stop::context;
}

std::optional<Token> GenerateJob::next() {
  if (stop_) return {};
  return builder_.tokens().back();
}

void GenerateJob::complete(PrefixTree& tree, std::optional<Stop> stop) {
  Generation result = builder_.finish(stop ? *stop : stop_.value_or(Stop::cancelled));
  const auto& prefix = static_cast<const TreeBranch&>(*request_.prefix);
  const PrefixTree::Node end = descend(tree, prefix.node(), result.tokens);
  result.branch = std::make_shared<TreeBranch>(tree_, end, tree.depth(end));
  result.end_logprob = end_logprob_;
  result.usage = usage;
  result.usage.model_calls = 1;
  result.usage.seconds = std::chrono::duration<double>(Budget::Clock::now() - start_).count();
  (*completion_)(nullptr, std::move(result));
}

void GenerateJob::fail(std::exception_ptr error) {
  (*completion_)(error, {});
}

// ---- reading

ReadJob::ReadJob(std::vector<Token> tokens, int prefix_size,
                 std::unique_ptr<Completion<Reading>> completion)
    : tokens_(std::move(tokens)), prefix_size_(prefix_size), completion_(std::move(completion)) {
  from = prefix_size - 1;
  for (auto* values : {&reading_.logprobs, &reading_.certainties, &reading_.entropies})
    values->resize(tokens_.size());
}

void ReadJob::output(int depth, std::span<const float> logits) {
  const std::size_t i = depth - prefix_size_;
  const sampling::RowStats stats = sampling::measure(logits, scratch());
  reading_.logprobs[i] = static_cast<float>(logits[tokens_[i]] - stats.log_sum_exp);
  reading_.certainties[i] = static_cast<float>(stats.certainty);
  reading_.entropies[i] = static_cast<float>(stats.entropy);
}

void ReadJob::complete(PrefixTree&, std::optional<Stop> stop) {
  (*completion_)(nullptr, stop ? Reading() : std::move(reading_));
}

void ReadJob::fail(std::exception_ptr error) {
  (*completion_)(error, {});
}

// ---- labels

LabelJob::LabelJob(std::vector<std::vector<Token>> labels,
                   std::unique_ptr<Completion<std::vector<float>>> completion)
    : labels_(std::move(labels)), completion_(std::move(completion)) {}

LabelJob::LabelJob(std::vector<std::vector<Token>> labels, const ClassHead& head, int layer,
                   std::unique_ptr<Completion<std::vector<float>>> completion)
    : labels_(std::move(labels)), head_(&head), completion_(std::move(completion)) {
  capture = {layer};
}

void LabelJob::hidden(int depth, Decoder& decoder, std::size_t i) {
  output(depth, head_->logits(decoder.captured(0, i)));
}

void LabelJob::output(int, std::span<const float> logits) {
  float highest = -INFINITY;
  for (const auto& label : labels_)
    for (const Token token : label) highest = std::max(highest, logits[token]);
  double total = 0;
  std::vector<double> weights;
  for (const auto& label : labels_) {
    double weight = 0;
    for (const Token token : label) weight += std::exp(double{logits[token]} - highest);
    weights.push_back(weight);
    total += weight;
  }
  for (const double weight : weights) probabilities_.push_back(static_cast<float>(weight / total));
}

void LabelJob::complete(PrefixTree&, std::optional<Stop> stop) {
  (*completion_)(nullptr, stop ? std::vector<float>() : std::move(probabilities_));
}

void LabelJob::fail(std::exception_ptr error) {
  (*completion_)(error, {});
}

// ---- hidden states

HiddenJob::HiddenJob(std::vector<int> layers, std::vector<int> positions, int hidden_size,
                     std::unique_ptr<Completion<HiddenStates>> completion)
    : positions_(std::move(positions)), completion_(std::move(completion)) {
  states_.layers = layers.size();
  states_.positions = positions_.size();
  states_.size = hidden_size;
  states_.data.resize(states_.layers * states_.positions * states_.size);
  capture = std::move(layers);
  from = *std::min_element(positions_.begin(), positions_.end());
}

void HiddenJob::hidden(int depth, Decoder& decoder, std::size_t i) {
  for (std::size_t p = 0; p < positions_.size(); ++p) {
    if (positions_[p] != depth - 1) continue;
    for (std::size_t k = 0; k < states_.layers; ++k) {
      const std::span<const float> row = decoder.captured(k, i);
      std::copy(row.begin(), row.end(),
                states_.data.begin() +
                    static_cast<std::ptrdiff_t>((k * states_.positions + p) * states_.size));
    }
  }
}

void HiddenJob::complete(PrefixTree&, std::optional<Stop> stop) {
  states_.usage = usage;
  if (stop) states_ = {};
  (*completion_)(nullptr, std::move(states_));
}

void HiddenJob::fail(std::exception_ptr error) {
  (*completion_)(error, {});
}

}  // namespace cairn::llama
