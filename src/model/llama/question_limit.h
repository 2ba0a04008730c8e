#pragma once
// model/llama/question_limit.h — how many questions may have rows side by side. Each has branches
// that wait for its other branches: where not all find room, every one is evicted by the others
// before it goes on, and most of what is evaluated had been evicted. Fewer questions at a time are
// then faster. The limit is found by what is seen: it falls when more than half of what is
// evaluated had been evicted, and rises while less than a quarter had.
//
// Threads: one.

#include <cstdint>
#include <limits>

namespace cairn::llama {

class QuestionLimit {
 public:
  // One iteration of the scheduler.
  struct Round {
    std::int64_t evaluated = 0, evicted = 0;  // positions, and those of them that were evicted
    int running = 0;                          // questions that had rows
    bool held_back = false;                   // were there others that might have had?
  };

  // So many questions may have rows, those that began first.
  int most() const { return most_; }
  void note(const Round& round);

  static constexpr std::int64_t kWindow = 1024;  // positions by which the limit is judged
  static constexpr int kPatience = 16;  // windows until as many as were too many are tried again
  static constexpr int kNone = std::numeric_limits<int>::max();

 private:
  void fall();
  void rise();

  int most_ = kNone;
  int crowded_ = kNone;  // so many were too many
  int calm_ = 0;         // windows at one less
  Round window_;
};

}  // namespace cairn::llama
