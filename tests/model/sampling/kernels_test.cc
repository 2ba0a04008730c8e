#include "model/sampling/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace cairn::sampling {
namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();

// Around a multiple of the lanes, and a whole block.
const int kCounts[] = {1, 2, 15, 16, 17, 31, 33, 100, kBlock - 1, kBlock};

std::vector<float> normal(int count, unsigned seed) {
  std::mt19937 rng(seed);
  std::normal_distribution<float> logit(-3, 4);
  std::vector<float> x(count);
  for (float& v : x) v = logit(rng);
  return x;
}

class KernelsTest : public testing::TestWithParam<Kernels> {
 protected:
  const Kernels kernels_ = GetParam();
};

TEST_P(KernelsTest, ScanFindsTheSumAndEachLanesMaximum) {
  for (int count : kCounts) {
    const std::vector<float> x = normal(count, count);
    float lane_max[kLanes];
    const float sum = kernels_.scan(x.data(), count, lane_max);
    double expected_sum = 0;
    std::vector<float> expected(kLanes, -kInfinite);
    for (int i = 0; i < count; ++i) {
      expected_sum += x[i];
      expected[i % kLanes] = std::max(expected[i % kLanes], x[i]);
    }
    EXPECT_NEAR(sum, expected_sum, 1e-5 * count) << count;
    EXPECT_EQ(std::vector<float>(lane_max, lane_max + kLanes), expected) << count;
  }
}

TEST_P(KernelsTest, ScanPassesOverNaNsButTheSumTells) {
  for (int bad : {0, 5, 16, 36}) {
    std::vector<float> x(37, 1.0f);
    x[bad] = std::numeric_limits<float>::quiet_NaN();
    x[20] = 3;
    float lane_max[kLanes];
    EXPECT_FALSE(std::isfinite(kernels_.scan(x.data(), 37, lane_max)));
    EXPECT_EQ(*std::max_element(lane_max, lane_max + kLanes), 3);
  }
}

TEST_P(KernelsTest, WeightsAreExponentials) {
  for (float slope : {0.1f, 1.0f, 1.25f, 10.0f})
    for (int count : kCounts) {
      const std::vector<float> x = normal(count, 7 * count);
      const float max = *std::max_element(x.begin(), x.end());
      std::vector<float> out(kBlock + kLanes);
      kernels_.weights(x.data(), count, max, slope, out.data());
      for (int i = 0; i < count; ++i) {
        const double t = (double{x[i]} - max) * slope;
        if (t < -87) continue;  // too small for a float's full precision, see below
        // The polynomial's error, and that of rounding the exponent.
        EXPECT_NEAR(out[i] / std::exp(t), 1, 3e-6 + 2e-7 * -t) << t;
      }
    }
}

TEST_P(KernelsTest, WhatCannotOccurHasNoWeightAtAll) {
  const std::vector<float> x = {0, -kInfinite, -1e30f, -200, -88.1f, -80};
  std::vector<float> out(kLanes);
  kernels_.weights(x.data(), 6, /*max=*/0, /*slope=*/1, out.data());
  EXPECT_NEAR(out[0], 1, 3e-6);
  for (int i : {1, 2, 3, 4}) EXPECT_EQ(out[i], 0) << x[i];
  EXPECT_GT(out[5], 0);
}

TEST_P(KernelsTest, MassesAreSumsOfWeights) {
  for (float slope : {0.5f, 1.25f, 4.0f, 20.0f})
    for (int count : kCounts) {
      const std::vector<float> x = normal(count, 3 * count);
      const float max = *std::max_element(x.begin(), x.end());
      double plain = 0, first = 0, steep = 0;
      for (float v : x) {
        plain += std::exp(double{v} - max);
        first += (double{v} - max) * std::exp(double{v} - max);
        steep += std::exp((double{v} - max) * slope);
      }
      float mass = 0, moment = 0, weight = 0, moment_alone = 0;
      kernels_.masses(x.data(), count, max, slope, &mass, &moment, &weight);
      EXPECT_NEAR(mass / plain, 1, 4e-6);
      EXPECT_NEAR(moment, first, 4e-6 * -first + 1e-6);
      EXPECT_NEAR(weight / steep, 1, 4e-6);
      EXPECT_NEAR(kernels_.mass(x.data(), count, max, &moment_alone) / plain, 1, 4e-6);
      EXPECT_NEAR(moment_alone, first, 4e-6 * -first + 1e-6);
    }
}

TEST_P(KernelsTest, AtLeastListsIndicesInOrder) {
  for (int count : kCounts) {
    const std::vector<float> x = normal(count, 11 * count);
    for (float least : {-kInfinite, -3.0f, 2.0f, x[count / 2], 100.0f}) {
      std::vector<int> expected, out(kBlock);
      for (int i = 0; i < count; ++i)
        if (x[i] >= least) expected.push_back(i);
      out.resize(kernels_.at_least(x.data(), count, least, out.data()));
      EXPECT_EQ(out, expected) << count << " " << least;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Processor, KernelsTest, testing::ValuesIn(all_kernels()));

}  // namespace
}  // namespace cairn::sampling
