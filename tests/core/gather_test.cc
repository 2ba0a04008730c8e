// Fanning out: order, errors, early ends and cancellation from outside; no child is ever left
// behind.

#include "cairn/gather.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cairn/error.h"
#include "testkit/run.h"

namespace cairn {
namespace {

using testkit::run;

// Counts those that began and those that ended, however they did.
struct Alive {
  int now = 0, completed = 0;
};

struct Presence {
  explicit Presence(Alive& alive) : alive(alive) { ++alive.now; }
  ~Presence() { --alive.now; }
  Alive& alive;
};

asio::awaitable<int> wait(Alive& alive, int milliseconds, int value) {
  const Presence presence(alive);
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(asio::use_awaitable);
  ++alive.completed;
  co_return value;
}

asio::awaitable<void> wait_only(Alive& alive, int milliseconds) {
  co_await wait(alive, milliseconds, 0);
}

asio::awaitable<int> fail(std::string what) {
  throw Error(Fault::model, "test", what, "Nothing");
  co_return 0;
}

constexpr int kForever = 3'600'000;

TEST(GatherTest, ResultsAreInTheOrderOfTheChildren) {
  Alive alive;
  std::vector<asio::awaitable<int>> children;
  for (const int delay : {6, 0, 3}) children.push_back(wait(alive, delay, 10 + delay));
  EXPECT_EQ(run(gather<int>(std::move(children))), (std::vector<int>{16, 10, 13}));
}

TEST(GatherTest, NobodyIsNothingToWaitFor) {
  EXPECT_TRUE(run(gather<int>({})).empty());
}

TEST(GatherTest, AnErrorCancelsTheOthersAndWaitsForThem) {
  Alive alive;
  std::vector<asio::awaitable<int>> children;
  children.push_back(wait(alive, kForever, 1));
  children.push_back(fail("first"));
  children.push_back(wait(alive, kForever, 1));
  EXPECT_THROW(run(gather<int>(std::move(children))), Error);
  EXPECT_EQ(alive.now, 0);
  EXPECT_EQ(alive.completed, 0);
}

TEST(GatherTest, WhoSaysFalseEndsTheOthersQuietly) {
  Alive alive;
  std::vector<asio::awaitable<void>> children;
  for (const int delay : {kForever, 1, kForever, 2}) children.push_back(wait_only(alive, delay));
  std::vector<std::size_t> order;
  std::function<bool(std::size_t)> ended = [&](std::size_t index) {
    order.push_back(index);
    return order.size() < 2;
  };
  run(gather_while(std::move(children), ended));
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(alive.now, 0);
  EXPECT_EQ(alive.completed, 2);
}

TEST(GatherTest, FamiliesInFamiliesEndTogether) {
  Alive alive;
  const auto inner = [&alive] {
    std::vector<asio::awaitable<void>> children;
    for (int i = 0; i < 3; ++i) children.push_back(wait_only(alive, kForever));
    return gather(std::move(children));
  };
  std::vector<asio::awaitable<void>> children;
  children.push_back(inner());
  children.push_back(inner());
  children.push_back(wait_only(alive, 1));
  std::function<bool(std::size_t)> never = [](std::size_t) { return false; };
  run(gather_while(std::move(children), never));
  EXPECT_EQ(alive.now, 0);
  EXPECT_EQ(alive.completed, 1);
}

TEST(GatherTest, CancelledFromOutsideItWaitsForItsChildren) {
  Alive alive;
  asio::io_context io;
  asio::cancellation_signal signal;
  std::vector<asio::awaitable<int>> children;
  for (int i = 0; i < 3; ++i) children.push_back(wait(alive, kForever, i));
  std::exception_ptr error;
  bool ended = false;
  asio::co_spawn(
      io, gather<int>(std::move(children)),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, std::vector<int>) {
        error = e;
        ended = true;
        EXPECT_EQ(alive.now, 0);
      }));
  asio::steady_timer timer(io, std::chrono::milliseconds(2));
  timer.async_wait([&](auto) {
    EXPECT_EQ(alive.now, 3);
    signal.emit(asio::cancellation_type::terminal);
  });
  io.run();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(error);
}

}  // namespace
}  // namespace cairn
