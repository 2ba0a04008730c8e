#pragma once
// cairn/language_model.h — what a language model can do, wherever it runs.
//
// A Branch is a handle on a token prefix. Branches are immutable: forking one is copying the
// handle, extending one makes a new branch. A backend keeps what it computed for a prefix (its KV
// cells) as long as a branch holds it and there is room, and computes it again when it has to.
//
//   prompt ──┬── "48/2"  ── …     a prefix that two branches share is evaluated once,
//            └── "In May" ── …    whoever asked for it first.
//
// Threads: every member may be called from any thread; the coroutines resume on the executor that
// awaits them. Any number of requests may be in flight: a backend batches what is waiting.
// Errors: Fault::model when the backend fails, Fault::input for a request that breaks a rule. A
// spent budget is not an error: the result says why it stopped.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cairn/budget.h"
#include "cairn/segmenter.h"
#include "cairn/step.h"

namespace cairn {

namespace asio = boost::asio;

class Branch {
 public:
  virtual ~Branch() = default;
  virtual std::size_t size() const = 0;           // tokens
  virtual std::vector<Token> tokens() const = 0;  // [size()]
};
using BranchPtr = std::shared_ptr<const Branch>;

// How the next token is drawn. Filters apply in this order: bias and penalties, grammar, top_k,
// top_p, min_p (each on what the one before left, at temperature 1), then temperature.
struct Sampling {
  float temperature = 0;          // 0: the most probable token
  std::optional<int> top_k = {};  // keep the k most probable
  float top_p = 1;                // keep the smallest set with this probability
  float min_p = 0;                // keep those at least this times as probable as the best
  float repeat_penalty = 1;       // logits of recent tokens: / if > 0, * if < 0
  float frequency_penalty = 0;    // logit -= count * this
  float presence_penalty = 0;     // logit -= this if it occurred
  int penalty_window = 64;        // recent tokens the penalties look at
  std::vector<std::pair<Token, float>> logit_bias = {};
  std::string grammar = {};  // GBNF; empty: none

  bool operator==(const Sampling&) const = default;
};

struct GenerateRequest {
  BranchPtr prefix;  // never null; at least one token
  Sampling sampling = {};
  std::uint64_t seed = 0;                           // draws are a function of seed and position
  int max_tokens = 512;                             // new tokens, offered ones included
  std::vector<std::string> stop = {};               // ends the generation; kept in its text
  std::shared_ptr<const Segmenter> segmenter = {};  // ends the generation at a boundary
  std::string before = {};  // the text of the trace so far, for the segmenter
  // Tokens already sampled for this place (see Generation::offered): taken as the first tokens of
  // this generation, not drawn and not charged again. Same length: what was noted of them.
  std::vector<Token> offered = {};
  std::vector<float> offered_logprobs = {};
  std::vector<float> offered_certainties = {};
  std::vector<float> offered_entropies = {};
};

struct Generation {
  std::vector<Token> tokens;       // [n]; the end-of-text token is not among them
  std::vector<float> logprobs;     // [n]; nats, temperature 1, before any filter
  std::vector<float> certainties;  // [n]; KL(uniform || model), nats
  std::vector<float> entropies;    // [n]; of the model's distribution, nats; empty: not known
  std::string text;                // exact bytes of `tokens`
  Stop stop = Stop::max_tokens;
  double end_logprob = 0;  // of the end-of-text token, where it was drawn
  // Whole tokens drawn past the boundary; they belong to the next step.
  std::vector<Token> offered;
  std::vector<float> offered_logprobs;
  std::vector<float> offered_certainties;
  std::vector<float> offered_entropies;
  BranchPtr branch;  // prefix + tokens
  Usage usage;       // of this request alone
};

// What read() returns: of given tokens, the same as a Generation says of drawn ones.
struct Reading {
  std::vector<float> logprobs, certainties, entropies;  // [tokens]
};

// What hidden() returns: row r, position i at data[(r * positions + i) * size ...].
struct HiddenStates {
  std::size_t layers = 0, positions = 0, size = 0;
  std::vector<float> data;  // [layers, positions, size]
  Usage usage;
};

struct Message {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

struct ModelInfo {
  std::string name;         // as the user named it
  std::string description;  // architecture, size, quantization
  std::string fingerprint;  // changes when the weights do
  int vocabulary = 0;       // tokens
  int context_tokens = 0;   // longest branch
  int layers = 0;
  int hidden_size = 0;
  int rows = 1;                      // branches that are decoded side by side
  std::vector<std::string> classes;  // of its classification head; empty: it has none
  bool chat_template = false;        // chat() can be used
  bool rollback = true;              // false: a rolled-back branch is evaluated afresh
  bool reproducible = true;          // same request, same tokens, whatever else is running
  std::string notes;                 // why not, and other things a trace should say
};

// What a backend has done since it was made.
struct ModelCounters {
  std::int64_t decodes = 0;  // batches
  std::int64_t rows = 0;     // rows with logits, summed over the batches
  std::int64_t evaluated_tokens = 0;
  std::int64_t unique_tokens = 0;
  std::int64_t generated_tokens = 0;
  std::int64_t live_tokens = 0;  // unique tokens held by branches now
  std::int64_t live_cells = 0;   // KV cells in use now
  std::int64_t cache_bytes = 0;  // of memory, for all KV cells there are
  double decode_seconds = 0, sample_seconds = 0, total_seconds = 0;
};

class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  virtual const ModelInfo& info() const = 0;
  virtual ModelCounters counters() const { return {}; }

  // `special`: whether markers such as <|im_end|> in the text become single tokens. Text from users
  // and data is tokenized with special = false, so that it cannot close a turn.
  virtual std::vector<Token> tokenize(std::string_view text, bool special) const = 0;
  virtual std::string detokenize(std::span<const Token> tokens) const = 0;

  // The conversation as the model was trained to read it, ready for the assistant to go on. If the
  // last message is the assistant's, its turn is left open after its content (a prefill).
  // The contents are tokenized with special = false.
  // Errors: Fault::model when the model has no template or it cannot be rendered.
  virtual std::vector<Token> chat(std::span<const Message> messages) const = 0;

  // A handle on `from` (null: nothing) and `tokens` after it. Evaluates nothing.
  virtual BranchPtr branch(const BranchPtr& from, std::span<const Token> tokens) = 0;
  // A branch of no tokens, to begin from instead of null: below it as much is evaluated, and
  // counted, as if nothing else had ever been asked of the model. A model that keeps nothing of
  // what it evaluated needs no more than this.
  virtual BranchPtr apart() { return branch(nullptr, {}); }
  // A handle on the first `size` tokens of `from`. Requires: size <= from->size().
  virtual BranchPtr rollback(const BranchPtr& from, std::size_t size) = 0;

  // Budgets are borrowed until the coroutine completes.
  virtual asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) = 0;

  // What the model thinks of tokens[i] after prefix and tokens[..i]. Empty when the budget ended
  // it.
  virtual asio::awaitable<Reading> read(BranchPtr prefix, std::vector<Token> tokens,
                                        Budget& budget) = 0;

  // The probability of each label as the next token, renormalised over the labels; [labels], sums
  // to 1. A label is one or more alternative tokens whose probabilities add up. Of a model with a
  // classification head, "token" vocabulary + c stands for class c of info().classes, read at the
  // prefix's last token; one request asks for tokens or for classes.
  // Empty when the budget ended it.
  virtual asio::awaitable<std::vector<float>> label_probabilities(
      BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) = 0;

  // The outputs of `layers` (0 = first block) at `positions` of the branch, in the order asked.
  // Empty `data` when the budget ended it.
  virtual asio::awaitable<HiddenStates> hidden(BranchPtr branch, std::vector<int> layers,
                                               std::vector<int> positions, Budget& budget) = 0;
  // A text embedding: the mean over all positions of the last block's output, scaled to length 1.
  virtual asio::awaitable<std::vector<float>> embed(std::string text, Budget& budget) = 0;
};

}  // namespace cairn
