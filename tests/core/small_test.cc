// Folds, ranks and draws: the small pure functions.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

#include "cairn/error.h"
#include "cairn/fold.h"
#include "cairn/policy.h"
#include "cairn/rank.h"
#include "cairn/rng.h"
#include "cairn/step.h"
#include "testkit/traces.h"

namespace cairn {
namespace {

using testkit::step;
using Floats = std::vector<float>;

TEST(FoldTest, ProcessRewardsBecomeOneNumber) {
  const std::vector<Verdict> verdicts = {{{0.5f, 0.25f, 1}, 0.75f}, {{}, 0.125f}};
  EXPECT_EQ(folded(verdicts, Fold::last), (Floats{1, 0.125f}));
  EXPECT_EQ(folded(verdicts, Fold::min), (Floats{0.25f, 0.125f}));
  EXPECT_EQ(folded(verdicts, Fold::product), (Floats{0.125f, 0.125f}));
  EXPECT_FLOAT_EQ(folded(verdicts, Fold::mean)[0], 1.75f / 3);
  EXPECT_EQ(folded(verdicts, Fold::outcome), (Floats{0.75f, 0.125f}));
  EXPECT_TRUE(folded(std::vector<Verdict>(), Fold::min).empty());
}

TEST(RankTest, TheBestIsTheFirstOfTheHighest) {
  EXPECT_EQ(best(Floats{0.1f, 0.9f, 0.9f}), 1u);
  EXPECT_EQ(best(Floats{0}), 0u);
}

TEST(RankTest, TopKKeepsTheOrderOfEquals) {
  std::vector<Trace> traces;
  for (const char* text : {"a", "b", "c", "d"}) traces.push_back(Trace().extended(step(text)));
  const auto texts = [&](std::size_t k) {
    std::string text;
    for (const Trace& trace : top_k(traces, Floats{0.5f, 1, 0.5f, 0.75f}, k)) text += trace.text();
    return text;
  };
  EXPECT_EQ(texts(0), "");
  EXPECT_EQ(texts(3), "bda");
  EXPECT_EQ(texts(9), "bdac");
}

TEST(RankTest, RepeatsAreToldApartByOrdinal) {
  const std::vector<Trace> two = {Trace(7).extended(step("a")), Trace(7).extended(step("b"))};
  std::string shown;
  for (const Trace& trace : repeat_each(two, 2))
    shown += trace.text() + std::to_string(trace.ordinal());
  EXPECT_EQ(shown, "a0a1b0b1");
  EXPECT_TRUE(repeat_each(two, 0).empty());
  EXPECT_EQ(roots(3)[2].ordinal(), 2u);
  EXPECT_EQ(roots(3)[2].depth(), 0u);
}

TEST(RankTest, FinishedTracesMoveInOrder) {
  std::vector<Trace> from, to = {Trace().extended(step("0"), End::done)};
  for (const char* text : {"a", "B", "c", "D"})
    from.push_back(Trace().extended(step(text), std::isupper(text[0]) ? End::done : End::open));
  move_finished(from, to);
  std::string kept, moved;
  for (const Trace& trace : from) kept += trace.text();
  for (const Trace& trace : to) moved += trace.text();
  EXPECT_EQ(kept, "ac");
  EXPECT_EQ(moved, "0BD");
}

TEST(RngTest, FirstValuesOfSplitMix64) {
  // Steele, Lea, Flood 2014: the sequence of seed 0 begins with these.
  EXPECT_EQ(mix(0, std::uint64_t{0}), 0xe220a8397b1dcdafull);
  EXPECT_EQ(mix(0, std::uint64_t{1}), 0x6e789e6aa1b965f4ull);
  EXPECT_EQ(mix(0, std::uint64_t{2}), 0x06c45d188009454full);
}

TEST(RngTest, NamesAreToldApart) {
  std::set<std::uint64_t> seen;
  for (const char* name : {"", "a", "b", "ab", "ba", "aa"})
    for (const std::uint64_t seed : {0, 1, 2}) seen.insert(mix(seed, std::string_view(name)));
  seen.insert(mix(0, std::string_view("a\0", 2)));
  EXPECT_EQ(seen.size(), 19u);
}

TEST(RngTest, DrawsAreUniform) {
  std::array<int, 10> bins{};
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = uniform(42, i);
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    ++bins[static_cast<int>(u * 10)];
  }
  double chi_squared = 0;
  for (const int count : bins) chi_squared += std::pow(count - kDraws / 10, 2) / (kDraws / 10.0);
  EXPECT_LT(chi_squared, 27.9);  // 0.1 % of nine degrees of freedom
}

TEST(StepTest, EveryStopHasANameThatLeadsBack) {
  for (int i = 0; i <= static_cast<int>(Stop::cancelled); ++i)
    EXPECT_EQ(stop_named(name_of(static_cast<Stop>(i))), static_cast<Stop>(i));
  EXPECT_FALSE(stop_named("halt"));
}

TEST(ErrorTest, SaysWhereWhatAndWhatToDo) {
  const Error error(Fault::input, "best_of_n", "samples is 0, outside 1 to 1024",
                    "Give a value inside the range");
  EXPECT_STREQ(error.what(),
               "best_of_n: samples is 0, outside 1 to 1024. Give a value inside the range.");
  EXPECT_EQ(error.fault(), Fault::input);
}

}  // namespace
}  // namespace cairn
