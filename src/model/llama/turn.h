#pragma once
// model/llama/turn.h — one computation on the processor at a time, in the order in which they were
// asked for: the threads of two would wait for each other at every barrier of llama.cpp, spinning.

#include <atomic>
#include <cstdint>

namespace cairn::llama {

// Any thread may take a turn; it is a mutex for std::lock_guard.
class Turn {
 public:
  void lock() {
    const std::uint32_t mine = last_++;
    for (std::uint32_t now = now_; now != mine; now = now_) now_.wait(now);
  }
  void unlock() {
    ++now_;
    now_.notify_all();
  }
  // Of the copy in a child process, where none of those live on that have it or wait for it.
  void free_in_child() { now_ = last_.load(); }

 private:
  std::atomic<std::uint32_t> last_ = 0, now_ = 0;
};

// Of all decoders on the processor.
inline Turn& processor_turn() {
  static Turn turn;
  return turn;
}

}  // namespace cairn::llama
