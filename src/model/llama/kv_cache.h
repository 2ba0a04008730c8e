#pragma once
// model/llama/kv_cache.h — which sequences of the decoder hold which prefixes.
//
// Rows that are being decoded own a sequence (busy). What other branches hold stays in idle
// sequences as long as there is room; the least recently used is evicted first and evaluated again
// when asked for. An idle sequence whose tip lies inside another one is dropped at once, so where
// cells are shared the cells in use are exactly the nodes of the prefix tree that are resident.
//
// Threads: the scheduler's thread, under the prefix tree's lock.

#include <cstdint>
#include <optional>
#include <vector>

#include "model/llama/decoder.h"
#include "model/llama/prefix_tree.h"

namespace cairn::llama {

class KvCache {
 public:
  using Node = PrefixTree::Node;

  KvCache(Decoder& decoder, PrefixTree& tree);

  // A busy sequence that holds the longest prefix of `node` it can, of at most `limit` tokens.
  // Nothing when every sequence is busy.
  std::optional<int> acquire(Node node, int limit);
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
  std::optional<int> free_sequence(int keep);
  int to_evict(int keep) const;
  void clear(int sequence);
  void drop_if_covered(int sequence);

  Decoder& decoder_;
  PrefixTree& tree_;
  std::vector<bool> busy_;
  std::vector<std::uint64_t> last_used_;  // in decodes
  std::uint64_t decodes_ = 0;
};

}  // namespace cairn::llama
