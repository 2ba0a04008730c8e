// For which shapes of a batch are the logits of a row the same bits? What `--reproducible` rests on
// (docs/engine.md); to be run again on a new machine or with a new llama.cpp.
//
//   rows    one token of each of n split sequences: does it give what the same token gives among
//           four?
//   pieces  a prompt in pieces of n tokens: does the token after it give what it gives after pieces
//           of eight?
//
// With GGML_CPU_TILED_MM=0 in the environment llama.cpp leaves tiled products unused.
// Each number of rows is tried in the first and in the last sequences, after prefixes of the
// lengths of --prefix.

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "cairn/rng.h"
#include "llama.h"

namespace {

struct Options {
  std::string model, keys = "f16", values = "f16";
  int sequences = 16, threads = 2;
  bool repack = true, flash_attention = true;
  std::vector<int> prefixes{40, 300};
  std::vector<int> rows{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16};
  std::vector<int> pieces{1, 2, 3, 4, 5, 7, 8, 12, 31, 32, 60, 63, 64, 65, 128, 256};
};

using Logits = std::vector<float>;

// Equal bits. Zeros of two signs differ, and that is right.
bool same(const Logits& a, const Logits& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

class Context {
 public:
  explicit Context(const Options& options)
      : model_(nullptr, llama_model_free), context_(nullptr, llama_free) {
    llama_model_params load = llama_model_default_params();
    load.n_gpu_layers = 0;
    load.use_extra_bufts = options.repack;
    model_.reset(llama_model_load_from_file(options.model.c_str(), load));
    if (!model_) throw CLI::RuntimeError(fmt::format("{} could not be loaded", options.model), 5);
    const auto type = [](const std::string& name) {
      return name == "q8_0" ? GGML_TYPE_Q8_0 : GGML_TYPE_F16;
    };
    llama_context_params params = llama_context_default_params();
    const int longest = *std::max_element(options.prefixes.begin(), options.prefixes.end());
    params.n_ctx = static_cast<std::uint32_t>(options.sequences * (longest + 8));
    params.n_seq_max = options.sequences;
    params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = options.threads;
    params.kv_unified = false;
    params.flash_attn_type =
        options.flash_attention ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.type_k = type(options.keys);
    params.type_v = type(options.values);
    context_.reset(llama_init_from_model(model_.get(), params));
    if (!context_) throw CLI::RuntimeError("no context could be made", 5);
    vocabulary_ = llama_vocab_n_tokens(llama_model_get_vocab(model_.get()));
  }

  // The i-th token of a sequence: arbitrary, and another one in every sequence.
  llama_token token(int sequence, int i) const {
    return static_cast<llama_token>(cairn::mix(static_cast<std::uint64_t>(sequence), i) %
                                    static_cast<std::uint64_t>(vocabulary_));
  }

  void clear() { llama_memory_clear(llama_get_memory(context_.get()), false); }
  void trim(int sequence, int length) {
    llama_memory_seq_rm(llama_get_memory(context_.get()), sequence, length, -1);
  }

  struct Entry {
    int sequence, position;
    bool output;
  };
  void decode(const std::vector<Entry>& entries) {
    llama_batch batch = llama_batch_init(static_cast<int>(entries.size()), 0, 1);
    batch.n_tokens = static_cast<int>(entries.size());
    for (int i = 0; i < batch.n_tokens; ++i) {
      batch.token[i] = token(entries[i].sequence, entries[i].position);
      batch.pos[i] = entries[i].position;
      batch.n_seq_id[i] = 1;
      batch.seq_id[i][0] = entries[i].sequence;
      batch.logits[i] = entries[i].output;
    }
    const int status = llama_decode(context_.get(), batch);
    llama_batch_free(batch);
    if (status != 0) throw CLI::RuntimeError(fmt::format("a decode gave {}", status), 1);
  }
  Logits logits(int i) {
    const float* row = llama_get_logits_ith(context_.get(), i);
    return {row, row + vocabulary_};
  }

  void prompt(int sequence, int length, int piece) {
    for (int begin = 0; begin < length; begin += piece) {
      std::vector<Entry> entries;
      for (int i = begin; i < std::min(length, begin + piece); ++i)
        entries.push_back({sequence, i, false});
      entries.back().output = true;
      decode(entries);
    }
  }

  // The logits of one more token of each of the sequences [first, first + n).
  std::vector<Logits> rows(int first, int n, int position) {
    std::vector<Entry> entries;
    for (int s = first; s < first + n; ++s) entries.push_back({s, position, true});
    decode(entries);
    std::vector<Logits> all;
    for (int i = 0; i < n; ++i) all.push_back(logits(i));
    for (int s = first; s < first + n; ++s) trim(s, position);
    return all;
  }

 private:
  std::unique_ptr<llama_model, void (*)(llama_model*)> model_;
  std::unique_ptr<llama_context, void (*)(llama_context*)> context_;
  int vocabulary_ = 0;
};

void print_found(const std::string& what, const std::vector<int>& equal,
                 const std::vector<int>& other) {
  fmt::print("{}: {}; that do not: {}\n", what, fmt::join(equal, " "), fmt::join(other, " "));
  std::fflush(stdout);  // the next takes minutes
}

void try_rows(Context& context, const Options& options, int prefix) {
  context.clear();
  for (int s = 0; s < options.sequences; ++s) context.prompt(s, prefix, 8);
  std::vector<Logits> expected;  // among four
  for (int s = 0; s < options.sequences; s += 4)
    for (Logits& row : context.rows(s, 4, prefix)) expected.push_back(std::move(row));
  std::vector<int> equal, other;
  for (const int n : options.rows) {
    bool agrees = true;
    for (const int first : {0, options.sequences - n}) {
      const std::vector<Logits> got = context.rows(first, n, prefix);
      for (int i = 0; i < n; ++i) agrees = agrees && same(got[i], expected[first + i]);
    }
    (agrees ? equal : other).push_back(n);
  }
  print_found(fmt::format("after {} tokens: rows that agree with 4", prefix), equal, other);
}

void try_pieces(Context& context, const Options& options, int prefix) {
  const auto after = [&](int piece) {
    context.clear();
    for (int s = 0; s < 4; ++s) context.prompt(s, prefix, piece);
    return context.rows(0, 4, prefix);
  };
  const std::vector<Logits> expected = after(8);
  std::vector<int> equal, other;
  for (const int piece : options.pieces) {
    const std::vector<Logits> got = after(piece);
    const bool agrees = std::equal(got.begin(), got.end(), expected.begin(), same);
    (agrees ? equal : other).push_back(piece);
  }
  print_found(fmt::format("a prompt of {}: pieces that agree with 8", prefix), equal, other);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"For which shapes of a batch are the logits of a row the same bits?"};
  Options options;
  app.add_option("-m,--model", options.model, "a GGUF file")->required();
  app.add_flag("--repack,!--no-repack", options.repack);
  app.add_flag("--flash-attn,!--no-flash-attn", options.flash_attention);
  app.add_option("--cache-type-k", options.keys)->check(CLI::IsMember({"f16", "q8_0"}));
  app.add_option("--cache-type-v", options.values)->check(CLI::IsMember({"f16", "q8_0"}));
  app.add_option("-t,--threads", options.threads)->check(CLI::Range(1, 1024));
  app.add_option("--prefix", options.prefixes, "tokens before the row")->delimiter(',');
  app.add_option("--rows", options.rows)->delimiter(',')->check(CLI::Range(1, 256));
  app.add_option("--sequences", options.sequences, "a multiple of 4: as many prompts are read")
      ->check(CLI::Range(4, 256));
  app.add_option("--pieces", options.pieces)->delimiter(',')->check(CLI::Range(1, 512));
  CLI11_PARSE(app, argc, argv);
  try {
    const int most = *std::max_element(options.rows.begin(), options.rows.end());
    if (options.sequences % 4 != 0 || options.sequences < most)
      throw CLI::ValidationError(fmt::format(
          "--sequences: {} is no multiple of 4 or less than {} rows", options.sequences, most));
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    Context context(options);
    for (const int prefix : options.prefixes) try_rows(context, options, prefix);
    for (const int prefix : options.prefixes) try_pieces(context, options, prefix);
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }
}
