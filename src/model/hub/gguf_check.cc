#include "model/hub/gguf_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/nearest.h"
#include "model/hub/gguf_layout.h"
#include "model/hub/gguf_tables.h"

namespace cairn::hub {
namespace {

// llama.cpp's limits.
constexpr std::uint32_t kMostLayers = 512, kMostExperts = 1024;
constexpr std::uint64_t kDefaultAlignment = 32, kLargestAlignment = 1 << 20;

std::string printable(std::string text) {
  if (text.size() > 40) text = text.substr(0, 40) + "…";
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  return text;
}

class Check {
 public:
  explicit Check(const std::filesystem::path& path) : path_(path), layout_(read_layout(path)) {}

  GgufSummary run() {
    read_architecture();
    check_shape();
    check_experts();
    check_rope();
    check_tokenizer();
    check_tensors();
    check_embedding();
    summary_.name = text("general.name").value_or("");
    const GgufEntry* chat = find("tokenizer.chat_template");
    summary_.chat_template = chat != nullptr && chat->type == GgufType::string;
    return summary_;
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const { refuse_gguf(path_, reason); }

  const GgufEntry* find(const std::string& key) const {
    const auto found = layout_.entries.find(key);
    return found == layout_.entries.end() ? nullptr : &found->second;
  }

  // A text, if the key is there. Errors: another type.
  std::optional<std::string> text(const std::string& key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr) return {};
    if (entry->is_array || entry->type != GgufType::string)
      refuse(fmt::format("has a value of the wrong type in '{}': a text is needed", key));
    return entry->text;
  }

  // An unsigned 32-bit number, if the key is there. Errors: another type.
  std::optional<std::uint32_t> number(const std::string& key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr) return {};
    if (entry->is_array || entry->type != GgufType::u32)
      refuse(
          fmt::format("has a value of the wrong type in '{}': a 32-bit unsigned number is "
                      "needed",
                      key));
    return static_cast<std::uint32_t>(entry->bits);
  }

  std::string key(const char* name) const { return summary_.architecture + "." + name; }

  std::uint32_t positive(const char* name) const {
    const std::optional<std::uint32_t> value = number(key(name));
    if (!value) refuse(fmt::format("lacks the hyperparameter '{}'", key(name)));
    if (*value == 0 || *value > INT32_MAX)
      refuse(fmt::format("has {} in '{}', which must be positive", *value, key(name)));
    return *value;
  }

  // One number for all layers, or one for each. Empty when the key is absent.
  std::vector<std::uint32_t> per_layer(const char* name) const {
    const GgufEntry* entry = find(key(name));
    if (entry == nullptr) return {};
    if (!entry->is_array) return std::vector(summary_.layers, *number(key(name)));
    if (entry->type != GgufType::u32 && entry->type != GgufType::i32)
      refuse(fmt::format("has an array of the wrong type in '{}'", key(name)));
    if (entry->length != summary_.layers)
      refuse(fmt::format("has {} values in '{}' for {} layers", entry->length, key(name),
                         summary_.layers));
    return entry->list;
  }

  void read_architecture() {
    if (const std::optional<std::uint32_t> count = split_count(); count && *count > 1)
      refuse(fmt::format("is one of {} parts of a split model, which cairn does not read", *count));
    const std::optional<std::string> name = text("general.architecture");
    if (!name || name->empty()) refuse("lacks the key 'general.architecture'");
    summary_.architecture = *name;
    const auto& others = other_architectures();
    if (std::find(others.begin(), others.end(), *name) != others.end())
      refuse(fmt::format("has the architecture '{}', which is not a language model", *name));
    const auto& known = known_architectures();
    if (std::binary_search(known.begin(), known.end(), *name)) return;
    const std::string close =
        base::nearest(*name, std::vector<std::string>(known.begin(), known.end()));
    refuse(fmt::format("has the architecture '{}', which this build's llama.cpp does not know{}",
                       printable(*name),
                       close.empty() ? "" : fmt::format(" (it knows {})", close)));
  }

  std::optional<std::uint32_t> split_count() const {
    const GgufEntry* entry = find("split.count");
    if (entry == nullptr) return {};
    if (entry->is_array || entry->type != GgufType::u16)
      refuse("has a value of the wrong type in 'split.count'");
    return static_cast<std::uint32_t>(entry->bits);
  }

  void check_shape() {
    summary_.layers = positive("block_count");
    if (summary_.layers > kMostLayers)
      refuse(
          fmt::format("has {} layers; llama.cpp reads {} at most", summary_.layers, kMostLayers));
    summary_.embedding = positive("embedding_length");
    summary_.context = positive("context_length");
    const std::uint32_t drafted = number(key("nextn_predict_layers")).value_or(0);
    if (drafted > summary_.layers)
      refuse(fmt::format("has {} prediction layers among {} layers", drafted, summary_.layers));
    per_layer("feed_forward_length");
    check_heads();
  }

  void check_heads() const {
    const std::vector<std::uint32_t> heads = per_layer("attention.head_count");
    const std::vector<std::uint32_t> kv_heads = per_layer("attention.head_count_kv");
    for (std::size_t i = 0; i < heads.size(); ++i) {
      if (heads[i] > summary_.embedding && !find(key("attention.key_length")))
        refuse(fmt::format("has {} heads for an embedding of {} in layer {}", heads[i],
                           summary_.embedding, i));
      const std::uint32_t kv = kv_heads.empty() ? heads[i] : kv_heads[i];
      if (heads[i] > 0 && kv > 0 && heads[i] % kv != 0)
        refuse(fmt::format("has {} heads in layer {}, not a multiple of its {} key-value heads",
                           heads[i], i, kv));
    }
    for (const char* name : {"attention.key_length", "attention.value_length"})
      if (find(key(name)) != nullptr) positive(name);
  }

  void check_experts() const {
    const std::uint32_t experts = number(key("expert_count")).value_or(0);
    const std::vector<std::uint32_t> used = per_layer("expert_used_count");
    const std::uint32_t most = used.empty() ? 0 : *std::max_element(used.begin(), used.end());
    const std::uint32_t groups = number(key("expert_group_count")).value_or(0);
    const std::uint32_t groups_used = number(key("expert_group_used_count")).value_or(0);
    if (experts > kMostExperts)
      refuse(fmt::format("has {} experts; llama.cpp reads {} at most", experts, kMostExperts));
    if (most > experts || (experts > 0 && most == 0))
      refuse(fmt::format("uses {} of {} experts", most, experts));
    const bool divided =
        groups <= 1 || (experts % groups == 0 && groups_used > 0 && groups_used < groups);
    if (groups > 0 && (groups >= experts || !divided))
      refuse(fmt::format("has {} experts in {} groups of which {} are used", experts, groups,
                         groups_used));
  }

  void check_rope() const {
    const std::string scaling = text(key("rope.scaling.type")).value_or("linear");
    for (const char* known : {"none", "linear", "yarn", "longrope"})
      if (scaling == known) return;
    refuse(fmt::format("has the unknown rope scaling '{}'", printable(scaling)));
  }

  void check_tokenizer() {
    const std::optional<std::string> model = text("tokenizer.ggml.model");
    if (!model) refuse("lacks the key 'tokenizer.ggml.model': it has no tokenizer");
    if (*model == "none" || *model == "no_vocab")
      refuse("has no tokenizer, so that no text can be given to it");
    const GgufEntry* tokens = find("tokenizer.ggml.tokens");
    if (tokens == nullptr) refuse("lacks the key 'tokenizer.ggml.tokens'");
    if (!tokens->is_array || tokens->type != GgufType::string)
      refuse("has a value of the wrong type in 'tokenizer.ggml.tokens'");
    if (tokens->length == 0) refuse("has an empty vocabulary");
    if (layout_.tokens_repeat)
      refuse(fmt::format("has the same text in token {} and an earlier one", layout_.repeated));
    summary_.vocabulary = tokens->length;
    check_column("tokenizer.ggml.scores", GgufType::f32);
    check_column("tokenizer.ggml.token_type", GgufType::i32);
    check_merges(*model);
  }

  // An array with a value for each token, if the key is there.
  void check_column(const std::string& key, GgufType type) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr) return;
    const bool right = entry->is_array && (entry->type == type || entry->type == GgufType::i32);
    if (!right) refuse(fmt::format("has a value of the wrong type in '{}'", key));
    if (entry->length < summary_.vocabulary)
      refuse(fmt::format("has {} values in '{}' for {} tokens", entry->length, key,
                         summary_.vocabulary));
  }

  void check_merges(const std::string& model) const {
    const GgufEntry* merges = find("tokenizer.ggml.merges");
    const bool needed = model == "gpt2" && text("tokenizer.ggml.pre") != "kimi-k2";
    if (merges == nullptr) {
      if (needed) refuse("lacks the key 'tokenizer.ggml.merges', which its tokenizer needs");
    } else if (!merges->is_array || merges->type != GgufType::string) {
      refuse("has a value of the wrong type in 'tokenizer.ggml.merges'");
    }
  }

  std::uint64_t alignment() const {
    const std::uint64_t value =
        number("general.alignment").value_or(static_cast<std::uint32_t>(kDefaultAlignment));
    if (value == 0 || (value & (value - 1)) != 0 || value > kLargestAlignment)
      refuse(fmt::format("has the alignment {}, not a power of two up to {}", value,
                         kLargestAlignment));
    return value;
  }

  // Elements and bytes of a tensor, both without overflow.
  struct Extent {
    std::uint64_t elements, bytes;
  };
  Extent extent_of(const GgufTensorInfo& tensor) const {
    const TensorType* type = tensor_type(tensor.type);
    if (type == nullptr)
      refuse(fmt::format("has the tensor '{}' in the unknown type {}", printable(tensor.name),
                         tensor.type));
    if (tensor.shape[0] % type->block != 0)
      refuse(
          fmt::format("has rows of {} elements in the tensor '{}', not a multiple of the {} in a "
                      "block of {}",
                      tensor.shape[0], printable(tensor.name), type->block, type->name));
    std::uint64_t elements = 1;
    for (const std::uint64_t extent : tensor.shape) {
      if (extent == 0 || extent > INT64_MAX || elements > INT64_MAX / extent)
        refuse(fmt::format("has the impossible extent {} in the tensor '{}'", extent,
                           printable(tensor.name)));
      elements *= extent;
    }
    if (elements / type->block > INT64_MAX / type->bytes)
      refuse(fmt::format("has an impossibly large tensor '{}'", printable(tensor.name)));
    return {elements, elements / type->block * type->bytes};
  }

  void check_tensors() {
    if (layout_.tensors.empty()) refuse("has no tensors");
    const std::uint64_t align = summary_.alignment = alignment();
    const std::uint64_t data = (layout_.table_end + align - 1) / align * align;
    std::uint64_t expected = 0;
    for (const GgufTensorInfo& tensor : layout_.tensors) {
      const Extent extent = extent_of(tensor);
      if (tensor.offset != expected)
        refuse(fmt::format("has the tensor '{}' at offset {} instead of {}", printable(tensor.name),
                           tensor.offset, expected));
      const std::uint64_t room =
          layout_.file_bytes < data ? 0 : layout_.file_bytes - data;  // for all tensors
      if (expected > room || extent.bytes > room - expected)
        refuse(
            fmt::format("is truncated: the tensor '{}' ends at byte {} of the data but the file "
                        "has {}",
                        printable(tensor.name), expected + extent.bytes, room));
      expected += (extent.bytes + align - 1) / align * align;
      summary_.parameters += extent.elements;
    }
  }

  void check_embedding() const {
    const auto found =
        std::find_if(layout_.tensors.begin(), layout_.tensors.end(),
                     [](const GgufTensorInfo& t) { return t.name == "token_embd.weight"; });
    if (found == layout_.tensors.end()) refuse("lacks the tensor 'token_embd.weight'");
    if (found->shape[0] != summary_.embedding || found->shape[1] != summary_.vocabulary)
      refuse(fmt::format("has {} x {} token embeddings for {} tokens and an embedding of {}",
                         found->shape[1], found->shape[0], summary_.vocabulary,
                         summary_.embedding));
  }

  const std::filesystem::path& path_;
  const GgufLayout layout_;
  GgufSummary summary_;
};

}  // namespace

GgufSummary check_gguf(const std::filesystem::path& path) {
  return Check(path).run();
}

}  // namespace cairn::hub
