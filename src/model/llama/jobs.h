#pragma once
// model/llama/jobs.h — the requests of a LanguageModel as requests to the scheduler.

#include <memory>
#include <string>
#include <vector>

#include "cairn/language_model.h"
#include "core/generation.h"
#include "model/llama/class_head.h"
#include "model/llama/completion.h"
#include "model/llama/grammar.h"
#include "model/llama/scheduler.h"
#include "model/llama/vocabulary.h"
#include "model/sampling/sampler.h"

namespace cairn::llama {

// A node of the prefix tree as a branch. May outlive the engine.
class TreeBranch : public Branch {
 public:
  // Takes over one reference on `node`. `family`: of the root, see PrefixTree::child().
  TreeBranch(std::shared_ptr<SharedTree> tree, PrefixTree::Node node, int size,
             std::uint32_t family = 0)
      : tree_(std::move(tree)), node_(node), size_(size), family_(family) {}
  ~TreeBranch() override;
  TreeBranch(const TreeBranch&) = delete;
  TreeBranch& operator=(const TreeBranch&) = delete;

  std::size_t size() const override { return size_; }
  std::vector<Token> tokens() const override;
  PrefixTree::Node node() const { return node_; }
  std::uint32_t family() const { return family_; }
  const std::shared_ptr<SharedTree>& tree() const { return tree_; }

 private:
  const std::shared_ptr<SharedTree> tree_;
  const PrefixTree::Node node_;
  const std::size_t size_;
  const std::uint32_t family_;
};

// The node `tokens` below `node`, with a reference for the caller. The tree must be locked.
PrefixTree::Node descend(PrefixTree& tree, PrefixTree::Node node, std::span<const Token> tokens,
                         std::uint32_t family = 0);

// Draws tokens until the generation is complete.
class GenerateJob : public Request {
 public:
  GenerateJob(GenerateRequest request, const Vocabulary& vocabulary, int context_tokens,
              std::shared_ptr<SharedTree> tree, Budget& spends,
              std::unique_ptr<GrammarFilter> grammar,
              std::unique_ptr<Completion<Generation>> completion);

  // Whether the offered tokens alone complete the generation.
  bool complete_already() const { return stop_.has_value(); }

  void output(int depth, std::span<const float> logits) override;
  std::optional<Token> next() override;
  void complete(PrefixTree& tree, std::optional<Stop> stop) override;
  void fail(std::exception_ptr error) override;

 private:
  const GenerateRequest request_;
  const Vocabulary& vocabulary_;
  const int context_tokens_;
  const std::shared_ptr<SharedTree> tree_;
  GenerationBuilder builder_;
  sampling::Sampler sampler_;
  const std::unique_ptr<GrammarFilter> grammar_;
  std::unique_ptr<Completion<Generation>> completion_;
  std::vector<Token> recent_;
  std::optional<Stop> stop_;
  double end_logprob_ = 0;
  const Budget::Clock::time_point start_ = Budget::Clock::now();
};

// What the model thinks of given tokens after a prefix.
class ReadJob : public Request {
 public:
  ReadJob(std::vector<Token> tokens, int prefix_size,
          std::unique_ptr<Completion<Reading>> completion);

  void output(int depth, std::span<const float> logits) override;
  void complete(PrefixTree& tree, std::optional<Stop> stop) override;
  void fail(std::exception_ptr error) override;

 private:
  const std::vector<Token> tokens_;
  const int prefix_size_;
  std::unique_ptr<Completion<Reading>> completion_;
  Reading reading_;
};

// The probabilities of labels: of tokens as the next one, or of classes.
class LabelJob : public Request {
 public:
  LabelJob(std::vector<std::vector<Token>> labels,
           std::unique_ptr<Completion<std::vector<float>>> completion);
  // Labels of classes of `head`, which is borrowed. `layer`: the one after the model's last.
  LabelJob(std::vector<std::vector<Token>> labels, const ClassHead& head, int layer,
           std::unique_ptr<Completion<std::vector<float>>> completion);

  void output(int depth, std::span<const float> logits) override;
  void hidden(int depth, Decoder& decoder, std::size_t i) override;
  void complete(PrefixTree& tree, std::optional<Stop> stop) override;
  void fail(std::exception_ptr error) override;

 private:
  const std::vector<std::vector<Token>> labels_;
  const ClassHead* const head_ = nullptr;
  std::unique_ptr<Completion<std::vector<float>>> completion_;
  std::vector<float> probabilities_;
};

// The outputs of layers at positions.
class HiddenJob : public Request {
 public:
  HiddenJob(std::vector<int> layers, std::vector<int> positions, int hidden_size,
            std::unique_ptr<Completion<HiddenStates>> completion);

  void output(int, std::span<const float>) override {}
  void hidden(int depth, Decoder& decoder, std::size_t i) override;
  void complete(PrefixTree& tree, std::optional<Stop> stop) override;
  void fail(std::exception_ptr error) override;

 private:
  const std::vector<int> positions_;
  std::unique_ptr<Completion<HiddenStates>> completion_;
  HiddenStates states_;
};

}  // namespace cairn::llama
