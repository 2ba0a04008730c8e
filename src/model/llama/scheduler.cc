#include "model/llama/scheduler.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>
#include <utility>

#include "cairn/error.h"

namespace cairn::llama {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Only the logits after the last token are wanted, so requests for the same token can share a row.
bool wants_last_only(const Request& request, int depth) {
  return request.from == depth - 1 && request.capture.empty();
}

// Longer than it takes one thread to submit the next of several requests, and nothing beside a
// decode.
constexpr auto kBurst = std::chrono::microseconds(100);

// Longer than a search takes between a round of requests and the next.
constexpr auto kPause = std::chrono::milliseconds(5);

// A row that misses at most so many tokens goes along with the others; alone in a batch they would
// take longer (docs/engine.md, "Batches").
constexpr int kFew = 16;
constexpr int kAny = std::numeric_limits<int>::max();

}  // namespace

Scheduler::Scheduler(std::unique_ptr<Decoder> decoder, SchedulerOptions options)
    : decoder_(std::move(decoder)),
      shape_(decoder_->shape()),
      options_(options),
      workers_(options.sample_threads),
      shared_(std::make_shared<SharedTree>()),
      tree_(shared_->tree),
      kv_(*decoder_, tree_),
      thread_([this] { run(); }) {
  const std::lock_guard lock(shared_->mutex);
  shared_->on_dirty = [this] { wake(); };
}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->on_dirty = nullptr;
  }
  {
    const std::lock_guard lock(incoming_mutex_);
    stopping_ = true;
  }
  incoming_ready_.notify_one();
  thread_.join();
}

void Scheduler::submit(std::unique_ptr<Request> request) {
  {
    const std::lock_guard lock(incoming_mutex_);
    incoming_.push_back(std::move(request));
  }
  incoming_ready_.notify_one();
}

void Scheduler::wake() {
  {
    const std::lock_guard lock(incoming_mutex_);
    woken_ = true;
  }
  incoming_ready_.notify_one();
}

ModelCounters Scheduler::counters() const {
  ModelCounters counters;
  {
    const std::lock_guard lock(counters_mutex_);
    counters = counters_;
  }
  const std::lock_guard lock(shared_->mutex);
  counters.live_tokens = static_cast<std::int64_t>(tree_.live());
  counters.live_cells = kv_.cells();
  counters.cache_bytes = shape_.cache_bytes;
  return counters;
}

void Scheduler::run() {
  while (take_incoming()) {
    const auto start = Clock::now();
    try {
      admit();
      evaluate();
      note_running();
      question_limit_.note(std::exchange(round_, {}));
      advance();
    } catch (...) {
      fail_all(std::current_exception());
    }
    finished_.clear();  // outside the tree's lock: requests hold branches
    const std::lock_guard lock(counters_mutex_);
    counters_.total_seconds += seconds_since(start);
  }
  fail_all(std::make_exception_ptr(Error(Fault::cancelled, "model/llama",
                                         "the engine was closed with requests in flight",
                                         "Wait for the requests before closing it")));
}

// Waits for work. False when the engine closes.
bool Scheduler::take_incoming() {
  std::unique_lock lock(incoming_mutex_);
  if (rows_.empty() && waiting_.empty()) {
    incoming_ready_.wait(lock, [this] { return stopping_ || woken_ || !incoming_.empty(); });
    // Requests come in bursts: known together, those for the same token share a row.
    for (std::size_t known = 0; known != incoming_.size() && !stopping_;) {
      known = incoming_.size();
      incoming_ready_.wait_for(lock, kBurst);
    }
  } else if (rows_.empty() && question_limit_.most() != QuestionLimit::kNone) {
    incoming_ready_.wait_for(lock, kPause,
                             [this] { return stopping_ || woken_ || !incoming_.empty(); });
  }
  woken_ = false;
  in_order_ = in_order_ && incoming_.empty();
  for (auto& request : incoming_) waiting_.push_back(std::move(request));
  incoming_.clear();
  return !stopping_;
}

// Whose question came first goes first, and of one question the longest prefix: a line that was
// begun is finished before another is begun, while its cells are still there.
void Scheduler::order_waiting() {
  if (std::exchange(in_order_, true)) return;
  std::stable_sort(waiting_.begin(), waiting_.end(), [this](const auto& a, const auto& b) {
    if (a->budget->start() != b->budget->start()) return a->budget->start() < b->budget->start();
    return tree_.depth(a->node) > tree_.depth(b->node);
  });
}

// ---- admit

void Scheduler::admit() {
  const std::lock_guard lock(shared_->mutex);
  kv_.settle();
  drop_refused();
  order_waiting();
  const auto youngest = youngest_admitted();
  std::deque<std::unique_ptr<Request>> still_waiting;
  for (auto& request : waiting_) {
    const auto refused = *request->cancelled ? Stop::cancelled : request->refused();
    if (refused) {
      finish(std::move(request), refused);
      continue;
    }
    if (join(request)) continue;
    const bool has_its_turn = request->budget->start() <= youngest;
    if (has_its_turn && open_row(request)) continue;
    round_.held_back |= !has_its_turn && static_cast<int>(rows_.size()) < options_.rows;
    still_waiting.push_back(std::move(request));
  }
  waiting_ = std::move(still_waiting);
}

// When the last question began that may have rows. One that had some a moment ago counts, since
// those that go on in rounds have none between them.
Budget::Clock::time_point Scheduler::youngest_admitted() {
  std::erase_if(running_, [now = Clock::now()](const auto& question) {
    return now - question.second > kPause;
  });
  if (question_limit_.most() == QuestionLimit::kNone) return Budget::Clock::time_point::max();
  std::set<Budget::Clock::time_point> questions;
  for (const auto& [began, last_ran] : running_) questions.insert(began);
  for (const auto& request : waiting_) questions.insert(request->budget->start());
  const auto most = static_cast<std::size_t>(question_limit_.most());
  return questions.size() <= most ? Budget::Clock::time_point::max()
                                  : *std::next(questions.begin(), most - 1);
}

void Scheduler::note_running() {
  const auto now = Clock::now();
  for (const auto& row : rows_) running_[row->requests.front()->budget->start()] = now;
  round_.running =
      static_cast<int>(std::count_if(running_.begin(), running_.end(), [now](const auto& question) {
        return question.second == now;
      }));
}

bool Scheduler::join(std::unique_ptr<Request>& request) {
  if (!wants_last_only(*request, tree_.depth(request->node))) return false;
  for (auto& row : rows_) {
    if (row->target != request->node) continue;
    if (!wants_last_only(*row->requests.front(), tree_.depth(row->target))) continue;
    row->requests.push_back(std::move(request));
    return true;
  }
  return false;
}

bool Scheduler::open_row(std::unique_ptr<Request>& request) {
  if (static_cast<int>(rows_.size()) >= options_.rows || waits_for_another(*request)) return false;
  const auto sequence = kv_.acquire(request->node, request->from);
  if (!sequence) return false;
  auto row = std::make_unique<Row>();
  row->sequence = *sequence;
  row->target = request->node;
  row->requests.push_back(std::move(request));
  mark_pending(*row, true);
  rows_.push_back(std::move(row));
  return true;
}

bool Scheduler::waits_for_another(const Request& request) const {
  Node node = tree_.ancestor(request.node, request.from), missing = request.node;
  for (Node n = missing; n != node; n = tree_.parent(n)) missing = n;
  for (; node != PrefixTree::kRoot && tree_.resident(node).none(); node = tree_.parent(node))
    missing = node;
  return missing != PrefixTree::kRoot && tree_.pending(missing);
}

void Scheduler::mark_pending(const Row& row, bool pending) {
  const int length = tree_.length(row.sequence);
  for (Node n = row.target; tree_.depth(n) > length; n = tree_.parent(n))
    tree_.set_pending(n, pending);
}

void Scheduler::drop_refused() {
  for (auto& row : rows_) {
    for (auto& request : row->requests) {
      const auto refused = *request->cancelled ? Stop::cancelled : request->refused();
      if (refused) finish(std::move(request), refused);
    }
    std::erase(row->requests, nullptr);
    if (row->requests.empty()) close_row(*row);
  }
  std::erase_if(rows_, [](const auto& row) { return row->requests.empty(); });
}

// ---- evaluate

void Scheduler::evaluate() {
  shape_.unified ? evaluate_together() : evaluate_apart();
}

// Prompts piece by piece, each sequence by itself, then the same number of tokens of every row that
// has few left.
void Scheduler::evaluate_apart() {
  evaluate_captured();
  int prompt_tokens = 0;
  for (Row* row : rows_missing(kFew + 1, kAny)) {
    if (prompt_tokens >= 2 * options_.prompt_piece) break;
    if (auto piece = plan(*row, options_.prompt_piece)) {
      prompt_tokens += piece->end - piece->begin;
      run_batch({*piece}, 0);
    }
  }
  const std::vector<Row*> rows = rows_missing(1, kFew);
  if (rows.empty()) return;
  int each = std::min(options_.prompt_piece, shape_.batch_outputs) / static_cast<int>(rows.size());
  {
    const std::lock_guard lock(shared_->mutex);
    for (const Row* row : rows) each = std::min(each, missing(*row));
  }
  each = std::max(1, each);
  std::vector<Piece> pieces;
  for (Row* row : rows)
    if (auto piece = plan(*row, each)) pieces.push_back(*piece);
  if (pieces.empty()) return;
  const int fewest = each == 1 ? fewest_tokens(pieces.front()) : 1;
  const int window = std::max(static_cast<int>(pieces.size()), fewest);
  run_batch(std::move(pieces), window);
}

// Everything that is waiting in one batch: one token of every row, then pieces of prompts.
void Scheduler::evaluate_together() {
  evaluate_captured();
  std::vector<Row*> rows = rows_missing(1, 1), others = rows_missing(2, kAny);
  rows.insert(rows.end(), others.begin(), others.end());
  std::vector<Piece> pieces;
  int tokens = 0, outputs = 0;
  for (Row* row : rows) {
    const int most = std::min(options_.prompt_piece, shape_.batch_tokens - tokens);
    if (most < 1 || outputs >= shape_.batch_outputs) break;
    const auto piece = plan(*row, most);
    if (!piece) continue;
    tokens += piece->end - piece->begin;
    outputs += std::max(1, piece->end - std::max(piece->begin, row->requests.front()->from));
    pieces.push_back(*piece);
  }
  if (!pieces.empty()) run_batch(std::move(pieces), 0);
}

// Layers are captured in a batch of one sequence.
void Scheduler::evaluate_captured() {
  for (auto rows = rows_missing(1, kAny, true); !rows.empty(); rows = rows_missing(1, kAny, true))
    if (auto piece = plan(*rows.front(), options_.prompt_piece)) run_batch({*piece}, 0);
}

// The rows that still have so many tokens to evaluate, with or without captured layers.
std::vector<Scheduler::Row*> Scheduler::rows_missing(int fewest, int most, bool captured) {
  const std::lock_guard lock(shared_->mutex);
  std::vector<Row*> rows;
  for (auto& row : rows_) {
    const int n = missing(*row);
    if (n >= fewest && n <= most && row->requests.front()->capture.empty() != captured)
      rows.push_back(row.get());
  }
  return rows;
}

// Tokens that a row still has to evaluate.
int Scheduler::missing(const Row& row) const {
  return tree_.depth(row.target) - tree_.length(row.sequence);
}

// The next at most `most` tokens of a row, paid for. Nothing when every request was refused; the
// row is closed by the next drop_refused().
std::optional<Scheduler::Piece> Scheduler::plan(Row& row, int most) {
  Piece piece{.row = &row};
  {
    const std::lock_guard lock(shared_->mutex);
    piece.begin = tree_.length(row.sequence);
    piece.end = std::min(tree_.depth(row.target), piece.begin + most);
    const int from = row.requests.front()->from;
    if (piece.end > from + shape_.batch_outputs && from >= piece.begin)
      piece.end = from + shape_.batch_outputs;
    if (from < piece.begin) piece.end = std::min(piece.end, piece.begin + shape_.batch_outputs);
  }
  if (!pay(row, piece.end - piece.begin)) return {};
  return piece;
}

// Charges the first request whose budget accepts; those that refuse are complete.
bool Scheduler::pay(Row& row, int tokens) {
  while (!row.requests.empty()) {
    Request& payer = *row.requests.front();
    if (payer.budget->reserve({.evaluated_tokens = tokens})) {
      payer.usage.evaluated_tokens += tokens;
      return true;
    }
    const std::lock_guard lock(shared_->mutex);
    if (row.requests.size() == 1) close_row(row);
    finish(std::move(row.requests.front()), payer.budget->stopped().value_or(Stop::budget));
    row.requests.erase(row.requests.begin());
  }
  std::erase_if(rows_, [&](const auto& other) { return other.get() == &row; });
  return false;
}

// One decode. window > 0: pieces of one length, in a window of that many neighbouring sequences;
// 0: the pieces as they are.
void Scheduler::run_batch(std::vector<Piece> pieces, int window) {
  {
    const std::lock_guard lock(shared_->mutex);
    kv_.settle();
    make_room(pieces);
    if (pieces.empty()) return;
    const int start = window > 0 ? arrange(pieces, window) : 0;
    std::sort(pieces.begin(), pieces.end(),
              [](const Piece& a, const Piece& b) { return a.row->sequence < b.row->sequence; });
    window > 0 ? build_window(pieces, start, window) : build_pieces(pieces);
    fill_outputs();
  }
  decoder_->capture(pieces.front().row->requests.front()->capture);
  const auto start = Clock::now();
  decoder_->decode(batch_);
  const double decode_seconds = seconds_since(start);
  after_batch(pieces);
  sample(pieces);
  const std::lock_guard lock(counters_mutex_);
  ++counters_.decodes;
  counters_.decode_seconds += decode_seconds;
}

// Room in the cache for the pieces; the newest rows go back to waiting when there is none.
void Scheduler::make_room(std::vector<Piece>& pieces) {
  int tokens = 0;
  for (const Piece& piece : pieces) tokens += piece.end - piece.begin;
  while (!kv_.make_room(tokens) && rows_.size() > 1) {
    std::erase_if(pieces, [&](const Piece& piece) {
      if (piece.row != rows_.back().get()) return false;
      const int unused = piece.end - piece.begin;
      piece.row->requests.front()->budget->give_back({.evaluated_tokens = unused});
      piece.row->requests.front()->usage.evaluated_tokens -= unused;
      tokens -= unused;
      return true;
    });
    preempt();
  }
}

void Scheduler::add_piece(Piece& piece) {
  piece.first = batch_.size();
  const Node end = tree_.ancestor(piece.row->target, piece.end);
  const std::vector<Token> tokens = tree_.path(end, piece.begin);
  for (int i = 0; i < piece.end - piece.begin; ++i)
    batch_.push_back({tokens[i], piece.begin + i, piece.row->sequence,
                      piece.begin + i >= piece.row->requests.front()->from});
}

// How many tokens a batch must have that has none but this piece.
int Scheduler::fewest_tokens(const Piece& piece) const {
  const bool alone = piece.end - piece.begin == 1 && piece.begin < shape_.lone_positions;
  return alone ? 1 : shape_.batch_minimum;
}

// The pieces one after another. A single one that is too small is followed by tokens that are
// evaluated and dropped.
void Scheduler::build_pieces(std::vector<Piece>& pieces) {
  batch_.clear();
  fillers_.clear();
  for (Piece& piece : pieces) add_piece(piece);
  const BatchToken last = batch_.back();
  const int missing = fewest_tokens(pieces.back()) - static_cast<int>(batch_.size());
  for (int i = 1; i <= missing; ++i)
    batch_.push_back({last.token, last.position + i, last.sequence, false});
  if (missing > 0) fillers_.push_back({last.sequence, last.position + 1});
}

// The pieces of every sequence in the window; where they are of one token, between them one that is
// dropped.
void Scheduler::build_window(std::vector<Piece>& pieces, int start, int window) {
  batch_.clear();
  fillers_.clear();
  std::size_t next = 0;
  for (int s = start; s < start + window; ++s) {
    if (next < pieces.size() && pieces[next].row->sequence == s) {
      add_piece(pieces[next++]);
    } else {
      fillers_.push_back({s, tree_.length(s)});
      batch_.push_back({0, tree_.length(s), s, false});
    }
  }
}

// The last block and the output layer run for the rows with logits alone: they are a batch of their
// own.
void Scheduler::fill_outputs() {
  int outputs = 0;
  for (const BatchToken& token : batch_) outputs += token.output;
  int missing = outputs == 0 ? 0 : shape_.output_minimum - outputs;
  for (auto token = batch_.rbegin(); missing > 0; ++token) {
    missing -= !token->output;
    token->output = true;
  }
}

// Brings the rows' sequences into a window of `count` neighbours, since a decoder with split
// sequences evaluates neighbours in one go. Returns where the window starts.
int Scheduler::arrange(const std::vector<Piece>& pieces, int count) {
  std::vector<int> used(shape_.sequences, 0);
  for (const Piece& piece : pieces) used[piece.row->sequence] = 1;
  int start = 0, most = -1, inside = 0;
  for (int end = 0; end < shape_.sequences; ++end) {
    inside += used[end];
    if (end >= count) inside -= used[end - count];
    if (end >= count - 1 && inside > most) most = inside, start = end - count + 1;
  }
  std::vector<int> slots;  // free ones of the window, the cheapest to move into first
  for (int s = start; s < start + count; ++s)
    if (!used[s]) slots.push_back(s);
  std::stable_sort(slots.begin(), slots.end(),
                   [this](int a, int b) { return tree_.length(a) < tree_.length(b); });
  auto slot = slots.begin();
  for (const Piece& piece : pieces) {
    const int sequence = piece.row->sequence;
    if (sequence < start || sequence >= start + count) move_sequence(sequence, *slot++);
  }
  return start;
}

void Scheduler::move_sequence(int from, int to) {
  kv_.swap(from, to);
  for (auto& row : rows_) {
    if (row->sequence == from)
      row->sequence = to;
    else if (row->sequence == to)
      row->sequence = from;
  }
}

void Scheduler::after_batch(const std::vector<Piece>& pieces) {
  const std::lock_guard lock(shared_->mutex);
  for (const auto& [sequence, length] : fillers_) decoder_->trim(sequence, length);
  kv_.decoded();
  std::int64_t evaluated = 0, unique = 0, rows = 0;
  for (const Piece& piece : pieces) {
    const Node end = tree_.ancestor(piece.row->target, piece.end);
    std::int64_t fresh = 0;
    Node node = end;
    for (int depth = piece.end; depth > piece.begin; --depth, node = tree_.parent(node)) {
      tree_.set_pending(node, false);
      fresh += tree_.note_evaluated(node);
      round_.evicted += tree_.evicted(node);
    }
    kv_.extended(piece.row->sequence, end);
    Request& payer = *piece.row->requests.front();
    payer.usage.unique_tokens += fresh;
    payer.budget->note_unique(fresh);
    evaluated += piece.end - piece.begin;
    unique += fresh;
    rows += std::max(0, piece.end - std::max(piece.begin, payer.from));
  }
  round_.evaluated += evaluated;
  const std::lock_guard counters_lock(counters_mutex_);
  counters_.evaluated_tokens += evaluated;
  counters_.unique_tokens += unique;
  counters_.rows += rows;
}

// ---- sample

void Scheduler::sample(const std::vector<Piece>& pieces) {
  struct Job {
    Request* request;
    const Piece* piece;
  };
  std::vector<Job> jobs;
  for (const Piece& piece : pieces)
    for (auto& request : piece.row->requests)
      if (piece.end > request->from) jobs.push_back({request.get(), &piece});
  const auto start = Clock::now();
  workers_.each(jobs.size(), [&](std::size_t j) {
    const auto [request, piece] = jobs[j];
    try {
      read_outputs(*request, *piece);
    } catch (...) {
      request->error = std::current_exception();
    }
  });
  const std::lock_guard lock(counters_mutex_);
  counters_.sample_seconds += seconds_since(start);
}

void Scheduler::read_outputs(Request& request, const Piece& piece) {
  for (int depth = std::max(piece.begin, request.from) + 1; depth <= piece.end; ++depth) {
    const std::size_t i = piece.first + (depth - 1 - piece.begin);
    request.capture.empty() ? request.output(depth, decoder_->logits(i))
                            : request.hidden(depth, *decoder_, i);
  }
}

// ---- advance

// Moves every row that has reached its target on: requests that drew the same token stay together,
// the others fork.
void Scheduler::advance() {
  const std::lock_guard lock(shared_->mutex);
  const std::size_t rows = rows_.size();
  std::vector<std::unique_ptr<Request>> forked;
  for (std::size_t r = 0; r < rows; ++r) {
    Row& row = *rows_[r];
    if (tree_.length(row.sequence) < tree_.depth(row.target)) continue;
    std::vector<std::unique_ptr<Request>> requests = std::move(row.requests);
    row.requests.clear();
    for (auto& request : requests) {
      const auto token = request->error ? std::nullopt : request->next();
      if (!token) {
        finish(std::move(request), {});
        continue;
      }
      step_to(*request, *token);
      if (row.requests.empty()) row.target = request->node;
      row.target == request->node ? row.requests.push_back(std::move(request))
                                  : forked.push_back(std::move(request));
    }
    row.requests.empty() ? close_row(row) : mark_pending(row, true);
  }
  std::erase_if(rows_, [](const auto& row) { return row->requests.empty(); });
  for (auto request = forked.rbegin(); request != forked.rend(); ++request)
    waiting_.push_front(std::move(*request));
}

void Scheduler::step_to(Request& request, Token token) {
  const Node child = tree_.child(request.node, token);
  tree_.release(request.node);
  request.node = child;
  request.from = tree_.depth(child) - 1;
}

// The newest row goes back to waiting, without its cells.
void Scheduler::preempt() {
  std::unique_ptr<Row> row = std::move(rows_.back());
  rows_.pop_back();
  mark_pending(*row, false);
  kv_.trim(row->sequence, 0);
  kv_.release(row->sequence);
  for (auto request = row->requests.rbegin(); request != row->requests.rend(); ++request)
    waiting_.push_front(std::move(*request));
}

void Scheduler::close_row(Row& row) {
  mark_pending(row, false);
  kv_.release(row.sequence);
}

void Scheduler::finish(std::unique_ptr<Request> request, std::optional<Stop> stop) {
  const Node node = request->node;
  {
    const std::lock_guard lock(counters_mutex_);
    counters_.generated_tokens += request->usage.generated_tokens;
  }
  request->error ? request->fail(request->error) : request->complete(tree_, stop);
  tree_.release(node);
  finished_.push_back(std::move(request));
}

void Scheduler::fail_all(std::exception_ptr error) {
  const std::lock_guard lock(shared_->mutex);
  for (auto& row : rows_) {
    for (auto& request : row->requests) waiting_.push_back(std::move(request));
    row->requests.clear();
    mark_pending(*row, false);
    kv_.trim(row->sequence, 0);
    kv_.release(row->sequence);
  }
  rows_.clear();
  for (auto& request : waiting_) {
    if (!request) continue;
    request->fail(error);
    tree_.release(request->node);
    finished_.push_back(std::move(request));
  }
  waiting_.clear();
}

}  // namespace cairn::llama
