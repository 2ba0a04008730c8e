#pragma once
// model/llama/scheduler.h — continuous batching over the branches of everything that is in flight.
//
// One thread owns the decoder. Its loop:
//   admit      take waiting requests, each to a row with a sequence that holds most of its prefix;
//              requests that wait for the same token share a row, and one whose prefix another row
//              is just evaluating waits for it, so that no position is evaluated twice; where the
//              branches of all questions do not find room, the youngest questions wait
//   evaluate   pieces of prompts and one token of every row, in batches; budgets pay beforehand
//   sample     each request draws from its row's logits with its own seed
//   advance    rows whose requests drew different tokens fork; finished requests leave at once
//
// Threads: submit, wake and counters from any thread; completions are posted by the requests
// themselves.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "cairn/budget.h"
#include "cairn/language_model.h"
#include "model/llama/decoder.h"
#include "model/llama/kv_cache.h"
#include "model/llama/prefix_tree.h"
#include "model/llama/question_limit.h"
#include "model/llama/workers.h"

namespace cairn::llama {

// One thing asked of the model: outputs at the last positions of a prefix, and what to do with
// them. The scheduler calls everything on its own thread, except output(), which may run on any one
// worker, at most one call at a time for a request.
class Request {
 public:
  using Node = PrefixTree::Node;

  virtual ~Request() = default;

  // Reads the logits that follow the prefix of `depth` tokens. [vocabulary], not to be written.
  virtual void output(int depth, std::span<const float> logits) = 0;
  // Reads the captured layers at position depth - 1.
  virtual void hidden(int, Decoder&, std::size_t) {}
  // After output: the next token to evaluate, or nothing when the request is complete.
  virtual std::optional<Token> next() { return {}; }
  // May it go on? Asked before each evaluation; a refusal completes it.
  virtual std::optional<Stop> refused() { return budget->stopped(); }
  // Hands over the result; `stop` is set when a limit ended it. Called once, with the tree locked.
  virtual void complete(PrefixTree& tree, std::optional<Stop> stop) = 0;
  virtual void fail(std::exception_ptr error) = 0;

  Node node = PrefixTree::kRoot;  // the prefix, with a reference that the scheduler gives back
  int from = 0;                   // outputs are wanted at depths from+1 … depth(node)
  std::vector<int> capture;       // layers whose outputs are wanted there
  Budget* budget = nullptr;
  std::shared_ptr<std::atomic<bool>> cancelled;  // never null
  Usage usage;                                   // what this request paid for
  std::exception_ptr error;                      // thrown by output(); the request fails with it
};

struct SchedulerOptions {
  int rows = 32;           // rows decoded side by side
  int prompt_piece = 256;  // tokens of a prompt evaluated in one go
  int sample_threads = 1;
};

// The prefix tree as branches hold it: they may outlive the scheduler.
struct SharedTree {
  std::mutex mutex;
  PrefixTree tree;
  std::function<void()> on_dirty;  // called with the lock held when sequences lost cells
};

class Scheduler {
 public:
  Scheduler(std::unique_ptr<Decoder> decoder, SchedulerOptions options);
  ~Scheduler();  // requests in flight fail with Fault::cancelled

  void submit(std::unique_ptr<Request> request);
  void wake();  // something was cancelled, or branches were dropped

  const std::shared_ptr<SharedTree>& tree() const { return shared_; }

  const DecoderShape& shape() const { return shape_; }
  ModelCounters counters() const;

 private:
  using Node = PrefixTree::Node;
  struct Row {
    int sequence = 0;
    Node target = PrefixTree::kRoot;
    std::vector<std::unique_ptr<Request>> requests;  // all at `target`
  };
  struct Piece {  // tokens of one row to evaluate now
    Row* row = nullptr;
    int begin = 0, end = 0;  // depths begin+1 … end
    std::size_t first = 0;   // index of the first token in the batch
  };

  void run();
  bool take_incoming();
  void order_waiting();
  void admit();
  Budget::Clock::time_point youngest_admitted();
  void note_running();
  bool join(std::unique_ptr<Request>& request);
  bool open_row(std::unique_ptr<Request>& request);
  bool waits_for_another(const Request& request) const;
  void mark_pending(const Row& row, bool pending);
  void drop_refused();
  void evaluate();
  void evaluate_apart();
  void evaluate_together();
  void evaluate_captured();
  std::vector<Row*> rows_missing(int fewest, int most, bool captured = false);
  int missing(const Row& row) const;
  std::optional<Piece> plan(Row& row, int most);
  bool pay(Row& row, int tokens);
  void run_batch(std::vector<Piece> pieces, int window);
  void make_room(std::vector<Piece>& pieces);
  void add_piece(Piece& piece);
  int fewest_tokens(const Piece& piece) const;
  void build_pieces(std::vector<Piece>& pieces);
  void build_window(std::vector<Piece>& pieces, int start, int window);
  void fill_outputs();
  int arrange(const std::vector<Piece>& pieces, int count);
  void move_sequence(int from, int to);
  void after_batch(const std::vector<Piece>& pieces);
  void sample(const std::vector<Piece>& pieces);
  void read_outputs(Request& request, const Piece& piece);
  void advance();
  void step_to(Request& request, Token token);
  void preempt();
  void close_row(Row& row);
  void finish(std::unique_ptr<Request> request, std::optional<Stop> stop);
  void fail_all(std::exception_ptr error);

  std::unique_ptr<Decoder> decoder_;
  const DecoderShape shape_;
  const SchedulerOptions options_;
  Workers workers_;

  const std::shared_ptr<SharedTree> shared_;
  PrefixTree& tree_;  // shared_->tree
  KvCache kv_;

  std::mutex incoming_mutex_;
  std::condition_variable incoming_ready_;
  std::vector<std::unique_ptr<Request>> incoming_;
  bool woken_ = false, stopping_ = false;

  QuestionLimit question_limit_;
  QuestionLimit::Round round_;  // this iteration
  // When the questions began that had rows of late, and when they last had some.
  std::map<Budget::Clock::time_point, Budget::Clock::time_point> running_;
  std::deque<std::unique_ptr<Request>> waiting_;
  bool in_order_ = true;  // waiting_
  std::vector<std::unique_ptr<Row>> rows_;
  std::vector<std::unique_ptr<Request>> finished_;
  std::vector<BatchToken> batch_;
  struct Filler {
    int sequence = 0, length = 0;  // its cells before the batch
  };
  std::vector<Filler> fillers_;  // sequences that got cells which only fill the batch up

  mutable std::mutex counters_mutex_;
  ModelCounters counters_;

  std::thread thread_;
};

}  // namespace cairn::llama
