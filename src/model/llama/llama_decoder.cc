#include "model/llama/llama_decoder.h"

#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>
#include <thread>

#include "cairn/error.h"
#include "ggml-backend.h"
#include "model/llama/kernels.h"
#include "model/llama/turn.h"

namespace cairn::llama {
namespace {

// Cells that every sequence has beyond the longest branch: for a token that fills a batch up.
constexpr int kSpareCells = 1;
// Sequences beyond the rows: for shared prompts, and for branches that wait or that a search may
// come back to. So many for each question in flight and at most so many in all, as long as all
// sequences take no larger part of the memory than this, but not fewer than the fewest.
constexpr int kSpareOfQuestion = 24, kMostSpare = 112, kFewestSpare = 8, kMemoryPart = 8;
// Tokens of prompts evaluated at once where nothing else bounds them.
constexpr int kPromptPiece = 256;

ggml_type type_of(CacheType type) {
  return type == CacheType::f16 ? GGML_TYPE_F16 : GGML_TYPE_Q8_0;
}

// Bytes of keys and values that one token takes.
std::int64_t bytes_per_token(const llama_model* model, ggml_type keys, ggml_type values) {
  const int heads = std::max(1, llama_model_n_head(model));
  const std::int64_t width =
      std::int64_t{llama_model_n_embd(model)} / heads * std::max(1, llama_model_n_head_kv(model));
  const auto bytes = [width](ggml_type type) {
    return width * static_cast<std::int64_t>(ggml_type_size(type)) / ggml_blck_size(type);
  };
  return (bytes(keys) + bytes(values)) * llama_model_n_layer(model);
}

// llama.cpp has written zeros where the logits of as many rows as there are sequences would go:
// what no batch fills need not stay in memory. The bytes are a part of memory that was allocated at
// once.
void give_back_zeros([[maybe_unused]] float* begin, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__  // elsewhere the pages need not read as zeros afterwards
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t from = (first + page - 1) / page * page, to = (first + bytes) / page * page;
  if (from < to) madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
#endif
}

int default_threads() {
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

std::int64_t memory_bytes() {
  return static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
}

ContextPlan plan_context(const llama_model* model, const LlamaOptions& options, bool invariant) {
  ContextPlan plan;
  // A sliding window may have dropped cells that a shorter prefix needs; a recurrent state has
  // none.
  plan.rollback = !llama_model_is_recurrent(model) && !llama_model_is_hybrid(model) &&
                  llama_model_n_swa(model) == 0;
  plan.flash_attention = options.flash_attention;
  plan.keys = type_of(options.keys);
  plan.values = type_of(options.values);
  plan.bytes_per_token = bytes_per_token(model, plan.keys, plan.values);
  plan.cells_per_sequence = options.context_tokens + kSpareCells;
  const int rows = std::max(options.rows, kInvariantMinimum);
  const auto at_most = [](int sequences) {
    return std::min(sequences, static_cast<int>(llama_max_parallel_sequences()));
  };
  const auto split_bytes = [&plan](int sequences) {
    return std::int64_t{sequences} * plan.cells_per_sequence * plan.bytes_per_token;
  };
  plan.outputs = at_most(rows + kFewestSpare);
  plan.sequences =
      at_most(rows + std::clamp(kSpareOfQuestion * options.questions, kFewestSpare, kMostSpare));
  const bool fits = split_bytes(plan.outputs) <= memory_bytes() / 4;
  plan.unified = !plan.rollback || options.kv == KvLayout::unified ||
                 (options.kv == KvLayout::automatic && !fits);
  plan.on_cpu = options.gpu_layers == 0;
  plan.batch_invariant = invariant && !plan.unified;
  if (!plan.unified) {
    const std::int64_t affordable = memory_bytes() / kMemoryPart / split_bytes(1);
    plan.sequences =
        static_cast<int>(std::clamp<std::int64_t>(affordable, plan.outputs, plan.sequences));
  }
  const int longest = plan.batch_invariant ? kInvariantMaximum : 1 << 20;
  plan.prompt_piece = std::min(options.ubatch.value_or(kPromptPiece), longest);
  plan.batch = std::max(plan.prompt_piece, plan.sequences);
  plan.threads = options.threads.value_or(default_threads());
  plan.threads_batch = options.threads_batch.value_or(plan.threads);
  return plan;
}

LlamaDecoder::LlamaDecoder(llama_model* model, const ContextPlan& plan, const std::string& name)
    : name_(name),
      layers_(llama_model_n_layer(model)),
      takes_turns_(plan.on_cpu && std::max(plan.threads, plan.threads_batch) > 1),
      context_(nullptr, llama_free) {
  llama_context_params params = llama_context_default_params();
  // A unified pool has room for the longest branch in every row at once, or a quarter of memory.
  const std::int64_t affordable = memory_bytes() / 4 / plan.bytes_per_token;
  const auto cells_of = [&plan](int branches) {
    return std::int64_t{branches} * plan.cells_per_sequence;
  };
  const std::int64_t cells =
      plan.unified ? std::max(cells_of(1), std::min(cells_of(plan.outputs), affordable))
                   : cells_of(plan.sequences);
  params.n_ctx = static_cast<std::uint32_t>(cells);
  params.n_seq_max = plan.sequences;
  params.n_batch = plan.batch;
  params.n_ubatch = plan.batch;
  params.n_outputs_max = plan.sequences;  // llama.cpp reserves a row for each
  params.n_threads = plan.threads;
  params.n_threads_batch = plan.threads_batch;
  params.kv_unified = plan.unified;
  params.type_k = plan.keys;
  params.type_v = plan.values;
  params.flash_attn_type =
      plan.flash_attention ? LLAMA_FLASH_ATTN_TYPE_AUTO : LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.swa_full = false;  // sliding-window layers keep their window only
  params.no_perf = true;
  params.cb_eval = &LlamaDecoder::on_tensor;
  params.cb_eval_user_data = this;
  context_.reset(llama_init_from_model(model, params));
  if (!context_)
    throw Error(Fault::model, "model/llama",
                fmt::format("no context of {} cells could be made for {}", cells, name_),
                "Lower --ctx-size or --parallel, or use a smaller model");
  output_rows_ = llama_get_logits(context_.get());
  if (plan.on_cpu)
    give_back_zeros(output_rows_, sizeof(float) *
                                      llama_vocab_n_tokens(llama_model_get_vocab(model)) *
                                      static_cast<std::size_t>(plan.sequences));
  memory_ = llama_get_memory(context_.get());
  if (memory_ == nullptr)
    throw Error(Fault::model, "model/llama", fmt::format("{} has no KV cache to branch in", name_),
                "Use a model that generates text");
  shape_ = {.sequences = plan.sequences,
            .cells = static_cast<int>(cells),
            .cells_per_sequence = plan.cells_per_sequence,
            .cache_bytes = llama_n_ctx(context_.get()) * plan.bytes_per_token,  // as llama.cpp pads
            .batch_tokens = plan.batch,
            .batch_outputs = plan.outputs,
            .vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model)),
            .hidden_size = llama_model_n_embd(model),
            .unified = plan.unified,
            .rollback = plan.rollback};
  const std::string stored =
      fmt::format("{} and {} cells{}", ggml_type_name(plan.keys), ggml_type_name(plan.values),
                  plan.repacked ? ", repacked" : "");
  if (!plan.batch_invariant || !rows_agree_here(*this, name, stored)) return;
  shape_.batch_invariant = true;
  shape_.batch_minimum = kInvariantMinimum;
  shape_.lone_positions = lone_positions_here(*this, name, stored);
  shape_.output_minimum = shape_.lone_positions > 0 ? 1 : kInvariantMinimum;
}

void LlamaDecoder::trim(int sequence, int length) {
  llama_memory_seq_rm(memory_, sequence, length == 0 ? -1 : length, -1);
}

void LlamaDecoder::copy(int from, int to, int length) {
  llama_memory_seq_rm(memory_, to, -1, -1);
  if (shape_.unified) {
    llama_memory_seq_cp(memory_, from, to, 0, shape_.rollback ? length : -1);
    return;
  }
  // llama.cpp would copy the cells of a split sequence later, with the next decode, when either of
  // the two may have been moved again.
  load(to, save(from, moved_));
  llama_memory_seq_rm(memory_, to, length, -1);
}

void LlamaDecoder::share(int from, int to, int position) {
  llama_memory_seq_rm(memory_, to, position, position + 1);
  llama_memory_seq_cp(memory_, from, to, position, position + 1);
}

void LlamaDecoder::swap(int a, int length_a, int b, int length_b) {
  if (length_b == 0) {
    copy(a, b, length_a);
    trim(a, 0);
  } else if (length_a == 0) {
    swap(b, length_b, a, length_a);
  } else {
    const auto cells = save(b, swapped_);
    copy(a, b, length_a);
    trim(a, 0);
    load(a, cells);
  }
}

std::span<const std::uint8_t> LlamaDecoder::save(int sequence, std::vector<std::uint8_t>& memory) {
  const auto write = [&] {
    return llama_state_seq_get_data(context_.get(), memory.data(), memory.size(), sequence);
  };
  std::size_t size = write();
  if (size == 0) {  // it does not fit; to ask for the size takes as long as to look for the cells
    memory.resize(llama_state_seq_get_size(context_.get(), sequence) * 3 / 2);
    size = write();
  }
  return {memory.data(), size};
}

void LlamaDecoder::load(int sequence, std::span<const std::uint8_t> cells) {
  if (llama_state_seq_set_data(context_.get(), cells.data(), cells.size(), sequence) == 0)
    throw Error(Fault::model, "model/llama",
                fmt::format("the cells of a branch of {} could not be moved", name_),
                "Report this with the model's name");
}

void LlamaDecoder::decode(std::span<const BatchToken> batch) {
  last_.assign(batch.begin(), batch.end());
  rows_written_ = 0;
  for (std::vector<float>& rows : captured_) rows.clear();
  std::vector<llama_token> tokens(batch.size());
  std::vector<llama_pos> positions(batch.size());
  std::vector<std::int32_t> counts(batch.size(), 1);
  std::vector<llama_seq_id> sequences(batch.size());
  std::vector<llama_seq_id*> sequence_lists(batch.size());
  std::vector<std::int8_t> outputs(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    tokens[i] = batch[i].token;
    positions[i] = batch[i].position;
    sequences[i] = batch[i].sequence;
    sequence_lists[i] = &sequences[i];
    outputs[i] = batch[i].output;
  }
  const llama_batch request{static_cast<std::int32_t>(batch.size()),
                            tokens.data(),
                            nullptr,
                            positions.data(),
                            counts.data(),
                            sequence_lists.data(),
                            outputs.data()};
  std::unique_lock<Turn> turn(processor_turn(), std::defer_lock);
  if (takes_turns_) turn.lock();
  const int status = llama_decode(context_.get(), request);
  if (takes_turns_) turn.unlock();
  if (status != 0)
    throw Error(
        Fault::model, "model/llama",
        fmt::format("llama.cpp could not decode a batch of {} tokens with {} (status {})",
                    batch.size(), name_, status),
        status == 1 ? "Lower --parallel or raise --ctx-size" : "Report this with the model's name");
  // Asked here, once: llama.cpp brings the rows into the order of the batch, and writes its
  // statistics whenever it is asked, so that threads that read rows may not.
  output_rows_ = llama_get_logits(context_.get());
}

std::span<float> LlamaDecoder::logits(std::size_t i) {
  const auto vocabulary = static_cast<std::size_t>(shape_.vocabulary);
  return {output_rows_ + output_row(i) * vocabulary, vocabulary};
}

// ---- what llama.cpp shows while it evaluates

// llama.cpp computes logits in its scratch memory and copies them from there to its output rows.
// Computed there at once, they take half the memory; the copy is then one onto itself.
void LlamaDecoder::write_in_place(ggml_tensor* logits) {
  const std::int64_t rows = ggml_nrows(logits);
  const bool plain = logits->type == GGML_TYPE_F32 && logits->view_src == nullptr &&
                     logits->ne[0] == shape_.vocabulary && ggml_is_contiguous(logits) &&
                     ggml_backend_buffer_is_host(logits->buffer);
  if (plain && rows_written_ + rows <= shape_.batch_outputs)
    logits->data = output_rows_ + rows_written_ * shape_.vocabulary;
  rows_written_ += rows;
}

// Hidden states: llama.cpp names the output of block N "l_out-N", and what its last norm makes of
// the last one "result_norm".
int LlamaDecoder::layer_named(std::string_view tensor) const {
  constexpr std::string_view kPrefix = "l_out-";
  if (tensor == "result_norm") return layers_;
  int layer = -1;
  if (tensor.starts_with(kPrefix))
    std::from_chars(tensor.data() + kPrefix.size(), tensor.data() + tensor.size(), layer);
  return layer;
}

void LlamaDecoder::capture(std::vector<int> layers) {
  capture_ = std::move(layers);
  captured_.assign(capture_.size(), {});
}

bool LlamaDecoder::on_tensor(ggml_tensor* tensor, bool ask, void* self) {
  return static_cast<LlamaDecoder*>(self)->keep(tensor, ask);
}

bool LlamaDecoder::keep(ggml_tensor* tensor, bool ask) {
  const std::string_view name = tensor->name;
  if (ask && name == "result_output") write_in_place(tensor);
  const int layer = capture_.empty() ? -1 : layer_named(name);
  bool wanted = false;
  for (std::size_t k = 0; k < capture_.size(); ++k) {
    if (capture_[k] != layer) continue;
    wanted = true;
    if (ask) break;
    std::vector<float>& rows = captured_[k];
    const std::size_t old = rows.size();
    rows.resize(old + ggml_nelements(tensor));
    ggml_backend_tensor_get(tensor, rows.data() + old, 0, ggml_nbytes(tensor));
  }
  return ask ? wanted : true;
}

std::size_t LlamaDecoder::output_row(std::size_t i) const {
  return std::count_if(last_.begin(), last_.begin() + static_cast<std::ptrdiff_t>(i),
                       [](const BatchToken& token) { return token.output; });
}

// From the last block on there are only the rows whose logits are wanted.
std::span<const float> LlamaDecoder::captured(std::size_t k, std::size_t i) {
  const std::size_t row = capture_[k] >= layers_ - 1 ? output_row(i) : i;
  const std::size_t size = shape_.hidden_size;
  if (captured_[k].size() < (row + 1) * size)
    throw Error(Fault::model, "model/llama",
                fmt::format("layer {} of {} shows no output", capture_[k], name_),
                "Ask for another layer");
  return std::span<const float>(captured_[k]).subspan(row * size, size);
}

}  // namespace cairn::llama
