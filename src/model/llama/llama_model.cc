#include "model/llama/llama_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "cairn/error.h"
#include "cairn/rng.h"
#include "model/llama/class_head.h"
#include "model/llama/jobs.h"
#include "model/llama/kernels.h"
#include "model/llama/llama_decoder.h"
#include "model/llama/load.h"
#include "model/llama/product.h"
#include "model/llama/scheduler.h"
#include "model/llama/vocabulary.h"

namespace cairn::llama {
namespace {

// Changes when the weights do: the file's size and 64 blocks spread over it.
std::string fingerprint_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const auto size = std::filesystem::file_size(path);
  std::uint64_t hash = mix(0, size);
  std::string block(4096, '\0');
  for (std::uint64_t i = 0; i < 64; ++i) {
    file.clear();
    file.seekg(static_cast<std::streamoff>(size / 64 * i));
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash = mix(hash, std::string_view(block).substr(0, static_cast<std::size_t>(file.gcount())));
  }
  return fmt::format("{:016x}", hash);
}

std::string describe(const llama_model* model) {
  std::string text(128, '\0');
  const int length = llama_model_desc(model, text.data(), text.size());
  text.resize(std::clamp(length, 0, 127));
  return text;
}

class LlamaModel : public LanguageModel {
 public:
  explicit LlamaModel(const LlamaOptions& options)
      : invariant_(wants_invariance(options, has_tiles(), has_own_products())),
        loaded_(load_model(options, invariant_)),
        model_(loaded_.model.get()),
        vocabulary_(model_, options.path),
        grammars_(model_, vocabulary_),
        head_(read_class_head(model_, options.path)),
        plan_(plan_of(options)),
        scheduler_(std::make_unique<LlamaDecoder>(model_, plan_, options.path),
                   scheduler_options(options)) {
    fill_info(options);
  }

  const ModelInfo& info() const override { return info_; }
  ModelCounters counters() const override { return scheduler_.counters(); }

  std::vector<Token> tokenize(std::string_view text, bool special) const override {
    return vocabulary_.tokenize(text, special);
  }
  std::string detokenize(std::span<const Token> tokens) const override {
    return vocabulary_.detokenize(tokens);
  }
  std::vector<Token> chat(std::span<const Message> messages) const override {
    return vocabulary_.chat(messages);
  }

  BranchPtr branch(const BranchPtr& from, std::span<const Token> tokens) override;
  BranchPtr apart() override;
  BranchPtr rollback(const BranchPtr& from, std::size_t size) override;
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override;
  asio::awaitable<Reading> read(BranchPtr prefix, std::vector<Token> tokens,
                                Budget& budget) override;
  asio::awaitable<std::vector<float>> label_probabilities(BranchPtr prefix,
                                                          std::vector<std::vector<Token>> labels,
                                                          Budget& budget) override;
  asio::awaitable<HiddenStates> hidden(BranchPtr branch, std::vector<int> layers,
                                       std::vector<int> positions, Budget& budget) override;
  asio::awaitable<std::vector<float>> embed(std::string text, Budget& budget) override;

 private:
  ContextPlan plan_of(const LlamaOptions& options) const;
  SchedulerOptions scheduler_options(const LlamaOptions& options) const;
  void fill_info(const LlamaOptions& options);
  std::string notes_on(const LlamaOptions& options) const;
  void check_branch(const BranchPtr& branch, std::size_t more) const;
  bool classes_asked(const std::vector<std::vector<Token>>& labels) const;
  bool admit(Budget& budget) const { return budget.reserve({.model_calls = 1}); }
  std::function<void()> waker() {
    return [this] { scheduler_.wake(); };
  }
  void submit_unless_complete(std::unique_ptr<GenerateJob> job);
  void submit_at(std::unique_ptr<Request> job, const BranchPtr& prefix,
                 std::span<const Token> more);

  const bool invariant_;
  LoadedModel loaded_;
  llama_model* const model_;  // of loaded_
  Vocabulary vocabulary_;
  Grammars grammars_;
  std::optional<ClassHead> head_;
  ContextPlan plan_;
  Scheduler scheduler_;
  ModelInfo info_;
  std::atomic<std::uint32_t> families_ = 0;
};

ContextPlan LlamaModel::plan_of(const LlamaOptions& options) const {
  ContextPlan plan = plan_context(model_, options, invariant_);
  plan.repacked = loaded_.repacked;
  return plan;
}

SchedulerOptions LlamaModel::scheduler_options(const LlamaOptions& options) const {
  SchedulerOptions out;
  out.rows = options.rows;
  out.prompt_piece = plan_.prompt_piece;
  out.sample_threads = plan_.threads;
  return out;
}

// What decides the last bits of a result, and how fast it comes.
std::string LlamaModel::notes_on(const LlamaOptions& options) const {
  std::string notes = fmt::format("kv={} rows={} threads={}", plan_.unified ? "unified" : "split",
                                  options.rows, plan_.threads);
  if (info_.reproducible) notes += " batch-invariant";
  if (options.keys != CacheType::f16) notes += " keys=q8_0";
  if (options.values != CacheType::f16) notes += " values=q8_0";
  if (!options.flash_attention) notes += " flash-attention=off";
  if (!loaded_.repacked) notes += " repack=off";
  if (loaded_.widened) notes += " widened=q5_0";
  return notes;
}

void LlamaModel::fill_info(const LlamaOptions& options) {
  info_.name =
      options.name.empty() ? std::filesystem::path(options.path).stem().string() : options.name;
  info_.description = describe(model_);
  info_.fingerprint = fingerprint_of(options.path);
  info_.vocabulary = vocabulary_.size();
  info_.context_tokens = options.context_tokens;
  info_.layers = llama_model_n_layer(model_);
  info_.hidden_size = llama_model_n_embd(model_);
  info_.rows = options.rows;
  if (head_) info_.classes = head_->classes;
  info_.chat_template = vocabulary_.has_template();
  info_.rollback = plan_.rollback;
  info_.reproducible = scheduler_.shape().batch_invariant;
  info_.notes = notes_on(options);
}

void LlamaModel::check_branch(const BranchPtr& branch, std::size_t more) const {
  if (!branch || branch->size() == 0)
    throw Error(Fault::input, "model/llama", "a request needs a prefix of at least one token",
                "Start from chat() or branch()");
  if (static_cast<int>(branch->size() + more) > info_.context_tokens)
    throw Error(Fault::input, "model/llama",
                fmt::format("the prefix is {} tokens but a branch holds {} (model {})",
                            branch->size() + more, info_.context_tokens, info_.name),
                "Raise --ctx-size or shorten the prompt");
}

BranchPtr LlamaModel::branch(const BranchPtr& from, std::span<const Token> tokens) {
  for (const Token token : tokens)
    if (token < 0 || token >= info_.vocabulary)
      throw Error(Fault::input, "model/llama",
                  fmt::format("token {} is not in the vocabulary of {}", token, info_.vocabulary),
                  "Use the tokens of this model");
  const auto& tree = scheduler_.tree();
  const std::lock_guard lock(tree->mutex);
  const auto* start = static_cast<const TreeBranch*>(from.get());
  const std::uint32_t family = start ? start->family() : 0;
  const auto node = descend(tree->tree, start ? start->node() : PrefixTree::kRoot, tokens, family);
  return std::make_shared<TreeBranch>(tree, node, tree->tree.depth(node),
                                      tokens.empty() ? family : 0);
}

BranchPtr LlamaModel::apart() {
  return std::make_shared<TreeBranch>(scheduler_.tree(), PrefixTree::kRoot, 0, ++families_);
}

BranchPtr LlamaModel::rollback(const BranchPtr& from, std::size_t size) {
  if (size > from->size())
    throw Error(Fault::input, "model/llama",
                fmt::format("a branch of {} tokens cannot roll back to {}", from->size(), size),
                "Roll back to a shorter prefix");
  const auto& tree = scheduler_.tree();
  const std::lock_guard lock(tree->mutex);
  const auto node =
      tree->tree.ancestor(static_cast<const TreeBranch&>(*from).node(), static_cast<int>(size));
  tree->tree.retain(node);
  return std::make_shared<TreeBranch>(tree, node, static_cast<int>(size));
}

// Sends a job off that wants outputs after `prefix` and, further on, within `more`.
void LlamaModel::submit_at(std::unique_ptr<Request> job, const BranchPtr& prefix,
                           std::span<const Token> more) {
  const auto& tree = scheduler_.tree();
  {
    const std::lock_guard lock(tree->mutex);
    job->node = descend(tree->tree, static_cast<const TreeBranch&>(*prefix).node(), more);
  }
  scheduler_.submit(std::move(job));
}

// Offered tokens may already reach a boundary: then there is nothing to decode.
void LlamaModel::submit_unless_complete(std::unique_ptr<GenerateJob> job) {
  if (!job->complete_already()) return scheduler_.submit(std::move(job));
  const auto& tree = scheduler_.tree();
  const std::lock_guard lock(tree->mutex);
  job->complete(tree->tree, {});
  tree->tree.release(job->node);
}

namespace {

// Offered tokens count up to the first that the grammar does not admit; from there on it is drawn.
void keep_admitted(GenerateRequest& request, GrammarFilter& grammar) {
  std::size_t kept = 0;
  for (; kept < request.offered.size() && grammar.accepts(request.offered[kept]); ++kept)
    grammar.accept(request.offered[kept]);
  request.offered.resize(kept);
}

}  // namespace

asio::awaitable<Generation> LlamaModel::generate(GenerateRequest request, Budget& budget) {
  check_branch(request.prefix, request.offered.size());
  const BranchPtr prefix = request.prefix;
  std::unique_ptr<GrammarFilter> filter = grammars_.make(request.sampling.grammar);
  if (filter) keep_admitted(request, *filter);
  if (!admit(budget)) {
    Generation refused;
    refused.stop = budget.stopped().value_or(Stop::budget);
    refused.branch = prefix;
    co_return refused;
  }
  auto shared_filter = std::make_shared<std::unique_ptr<GrammarFilter>>(std::move(filter));
  auto shared_request = std::make_shared<GenerateRequest>(std::move(request));
  std::function<void(std::unique_ptr<Completion<Generation>>, std::shared_ptr<std::atomic<bool>>)>
      start = [this, shared_filter, shared_request, &budget](auto completion, auto cancelled) {
        auto job = std::make_unique<GenerateJob>(std::move(*shared_request), vocabulary_,
                                                 info_.context_tokens, scheduler_.tree(), budget,
                                                 std::move(*shared_filter), std::move(completion));
        job->cancelled = cancelled;
        submit_unless_complete(std::move(job));
      };
  Generation result = co_await suspend<Generation>(start, waker());
  co_return result;
}

asio::awaitable<Reading> LlamaModel::read(BranchPtr prefix, std::vector<Token> tokens,
                                          Budget& budget) {
  check_branch(prefix, tokens.size());
  if (tokens.empty() || !admit(budget)) co_return Reading();
  std::function<void(std::unique_ptr<Completion<Reading>>, std::shared_ptr<std::atomic<bool>>)>
      start = [this, prefix, &tokens, &budget](auto completion, auto cancelled) {
        auto job = std::make_unique<ReadJob>(tokens, static_cast<int>(prefix->size()),
                                             std::move(completion));
        job->cancelled = cancelled;
        job->budget = &budget;
        submit_at(std::move(job), prefix, std::span(tokens).first(tokens.size() - 1));
      };
  Reading result = co_await suspend<Reading>(start, waker());
  co_return result;
}

// Whether the labels are classes. Errors: Fault::input when they are neither classes nor tokens.
bool LlamaModel::classes_asked(const std::vector<std::vector<Token>>& labels) const {
  const int tokens = info_.vocabulary, classes = static_cast<int>(info_.classes.size());
  std::size_t all = 0, of_classes = 0;
  for (const auto& label : labels) {
    if (label.empty())
      throw Error(Fault::input, "model/llama", "a label has no token",
                  "Give each label at least one token");
    for (const Token token : label) {
      if (token < 0 || token >= tokens + classes)
        throw Error(
            Fault::input, "model/llama",
            fmt::format("label {} is none of {} tokens and {} classes", token, tokens, classes),
            "Use the tokens and classes of this model");
      ++all;
      of_classes += token >= tokens ? 1 : 0;
    }
  }
  if (of_classes != 0 && of_classes != all)
    throw Error(Fault::input, "model/llama", "labels are tokens and classes at once",
                "Ask for tokens or for classes");
  return of_classes != 0;
}

asio::awaitable<std::vector<float>> LlamaModel::label_probabilities(
    BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) {
  check_branch(prefix, 0);
  const bool classes = classes_asked(labels);
  if (classes)
    for (auto& label : labels)
      for (Token& token : label) token -= info_.vocabulary;
  if (labels.empty() || !admit(budget)) co_return std::vector<float>();
  std::function<void(std::unique_ptr<Completion<std::vector<float>>>,
                     std::shared_ptr<std::atomic<bool>>)>
      start = [this, prefix, classes, &labels, &budget](auto completion, auto cancelled) {
        auto job = classes ? std::make_unique<LabelJob>(labels, *head_, info_.layers,
                                                        std::move(completion))
                           : std::make_unique<LabelJob>(labels, std::move(completion));
        job->cancelled = cancelled;
        job->budget = &budget;
        job->from = static_cast<int>(prefix->size()) - 1;
        submit_at(std::move(job), prefix, {});
      };
  std::vector<float> result = co_await suspend<std::vector<float>>(start, waker());
  co_return result;
}

asio::awaitable<HiddenStates> LlamaModel::hidden(BranchPtr branch, std::vector<int> layers,
                                                 std::vector<int> positions, Budget& budget) {
  check_branch(branch, 0);
  for (const int layer : layers)
    if (layer < 0 || layer >= info_.layers)
      throw Error(
          Fault::input, "model/llama",
          fmt::format("layer {} of a model with {} layers was asked for", layer, info_.layers),
          "Count layers from 0");
  for (const int position : positions)
    if (position < 0 || position >= static_cast<int>(branch->size()))
      throw Error(Fault::input, "model/llama",
                  fmt::format("position {} of a branch of {} tokens was asked for", position,
                              branch->size()),
                  "Count positions from 0");
  if (layers.empty() || positions.empty() || !admit(budget)) co_return HiddenStates();
  std::function<void(std::unique_ptr<Completion<HiddenStates>>, std::shared_ptr<std::atomic<bool>>)>
      start = [&](auto completion, auto cancelled) {
        auto job = std::make_unique<HiddenJob>(layers, positions, info_.hidden_size,
                                               std::move(completion));
        job->cancelled = cancelled;
        job->budget = &budget;
        const auto last = *std::max_element(positions.begin(), positions.end());
        submit_at(std::move(job), rollback(branch, last + 1), {});
      };
  HiddenStates result = co_await suspend<HiddenStates>(start, waker());
  co_return result;
}

asio::awaitable<std::vector<float>> LlamaModel::embed(std::string text, Budget& budget) {
  std::vector<Token> tokens = tokenize(text, false);
  if (tokens.empty()) co_return std::vector<float>(info_.hidden_size, 0.0f);
  std::vector<int> layers{info_.layers - 1};
  std::vector<int> positions(tokens.size());
  for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<int>(i);
  BranchPtr whole = branch(nullptr, tokens);
  HiddenStates states = co_await hidden(whole, layers, positions, budget);
  if (states.data.empty()) co_return std::vector<float>();
  std::vector<double> sum(states.size, 0.0);
  for (std::size_t i = 0; i < states.data.size(); ++i) sum[i % states.size] += states.data[i];
  double square = 0;
  for (const double x : sum) square += x * x;
  std::vector<float> unit(states.size);
  for (std::size_t i = 0; i < unit.size(); ++i)
    unit[i] = static_cast<float>(sum[i] / std::sqrt(std::max(square, 1e-30)));
  co_return unit;
}

}  // namespace

std::unique_ptr<LanguageModel> make_llama_model(const LlamaOptions& options) {
  return std::make_unique<LlamaModel>(options);
}

KvLayout kv_layout(std::string_view name) {
  if (name == "auto") return KvLayout::automatic;
  if (name == "unified") return KvLayout::unified;
  if (name == "split") return KvLayout::split;
  throw Error(Fault::input, "--kv", fmt::format("\"{}\" is no KV layout", name),
              "Use auto, unified or split");
}

Reproducible reproducible(std::string_view name) {
  if (name == "auto") return Reproducible::automatic;
  if (name == "on") return Reproducible::on;
  if (name == "off") return Reproducible::off;
  throw Error(Fault::input, "--reproducible", fmt::format("\"{}\" is no choice", name),
              "Use auto, on or off");
}

CacheType cache_type(std::string_view flag, std::string_view name) {
  if (name == "f16") return CacheType::f16;
  if (name == "q8_0") return CacheType::q8_0;
  throw Error(Fault::input, std::string(flag), fmt::format("\"{}\" is no type of a cache", name),
              "Use f16 or q8_0");
}

std::string llama_version_text() {
  return llama_version();
}

}  // namespace cairn::llama
