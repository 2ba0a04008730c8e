#pragma once
// testkit/rounds.h — how long a mutation loop goes on: some rounds from a fixed seed, or for
// CAIRN_FUZZ_SECONDS from one of its own.

#include <chrono>
#include <cstdlib>
#include <random>

namespace cairn::testkit {

class Rounds {
 public:
  explicit Rounds(long most) : left_(most) {
    if (const char* seconds = std::getenv("CAIRN_FUZZ_SECONDS"))
      until_ = Clock::now() + std::chrono::seconds(std::atoi(seconds));
  }

  bool next() { return until_ == Clock::time_point() ? left_-- > 0 : Clock::now() < until_; }

  // `usual` where the number of rounds is fixed.
  static unsigned seed(unsigned usual) {
    return std::getenv("CAIRN_FUZZ_SECONDS") ? std::random_device()() : usual;
  }

 private:
  using Clock = std::chrono::steady_clock;
  long left_;
  Clock::time_point until_;  // the epoch: no end
};

}  // namespace cairn::testkit
