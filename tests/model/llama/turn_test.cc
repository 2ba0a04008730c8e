#include "model/llama/turn.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace cairn::llama {
namespace {

TEST(Turn, OneAtATime) {
  Turn turn;
  int count = 0;  // not atomic: the thread sanitizer looks
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) {
        const std::lock_guard<Turn> mine(turn);
        ++count;
      }
    });
  threads.clear();
  EXPECT_EQ(count, 4000);
}

}  // namespace
}  // namespace cairn::llama
