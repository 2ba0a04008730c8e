#include "testkit/tiny_gguf.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>

namespace cairn::testkit {
namespace {

constexpr const char* kChatTemplate =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' "
    "}}{% endif %}";

const char* name_of(TinyArch arch) {
  switch (arch) {
    case TinyArch::llama:
      return "llama";
    case TinyArch::gemma3:
      return "gemma3";
    case TinyArch::mamba:
      return "mamba";
    case TinyArch::lfm2:
      return "lfm2";
    case TinyArch::qwen3:
      return "qwen3";
  }
  return "";
}

std::string utf8(std::uint32_t code) {  // below 0x800 is all that GPT-2's alphabet needs
  if (code < 0x80) return {static_cast<char>(code)};
  return {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
}

// GPT-2's alphabet: a printable byte stands for itself, the others for U+0100 and on.
std::vector<std::string> byte_alphabet() {
  std::vector<std::string> letters(256);
  std::uint32_t next = 256;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    const bool printable =
        (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    letters[byte] = utf8(printable ? byte : next++);
  }
  return letters;
}

// "\u0120" (Ġ) is a leading space in GPT-2's alphabet.
const std::pair<const char*, const char*> kMerges[] = {
    {"t", "h"},   {"th", "e"}, {"Ġ", "t"},   {"Ġt", "h"},    {"Ġth", "e"},    {"i", "n"},
    {"a", "n"},   {"e", "r"},  {"o", "n"},   {"r", "e"},     {"an", "d"},     {"in", "g"},
    {"Ġ", "a"},   {"Ġ", "an"}, {"Ġan", "d"}, {"Ġ", "i"},     {"Ġi", "s"},     {"Ġ", "o"},
    {"Ġo", "f"},  {"s", "t"},  {"e", "n"},   {"o", "r"},     {"Ġ", "s"},      {"Ġ", "w"},
    {"Ġ", "c"},   {"Ġ", "b"},  {"e", "s"},   {"a", "t"},     {"Ġ", "p"},      {"s", "o"},
    {"Ġ", "so"},  {"w", "er"}, {"an", "s"},  {"ans", "wer"}, {"Ġ", "answer"}, {"st", "e"},
    {"ste", "p"}, {"S", "t"},  {"St", "e"},  {"Ste", "p"},
};

struct Vocabulary {
  std::vector<std::string> tokens, merges;
  std::vector<std::int32_t> types;  // 1 normal, 3 control
  std::uint32_t text_begin = 0, turn_end = 0;

  std::uint32_t add(const std::string& token, std::int32_t type) {
    tokens.push_back(token);
    types.push_back(type);
    return static_cast<std::uint32_t>(tokens.size() - 1);
  }
};

Vocabulary make_vocabulary() {
  Vocabulary vocabulary;
  for (const std::string& letter : byte_alphabet()) vocabulary.add(letter, 1);
  for (const auto& [left, right] : kMerges) {
    vocabulary.merges.push_back(std::string(left) + " " + right);
    vocabulary.add(std::string(left) + right, 1);
  }
  vocabulary.text_begin = vocabulary.add("<|endoftext|>", 3);
  vocabulary.add("<|im_start|>", 3);
  vocabulary.turn_end = vocabulary.add("<|im_end|>", 3);
  while (vocabulary.tokens.size() % 32 != 0)
    vocabulary.add("<|unused_" + std::to_string(vocabulary.tokens.size()) + "|>", 3);
  return vocabulary;
}

std::uint16_t to_half(float value) {  // for normal values; smaller ones become zero
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint32_t sign = bits >> 16 & 0x8000;
  const std::int32_t exponent = static_cast<std::int32_t>(bits >> 23 & 0xFF) - 127 + 15;
  if (exponent <= 0) return static_cast<std::uint16_t>(sign);
  return static_cast<std::uint16_t>(sign | exponent << 10 | (bits >> 13 & 0x3FF));
}

std::string suffix_of(TinyWeights weights) {
  switch (weights) {
    case TinyWeights::f32:
      return "";
    case TinyWeights::f16:
      return "-f16";
    case TinyWeights::mixed:
      return "-mixed";
    case TinyWeights::five:
      return "-five";
  }
  return "";
}

// Fills a model with tensors; `rng` is the only source of randomness, so that a seed fixes them.
class Builder {
 public:
  Builder(GgufFile& file, const TinyModel& options) : file_(file), o_(options), rng_(o_.seed) {}

  void build(std::uint64_t vocabulary) {
    matrix("token_embd.weight", o_.embedding, vocabulary, 1.0f);
    constant(o_.arch == TinyArch::lfm2 ? "token_embd_norm.weight" : "output_norm.weight",
             o_.embedding, 1.0f);
    // The last norm leaves vectors of length sqrt(embedding), so that logits spread by about 3.
    matrix("output.weight", o_.embedding, vocabulary, 3.0f / std::sqrt(1.0f * o_.embedding));
    if (o_.arch == TinyArch::qwen3) matrix("cls.output.weight", o_.embedding, 2);
    for (std::uint32_t i = 0; i < o_.layers; ++i) layer("blk." + std::to_string(i) + ".", i);
  }

 private:
  void layer(const std::string& at, std::uint32_t index) {
    constant(at + "attn_norm.weight", o_.embedding, 1.0f);
    if (o_.arch == TinyArch::mamba) return mamba(at);
    if (o_.arch == TinyArch::lfm2 && index % 2 == 0)
      short_convolution(at);
    else
      attention(at);
    feed_forward(at);
  }

  void attention(const std::string& at) {
    const std::uint64_t head = o_.embedding / o_.heads;
    matrix(at + "attn_q.weight", o_.embedding, o_.embedding);
    matrix(at + "attn_k.weight", o_.embedding, head * o_.kv_heads);
    matrix(at + "attn_v.weight", o_.embedding, head * o_.kv_heads);
    matrix(at + "attn_output.weight", o_.embedding, o_.embedding);
    if (o_.arch == TinyArch::llama) return;
    constant(at + "attn_q_norm.weight", head, 1.0f);
    constant(at + "attn_k_norm.weight", head, 1.0f);
    if (o_.arch == TinyArch::gemma3)
      constant(at + "post_attention_norm.weight", o_.embedding, 1.0f);
  }

  void feed_forward(const std::string& at) {
    constant(at + "ffn_norm.weight", o_.embedding, 1.0f);
    matrix(at + "ffn_gate.weight", o_.embedding, o_.feed_forward);
    matrix(at + "ffn_up.weight", o_.embedding, o_.feed_forward);
    matrix(at + "ffn_down.weight", o_.feed_forward, o_.embedding);
    if (o_.arch == TinyArch::gemma3) constant(at + "post_ffw_norm.weight", o_.embedding, 1.0f);
  }

  void short_convolution(const std::string& at) {
    random(at + "shortconv.conv.weight", {3, o_.embedding}, 0.5f, /*half=*/false);
    matrix(at + "shortconv.in_proj.weight", o_.embedding, 3 * o_.embedding);
    matrix(at + "shortconv.out_proj.weight", o_.embedding, o_.embedding);
  }

  void mamba(const std::string& at) {
    const std::uint64_t inner = 2 * o_.embedding, state = 16, rank = 8;
    matrix(at + "ssm_in.weight", o_.embedding, 2 * inner);
    random(at + "ssm_conv1d.weight", {4, inner}, 0.5f, /*half=*/false);
    random(at + "ssm_conv1d.bias", {inner}, 0.1f, /*half=*/false);
    matrix(at + "ssm_x.weight", inner, rank + 2 * state);
    matrix(at + "ssm_dt.weight", rank, inner);
    constant(at + "ssm_dt.bias", inner, -2.0f);
    std::vector<float> decay;
    for (std::uint64_t i = 0; i < inner * state; ++i)
      decay.push_back(-1.0f - static_cast<float>(i % state));
    add(at + "ssm_a", {state, inner}, decay, /*half=*/false);
    constant(at + "ssm_d", inner, 1.0f);
    matrix(at + "ssm_out.weight", inner, o_.embedding);
  }

  void matrix(const std::string& name, std::uint64_t in, std::uint64_t out) {
    matrix(name, in, out, 1.7f / std::sqrt(static_cast<float>(in)));
  }
  void matrix(const std::string& name, std::uint64_t in, std::uint64_t out, float scale) {
    if (o_.weights == TinyWeights::mixed)
      quants(name, {in, out}, scale);
    else if (o_.weights == TinyWeights::five)
      fives(name, {in, out}, scale);
    else
      random(name, {in, out}, scale, o_.weights == TinyWeights::f16);
  }

  // Blocks of 256 elements: quants and scales of random bits, and 16-bit factors that make their
  // products about as large as `scale`. Q4_K: factors of quant and minimum, 12 bytes of scales, 128
  // of quants. Q6_K: 192 bytes of quants, 16 of scales, their factor.
  void quants(const std::string& name, const std::vector<std::uint64_t>& shape, float scale) {
    const bool six = name.ends_with("ffn_down.weight");
    const std::size_t block = six ? 210 : 144;
    std::string data(shape[0] * shape[1] / 256 * block, '\0');
    for (char& byte : data) byte = static_cast<char>(rng_() >> 56);
    for (std::size_t at = 0; at < data.size(); at += block) {
      const std::uint16_t factor = to_half(scale / (six ? 1300.0f : 180.0f));
      std::memcpy(data.data() + at + (six ? 208 : 0), &factor, sizeof factor);
      const std::uint16_t minimum = to_half(scale / 24.0f);
      if (!six) std::memcpy(data.data() + at + 2, &minimum, sizeof minimum);
    }
    file_.tensors.push_back({name, shape, six ? 14u : 12u, std::move(data)});
  }

  // Blocks of 32 elements: a factor and random quants in [-16, 15].
  void fives(const std::string& name, const std::vector<std::uint64_t>& shape, float scale) {
    constexpr std::size_t block = 22;
    std::string data(shape[0] * shape[1] / 32 * block, '\0');
    for (char& byte : data) byte = static_cast<char>(rng_() >> 56);
    const std::uint16_t factor = to_half(scale / 9.0f);
    for (std::size_t at = 0; at < data.size(); at += block)
      std::memcpy(data.data() + at, &factor, sizeof factor);
    file_.tensors.push_back({name, shape, 6u, std::move(data)});
  }

  void constant(const std::string& name, std::uint64_t size, float value) {
    add(name, {size}, std::vector<float>(size, value), /*half=*/false);
  }

  void random(const std::string& name, const std::vector<std::uint64_t>& shape, float scale,
              bool half) {
    std::uint64_t count = 1;
    for (const std::uint64_t extent : shape) count *= extent;
    std::vector<float> values(count);
    for (float& value : values)
      value = scale * (static_cast<float>(rng_() >> 40) / 8388608.0f - 1.0f);  // in [-scale, scale)
    add(name, shape, values, half);
  }

  void add(const std::string& name, std::vector<std::uint64_t> shape,
           const std::vector<float>& values, bool half) {
    std::string data(values.size() * (half ? 2 : 4), '\0');
    if (!half) std::memcpy(data.data(), values.data(), data.size());
    for (std::size_t i = 0; half && i < values.size(); ++i) {
      const std::uint16_t bits = to_half(values[i]);
      std::memcpy(data.data() + 2 * i, &bits, sizeof bits);
    }
    file_.tensors.push_back({name, std::move(shape), half ? 1u : 0u, std::move(data)});
  }

  GgufFile& file_;
  const TinyModel& o_;
  std::mt19937_64 rng_;
};

void set_shape(GgufFile& file, const TinyModel& o) {
  const std::string arch = name_of(o.arch);
  const auto set = [&](const char* key, GgufValue value) {
    file.set(arch + "." + key, std::move(value));
  };
  file.set("general.architecture", arch);
  file.set("general.name", "tiny " + arch);
  set("context_length", o.context);
  set("embedding_length", o.embedding);
  set("block_count", o.layers);
  set("attention.layer_norm_rms_epsilon", 1e-5f);
  if (o.arch == TinyArch::mamba) {
    set("feed_forward_length", std::uint32_t{0});
    set("attention.head_count", std::uint32_t{0});
    set("ssm.conv_kernel", std::uint32_t{4});
    set("ssm.inner_size", 2 * o.embedding);
    set("ssm.state_size", std::uint32_t{16});
    set("ssm.time_step_rank", std::uint32_t{8});
    return;
  }
  set("feed_forward_length", o.feed_forward);
  set("attention.head_count", o.heads);
  set("attention.head_count_kv", o.kv_heads);
  set("rope.freq_base", 10000.0f);
  if (o.arch == TinyArch::qwen3)
    set("classifier.output_labels", std::vector<std::string>{"no", "yes"});
  if (o.arch == TinyArch::gemma3) {
    std::vector<bool> windowed(o.layers, true);
    windowed.back() = false;
    set("attention.sliding_window", o.window);
    set("attention.sliding_window_pattern", windowed);
  }
  if (o.arch == TinyArch::lfm2) {
    std::vector<std::int32_t> kv_heads;
    for (std::uint32_t i = 0; i < o.layers; ++i)
      kv_heads.push_back(i % 2 == 0 ? 0 : static_cast<std::int32_t>(o.kv_heads));
    set("attention.head_count_kv", kv_heads);
    set("shortconv.l_cache", std::uint32_t{3});
  }
}

void set_tokenizer(GgufFile& file, const Vocabulary& vocabulary, bool chat_template) {
  file.set("tokenizer.ggml.model", "gpt2");
  file.set("tokenizer.ggml.pre", "gpt-2");
  file.set("tokenizer.ggml.tokens", vocabulary.tokens);
  file.set("tokenizer.ggml.token_type", vocabulary.types);
  file.set("tokenizer.ggml.merges", vocabulary.merges);
  file.set("tokenizer.ggml.bos_token_id", vocabulary.text_begin);
  file.set("tokenizer.ggml.eos_token_id", vocabulary.turn_end);
  file.set("tokenizer.ggml.padding_token_id", vocabulary.text_begin);
  file.set("tokenizer.ggml.add_bos_token", false);
  if (chat_template) file.set("tokenizer.chat_template", kChatTemplate);
}

}  // namespace

GgufFile tiny_gguf(const TinyModel& options) {
  const Vocabulary vocabulary = make_vocabulary();
  GgufFile file;
  set_shape(file, options);
  set_tokenizer(file, vocabulary, options.chat_template);
  Builder(file, options).build(vocabulary.tokens.size());
  return file;
}

std::string write_tiny_gguf(const std::filesystem::path& dir, const TinyModel& options) {
  const std::string name = std::string("tiny-") + name_of(options.arch) + "-" +
                           std::to_string(options.seed) + suffix_of(options.weights) + ".gguf";
  std::filesystem::create_directories(dir);
  std::ofstream file(dir / name, std::ios::binary);
  file << tiny_gguf(options).bytes();
  file.close();
  if (!file) throw std::runtime_error("cannot write " + (dir / name).string());
  return dir / name;
}

}  // namespace cairn::testkit
