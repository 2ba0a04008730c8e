#pragma once
// model/llama/kv_cache.h — which sequences of the decoder hold which prefixes.
//
// Rows that are being decoded own a sequence (busy). What other branches hold stays in idle
// sequences as long as there is room; the least recently used is evicted first and evaluated again
// when asked for. One that was used in the last kWarm decodes will soon go on: no question that
// began later may evict it while it can wait, or all would evict each other all the time. An idle
// sequence whose tip lies inside another one is dropped at once, so where cells are shared the
// cells in use are exactly the nodes of the prefix tree that are resident.
//
// Threads: the scheduler's thread, under the prefix tree's lock.

#include <cstdint>
#include <optional>
#include <vector>

#include "cairn/budget.h"
#include "model/llama/decoder.h"
#include "model/llama/prefix_tree.h"

namespace cairn::llama {

// About as many as a line of reasoning has tokens, for which others wait at the end of a step.
inline constexpr std::uint64_t kWarm = 64;

class KvCache {
 public:
  using Node = PrefixTree::Node;
  using Clock = Budget::Clock;

  KvCache(Decoder& decoder, PrefixTree& tree);

  // For whom a sequence is: when its question began, and whether it can wait.
  struct User {
    Clock::time_point question;
    bool can_wait = false;
  };

  // A busy sequence that holds the longest prefix of `node` it can, of at most `limit` tokens.
  // Nothing when every sequence is busy, or what could be evicted is warm and the user can wait.
  std::optional<int> acquire(Node node, int limit, const User& user);
  void release(int sequence);  // busy -> idle
  void decoded() { ++decodes_; }

  // Room for `tokens` more cells, by evicting idle sequences. False when there is none.
  bool make_room(int tokens);

  // `sequence` was extended by decode up to `tip`.
  void extended(int sequence, Node tip);
  // The sequence keeps its first `length` cells.
  void trim(int sequence, int length);
  void swap(int a, int b);
  bool busy(int sequence) const { return busy_[sequence]; }
  int sequences() const { return static_cast<int>(busy_.size()); }

  // Gives back the cells of prefixes that nothing holds any more.
  void settle();

  std::int64_t cells() const;  // in use

 private:
  bool usable(Node node) const;
  int donor(Node node, Node target) const;
  std::optional<int> free_sequence(int keep, const User& user);
  int to_evict(int keep, const User& user) const;
  void clear(int sequence);
  void drop_if_covered(int sequence);

  Decoder& decoder_;
  PrefixTree& tree_;
  std::vector<bool> busy_;
  std::vector<Clock::time_point> question_;  // of the last user
  std::vector<std::uint64_t> last_used_;     // in decodes
  std::uint64_t decodes_ = 0;
};

}  // namespace cairn::llama
