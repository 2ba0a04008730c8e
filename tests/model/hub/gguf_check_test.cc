#include "model/hub/gguf_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "cairn/error.h"
#include "model/hub/gguf_tables.h"
#include "testkit/tiny_gguf.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testkit::GgufFile;
using testkit::tiny_gguf;
using testkit::TinyArch;
using testkit::TinyModel;
using testkit::TinyWeights;

class GgufCheckTest : public testing::Test {
 protected:
  GgufCheckTest() { fs::create_directories(folder_); }
  ~GgufCheckTest() override { fs::remove_all(folder_); }

  std::string error_of(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return error();
  }
  std::string error() const {
    try {
      check_gguf(path_);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::model);
      EXPECT_THAT(error.what(), HasSubstr(path_.string()));
      return error.what();
    }
    return "";
  }
  // The message about a tiny model after `edit`.
  std::string after(const std::function<void(GgufFile&)>& edit, TinyArch arch = TinyArch::llama) {
    GgufFile file = tiny_gguf({.arch = arch});
    edit(file);
    return error_of(file.bytes());
  }
  std::string with(const std::string& key, testkit::GgufValue value) {
    return after([&](GgufFile& file) { file.set(key, value); });
  }
  std::string without(const std::string& key) {
    return after([&](GgufFile& file) { file.erase(key); });
  }
  // The message about a tiny model with `value` at the n-th field of a kind.
  template <class T>
  std::string poked(const std::string& what, std::size_t n, T value) {
    std::vector<testkit::GgufField> fields;
    std::string bytes = tiny_gguf().bytes(&fields);
    for (const auto& field : fields)
      if (field.what == what && n-- == 0) {
        EXPECT_EQ(field.size, sizeof value);
        std::memcpy(bytes.data() + field.offset, &value, sizeof value);
        return error_of(bytes);
      }
    return "no such field";
  }

  const fs::path folder_ = fs::temp_directory_path() / ("cairn-gguf-" + std::to_string(::getpid()));
  const fs::path path_ = folder_ / "model.gguf";
};

TEST_F(GgufCheckTest, GoodFilesPass) {
  for (const TinyArch arch :
       {TinyArch::llama, TinyArch::gemma3, TinyArch::mamba, TinyArch::lfm2, TinyArch::qwen3})
    for (const TinyWeights weights : {TinyWeights::f32, TinyWeights::f16})
      EXPECT_EQ(error_of(tiny_gguf({.arch = arch, .weights = weights}).bytes()), "");
  const TinyModel mixed{.embedding = 256, .feed_forward = 256, .weights = TinyWeights::mixed};
  EXPECT_EQ(error_of(tiny_gguf(mixed).bytes()), "");
}

TEST_F(GgufCheckTest, SaysWhatTheModelIs) {
  const GgufFile file = tiny_gguf({.arch = TinyArch::gemma3, .layers = 3, .context = 777});
  std::ofstream(path_, std::ios::binary) << file.bytes();
  const GgufSummary summary = check_gguf(path_);
  EXPECT_EQ(summary.architecture, "gemma3");
  EXPECT_EQ(summary.name, "tiny gemma3");
  EXPECT_EQ(summary.layers, 3u);
  EXPECT_EQ(summary.embedding, 64u);
  EXPECT_EQ(summary.context, 777u);
  EXPECT_EQ(summary.vocabulary, 320u);
  EXPECT_TRUE(summary.chat_template);
  std::uint64_t bytes = 0;
  for (const auto& tensor : file.tensors) bytes += tensor.data.size();
  EXPECT_EQ(summary.parameters, bytes / 4);  // all in F32
}

TEST_F(GgufCheckTest, WhatIsNoGguf) {
  EXPECT_THAT(error(), HasSubstr("cannot be opened"));
  EXPECT_THAT(error_of(""), HasSubstr("only 0 bytes"));
  EXPECT_THAT(error_of("GG"), HasSubstr("only 2 bytes"));
  EXPECT_THAT(error_of("<!DOCTYPE html>"), HasSubstr("begins with \"<!DO\" instead of \"GGUF\""));
  EXPECT_THAT(error_of(std::string("\x7F"
                                   "ELF\x02",
                                   5)),
              HasSubstr("begins with \"?ELF\""));
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_THAT(error(), HasSubstr("is not a regular file"));
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(error(), HasSubstr("is not a regular file"));
}

TEST_F(GgufCheckTest, Versions) {
  EXPECT_EQ(poked("version", 0, 2u), "");
  EXPECT_THAT(poked("version", 0, 1u), HasSubstr("has GGUF version 1; 2 and 3 can be read"));
  EXPECT_THAT(poked("version", 0, 4u), HasSubstr("has GGUF version 4"));
  EXPECT_THAT(poked("version", 0, 0u), HasSubstr("has GGUF version 0"));
  EXPECT_THAT(poked("version", 0, 0x03000000u), HasSubstr("big-endian"));
}

TEST_F(GgufCheckTest, AbsurdCounts) {
  const std::uint64_t huge = ~std::uint64_t{0};
  EXPECT_THAT(poked("tensor count", 0, huge), HasSubstr("claims 18446744073709551615 tensors"));
  EXPECT_THAT(poked("key count", 0, huge), HasSubstr("claims 18446744073709551615 keys"));
  EXPECT_THAT(poked("key count", 0, std::uint64_t{60000}), HasSubstr("is truncated: 60000 keys"));
  EXPECT_THAT(poked("tensor count", 0, std::uint64_t{0}), HasSubstr("has no tensors"));
  EXPECT_THAT(poked("array length", 0, huge), HasSubstr("is truncated"));
  EXPECT_THAT(poked("array length", 0, std::uint64_t{1} << 61), HasSubstr("is truncated"));
}

TEST_F(GgufCheckTest, BadLengthsOfTexts) {
  const std::uint64_t huge = ~std::uint64_t{0};
  EXPECT_THAT(poked("key length", 0, huge), HasSubstr("is truncated"));
  EXPECT_THAT(poked("key length", 0, std::uint64_t{0}), HasSubstr("has an empty key"));
  EXPECT_THAT(poked("key length", 0, std::uint64_t{100000}), HasSubstr("at most are plausible"));
  EXPECT_THAT(poked("string length", 0, huge), HasSubstr("is truncated"));
  EXPECT_THAT(poked("tensor name length", 0, std::uint64_t{64}), HasSubstr("63"));
}

TEST_F(GgufCheckTest, BadTypes) {
  EXPECT_THAT(poked("value type", 0, 13u), HasSubstr("the unknown type 13"));
  EXPECT_THAT(poked("array type", 0, 99u), HasSubstr("the unknown type 99"));
  EXPECT_THAT(poked("array type", 0, 9u), HasSubstr("nests arrays"));
  EXPECT_THAT(poked("tensor type", 0, 4u), HasSubstr("in the unknown type 4"));
  EXPECT_THAT(poked("tensor type", 0, 43u), HasSubstr("in the unknown type 43"));
  EXPECT_THAT(poked("dimensions", 0, 5u), HasSubstr("5 dimensions"));
}

TEST_F(GgufCheckTest, TruncatedAnywhere) {
  const std::string bytes = tiny_gguf().bytes();
  for (std::size_t end = 4; end < bytes.size(); end = end * 9 / 8 + 1)
    EXPECT_THAT(error_of(bytes.substr(0, end)), HasSubstr("is truncated")) << end;
}

TEST_F(GgufCheckTest, NamesTwice) {
  EXPECT_THAT(after([](GgufFile& file) { file.values.push_back(file.values.front()); }),
              HasSubstr("has the key 'general.architecture' twice"));
  EXPECT_THAT(after([](GgufFile& file) { file.tensors.push_back(file.tensors.front()); }),
              HasSubstr("has the tensor 'token_embd.weight' twice"));
}

TEST_F(GgufCheckTest, Architectures) {
  EXPECT_THAT(without("general.architecture"), HasSubstr("lacks the key 'general.architecture'"));
  EXPECT_THAT(with("general.architecture", std::string("llamma")),
              AllOf(HasSubstr("the architecture 'llamma'"), HasSubstr("(it knows llama)")));
  EXPECT_THAT(with("general.architecture", std::string("clip")),
              HasSubstr("'clip', which is not a language model"));
  EXPECT_THAT(with("general.architecture", std::uint32_t{3}), HasSubstr("wrong type"));
  EXPECT_THAT(with("general.architecture", std::string("\x1B[31mred")),
              HasSubstr("'?[31mred'"));  // nothing reaches the terminal that it would obey
}

TEST_F(GgufCheckTest, ArchitecturesAreSorted) {
  EXPECT_TRUE(std::is_sorted(known_architectures().begin(), known_architectures().end()));
}

TEST_F(GgufCheckTest, Hyperparameters) {
  EXPECT_THAT(without("llama.block_count"), HasSubstr("lacks the hyperparameter"));
  EXPECT_THAT(with("llama.block_count", std::uint32_t{0}), HasSubstr("must be positive"));
  EXPECT_THAT(with("llama.block_count", std::uint32_t{513}), HasSubstr("512 at most"));
  EXPECT_THAT(with("llama.block_count", 2.0f), HasSubstr("wrong type"));
  EXPECT_THAT(without("llama.embedding_length"), HasSubstr("lacks the hyperparameter"));
  EXPECT_THAT(with("llama.embedding_length", std::uint32_t{65}), HasSubstr("token embeddings"));
  EXPECT_THAT(with("llama.context_length", std::uint32_t{0}), HasSubstr("must be positive"));
  EXPECT_THAT(with("llama.attention.head_count", std::uint32_t{65}), HasSubstr("has 65 heads"));
  EXPECT_THAT(with("llama.attention.head_count_kv", std::uint32_t{3}),
              HasSubstr("has 4 heads in layer 0, not a multiple of its 3 key-value heads"));
  EXPECT_THAT(with("llama.attention.head_count", std::vector<std::uint32_t>{4, 4, 4}),
              HasSubstr("has 3 values in 'llama.attention.head_count' for 2 layers"));
  EXPECT_THAT(with("llama.attention.key_length", std::uint32_t{0}), HasSubstr("must be positive"));
  EXPECT_THAT(with("llama.rope.scaling.type", std::string("cubic")), HasSubstr("'cubic'"));
  EXPECT_EQ(with("llama.rope.scaling.type", std::string("yarn")), "");
}

TEST_F(GgufCheckTest, Experts) {
  EXPECT_THAT(with("llama.expert_count", std::uint32_t{1025}), HasSubstr("1025 experts"));
  EXPECT_THAT(with("llama.expert_count", std::uint32_t{8}), HasSubstr("uses 0 of 8 experts"));
  EXPECT_THAT(with("llama.expert_used_count", std::uint32_t{2}), HasSubstr("uses 2 of 0 experts"));
  EXPECT_THAT(with("llama.expert_group_count", std::uint32_t{1}), HasSubstr("1 groups"));
}

TEST_F(GgufCheckTest, Splits) {
  // split.count is a 16-bit number, which GgufFile does not write: any other type is refused too.
  EXPECT_THAT(with("split.count", std::uint32_t{3}), HasSubstr("'split.count'"));
}

TEST_F(GgufCheckTest, Tokenizers) {
  EXPECT_THAT(without("tokenizer.ggml.model"), HasSubstr("it has no tokenizer"));
  EXPECT_THAT(with("tokenizer.ggml.model", std::string("none")), HasSubstr("has no tokenizer"));
  EXPECT_THAT(without("tokenizer.ggml.tokens"), HasSubstr("lacks the key"));
  EXPECT_THAT(with("tokenizer.ggml.tokens", std::vector<std::string>{}), HasSubstr("empty voc"));
  EXPECT_THAT(with("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b", "a"}),
              HasSubstr("the same text in token 2"));
  EXPECT_THAT(with("tokenizer.ggml.tokens", std::vector<std::uint32_t>{1}), HasSubstr("wrong ty"));
  EXPECT_THAT(with("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b"}),
              HasSubstr("has 320 x 64 token embeddings for 2 tokens"));
  EXPECT_THAT(with("tokenizer.ggml.token_type", std::vector<std::int32_t>{1, 1}),
              HasSubstr("has 2 values in 'tokenizer.ggml.token_type' for 320 tokens"));
  EXPECT_THAT(with("tokenizer.ggml.token_type", std::vector<float>(320, 1.0f)),
              HasSubstr("wrong type"));
  EXPECT_THAT(with("tokenizer.ggml.scores", std::vector<float>(319, 1.0f)), HasSubstr("319"));
  EXPECT_THAT(without("tokenizer.ggml.merges"), HasSubstr("which its tokenizer needs"));
}

TEST_F(GgufCheckTest, Alignment) {
  EXPECT_THAT(with("general.alignment", std::uint32_t{0}), HasSubstr("has the alignment 0"));
  EXPECT_THAT(with("general.alignment", std::uint32_t{48}), HasSubstr("has the alignment 48"));
  EXPECT_THAT(with("general.alignment", std::uint32_t{1} << 31),
              HasSubstr("not a power of two up"));
  EXPECT_THAT(with("general.alignment", 32.0f), HasSubstr("wrong type"));
}

TEST_F(GgufCheckTest, Tensors) {
  EXPECT_THAT(poked("extent", 0, std::uint64_t{0}), HasSubstr("the impossible extent 0"));
  EXPECT_THAT(poked("extent", 0, ~std::uint64_t{0}), HasSubstr("the impossible extent"));
  EXPECT_THAT(poked("extent", 1, std::uint64_t{1} << 62), HasSubstr("the impossible extent"));
  EXPECT_THAT(poked("extent", 1, std::uint64_t{1} << 40), HasSubstr("is truncated"));
  EXPECT_THAT(poked("tensor offset", 0, std::uint64_t{32}), HasSubstr("at offset 32 instead of 0"));
  EXPECT_THAT(poked("tensor type", 0, 12u),
              HasSubstr("not a multiple of the 256 in a block of q4_K"));
  EXPECT_THAT(after([](GgufFile& file) { file.tensors.erase(file.tensors.begin()); }),
              HasSubstr("lacks the tensor 'token_embd.weight'"));
}

}  // namespace
}  // namespace cairn::hub
