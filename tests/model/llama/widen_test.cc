// Files whose 5-bit weights are stored as 8-bit integers.

#include "model/hub/widen.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>

#include "base/file.h"
#include "model/hub/gguf_check.h"
#include "model/hub/gguf_layout.h"
#include "testkit/environment.h"
#include "testkit/temp_dir.h"
#include "testkit/tiny_gguf.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testkit::TempDir;
using testkit::TinyWeights;

// ggml itself says which numbers a block stands for.
TEST(Widen, BlocksHoldTheSameNumbers) {
  std::mt19937 rng(1);
  for (int round = 0; round < 1000; ++round) {
    std::array<std::uint8_t, kQ5Block> five;
    for (std::uint8_t& byte : five) byte = static_cast<std::uint8_t>(rng());
    five[1] &= 0xbb;  // a finite scale
    std::array<std::uint8_t, kQ8Block> eight;
    widen_block(five, eight);
    std::array<float, 32> expected, found;
    ggml_get_type_traits(GGML_TYPE_Q5_0)->to_float(five.data(), expected.data(), 32);
    ggml_get_type_traits(GGML_TYPE_Q8_0)->to_float(eight.data(), found.data(), 32);
    EXPECT_EQ(expected, found);
  }
}

class WidenTest : public testing::Test {
 protected:
  std::string model(TinyWeights weights, std::uint64_t seed = 1) {
    return testkit::write_tiny_gguf(folder_ / ".", {.seed = seed, .weights = weights});
  }

  const TempDir folder_;

 private:
  const testkit::Variable cache_{"CAIRN_CACHE", folder_ / "cache"};
};

TEST_F(WidenTest, ACopyHasTheSameTensorsInEightBits) {
  const std::string file = model(TinyWeights::five);
  const std::optional<fs::path> copy = widened(file);
  ASSERT_TRUE(copy);
  EXPECT_NO_THROW(check_gguf(*copy));
  const GgufLayout from = read_layout(file), to = read_layout(*copy);
  ASSERT_EQ(from.tensors.size(), to.tensors.size());
  EXPECT_EQ(from.entries.size(), to.entries.size());
  for (std::size_t i = 0; i < from.tensors.size(); ++i) {
    EXPECT_EQ(from.tensors[i].name, to.tensors[i].name);
    EXPECT_EQ(from.tensors[i].shape, to.tensors[i].shape);
    EXPECT_EQ(to.tensors[i].type, from.tensors[i].type == 6 ? 8 : from.tensors[i].type);
  }
}

TEST_F(WidenTest, FilesWithoutSuchWeightsHaveNone) {
  EXPECT_FALSE(widened(model(TinyWeights::f16)));
  EXPECT_FALSE(fs::exists(folder_ / "cache" / "widened"));
}

TEST_F(WidenTest, ACopyIsWrittenOnceForAStateOfTheFile) {
  const std::string file = model(TinyWeights::five);
  const fs::path copy = widened(file).value();
  const auto written = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(copy, written);
  EXPECT_EQ(widened(file), copy);
  EXPECT_EQ(fs::last_write_time(copy), written);

  const auto before = base::file_content(copy);
  fs::copy_file(model(TinyWeights::five, 2), file, fs::copy_options::overwrite_existing);
  EXPECT_EQ(widened(file), copy);
  EXPECT_NE(base::file_content(copy), before);
}

TEST_F(WidenTest, WithoutAPlaceForTheCopyThereIsNone) {
  const std::string file = model(TinyWeights::five);
  fs::create_directories(folder_ / "cache");
  std::ofstream(folder_ / "cache" / "widened") << "a file";
  EXPECT_FALSE(widened(file));
}

}  // namespace
}  // namespace cairn::hub
