#include "model/llama/completion.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <thread>

namespace cairn::llama {
namespace {

// The context goes as soon as its last coroutine is done, while the thread that resumed the
// coroutine may still be at it. (The thread sanitizer looks on.)
TEST(CompletionTest, AContextMayGoOnceItsCoroutinesAreDone) {
  for (int i = 0; i < 300; ++i) {
    std::thread thread;
    int got = 0;
    {
      asio::io_context io;
      const auto ask = [&]() -> asio::awaitable<void> {
        got = co_await suspend<int>(
            [&](std::unique_ptr<Completion<int>> completion, auto) {
              thread = std::thread([completion = std::move(completion), i] {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the context waits
                (*completion)(nullptr, i);
              });
            },
            [] {});
      };
      asio::co_spawn(io, ask(), [](std::exception_ptr error) { EXPECT_EQ(error, nullptr); });
      io.run();
    }
    EXPECT_EQ(got, i);
    thread.join();
  }
}

}  // namespace
}  // namespace cairn::llama
