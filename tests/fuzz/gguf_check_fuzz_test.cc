// Thousands of spoilt GGUF files: the check says no with a reason, or yes, and never anything else.
// What llama.cpp does with those that pass is tested in tests/app/models_gguf_fuzz_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cairn/error.h"
#include "model/hub/gguf_check.h"
#include "testkit/gguf_mutations.h"
#include "testkit/tiny_gguf.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testkit::Mutation;

class GgufFuzz : public testing::TestWithParam<testkit::TinyArch> {
 protected:
  ~GgufFuzz() override { fs::remove(path_); }

  // Number of files that pass.
  std::size_t check(const std::vector<Mutation>& mutations) {
    std::size_t passed = 0;
    for (const Mutation& mutation : mutations) {
      std::ofstream(path_, std::ios::binary) << mutation.bytes;
      try {
        check_gguf(path_);
        ++passed;
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::model) << mutation.what;
        EXPECT_THAT(error.what(), testing::HasSubstr(path_.string())) << mutation.what;
      }
    }
    return passed;
  }

  const testkit::GgufFile file_ = testkit::tiny_gguf({.arch = GetParam(),
                                                      .embedding = 32,
                                                      .feed_forward = 32,
                                                      .weights = testkit::TinyWeights::f16});
  const fs::path path_ =
      fs::temp_directory_path() / ("cairn-fuzz-" + std::to_string(::getpid()) + ".gguf");
};

TEST_P(GgufFuzz, ATruncatedFileNeverPasses) {
  EXPECT_EQ(check(testkit::truncations(file_)), 0u);
}

TEST_P(GgufFuzz, WrongFieldsGiveAReasonOrPass) {
  check(testkit::field_edits(file_));
}

TEST_P(GgufFuzz, WrongMeaningsGiveAReasonOrPass) {
  check(testkit::meaning_edits(file_));
}

TEST_P(GgufFuzz, FlippedBytesGiveAReasonOrPass) {
  check(testkit::byte_flips(file_, 400, 11));
}

INSTANTIATE_TEST_SUITE_P(Architectures, GgufFuzz,
                         testing::Values(testkit::TinyArch::llama, testkit::TinyArch::mamba));

}  // namespace
}  // namespace cairn::hub
