// From a file to an error: hundreds of spoilt GGUF files through the check and llama.cpp. Each is
// refused with Fault::model and its name, or it loads; whatever llama.cpp does, the process lives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cairn/error.h"
#include "model/llama/try_load.h"
#include "testkit/environment.h"
#include "testkit/gguf_mutations.h"
#include "testkit/temp_dir.h"
#include "testkit/tiny_gguf.h"

namespace cairn::llama {
namespace {

namespace fs = std::filesystem;
using testkit::Mutation;
using testkit::TinyArch;

struct Case {
  TinyArch arch;
  std::size_t stride;  // every n-th mutation of a kind
};

class ModelFuzz : public testing::TestWithParam<Case> {
 protected:
  void load(const Mutation& mutation) {
    std::ofstream(path_, std::ios::binary) << mutation.bytes;
    ++tried_;
    try {
      require_loadable(path_);
      load_once(path_);  // what was good in the child is good here
      ++loaded_;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::model) << mutation.what;
      EXPECT_THAT(error.what(), testing::HasSubstr(path_.string())) << mutation.what;
    }
  }

  void load_some(const std::vector<Mutation>& mutations) {
    for (std::size_t i = 0; i < mutations.size(); i += GetParam().stride) load(mutations[i]);
  }

  const testkit::TempDir folder_;
  const fs::path path_ = folder_ / "model.gguf";
  const testkit::GgufFile file_ = testkit::tiny_gguf({.arch = GetParam().arch,
                                                      .embedding = 32,
                                                      .feed_forward = 32,
                                                      .weights = testkit::TinyWeights::f16});
  const testkit::Variable cache_{"CAIRN_CACHE", folder_ / "cache"};  // the notes on files go there
  int tried_ = 0, loaded_ = 0;
};

TEST_P(ModelFuzz, ASpoiltFileIsAnErrorOrAModelAndNeverACrash) {
  load_some(testkit::truncations(file_));
  load_some(testkit::field_edits(file_));
  load_some(testkit::meaning_edits(file_));
  load_some(testkit::byte_flips(file_, 200, 23));
  EXPECT_GE(tried_, 100);
  EXPECT_GT(loaded_, 0);       // some mutations do no harm
  EXPECT_LT(loaded_, tried_);  // most do
}

INSTANTIATE_TEST_SUITE_P(Architectures, ModelFuzz,
                         testing::Values(Case{TinyArch::llama, 3}, Case{TinyArch::gemma3, 9},
                                         Case{TinyArch::mamba, 9}, Case{TinyArch::lfm2, 9}));

}  // namespace
}  // namespace cairn::llama
