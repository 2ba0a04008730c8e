#include "model/llama/kv_cache.h"

namespace cairn::llama {

KvCache::KvCache(Decoder& decoder, PrefixTree& tree)
    : decoder_(decoder),
      tree_(tree),
      busy_(decoder.shape().sequences, false),
      last_used_(decoder.shape().sequences, 0) {}

bool KvCache::usable(Node node) const {
  if (decoder_.shape().rollback) return tree_.resident(node).any();
  for (int s = 0; s < sequences(); ++s)
    if (tree_.tip(s) == node) return true;
  return false;
}

// The sequence to take `node` from: an idle one that ends on the way to `target` can be taken over,
// any other has to be copied.
int KvCache::donor(Node node, Node target) const {
  int any = -1;
  const auto& resident = tree_.resident(node);
  for (int s = 0; s < sequences(); ++s) {
    if (!resident[s]) continue;
    const Node tip = tree_.tip(s);
    if (!decoder_.shape().rollback && tip != node) continue;
    const int length = tree_.depth(tip);
    if (!busy_[s] && length <= tree_.depth(target) && tree_.ancestor(target, length) == tip)
      return s;
    if (any < 0) any = s;
  }
  return any;
}

std::optional<int> KvCache::acquire(Node node, int limit) {
  settle();
  Node from = tree_.ancestor(node, limit);
  while (from != PrefixTree::kRoot && !usable(from)) from = tree_.parent(from);

  const int source = from == PrefixTree::kRoot ? -1 : donor(from, node);
  const bool takes_over = source >= 0 && !busy_[source] &&
                          tree_.ancestor(node, tree_.length(source)) == tree_.tip(source);
  int sequence = source;
  if (!takes_over) {
    const auto fresh = free_sequence(source);
    if (!fresh) return {};
    sequence = *fresh;
    if (source >= 0 && sequence != source) {
      decoder_.copy(source, sequence, tree_.depth(from));
      last_used_[source] = decodes_;
      tree_.move_tip(sequence, from);
    }
  }
  if (tree_.length(sequence) > tree_.depth(from)) trim(sequence, tree_.depth(from));
  busy_[sequence] = true;
  return sequence;
}

// An empty idle sequence, or one that is emptied. `keep` is taken only when nothing else is idle,
// and then with its cells.
std::optional<int> KvCache::free_sequence(int keep) {
  bool idle = false;
  for (int s = 0; s < sequences(); ++s) {
    if (busy_[s] || s == keep) continue;
    if (tree_.tip(s) == PrefixTree::kRoot) return s;
    idle = true;
  }
  if (!idle) return keep >= 0 && !busy_[keep] ? std::optional(keep) : std::nullopt;
  const int evicted = to_evict(keep);
  if (evicted < 0) return {};
  clear(evicted);
  return evicted;
}

// The idle sequence with cells that was not used for longest. -1: none.
int KvCache::to_evict(int keep) const {
  int oldest = -1;
  for (int s = 0; s < sequences(); ++s) {
    if (busy_[s] || s == keep || tree_.tip(s) == PrefixTree::kRoot) continue;
    if (oldest < 0 || last_used_[s] < last_used_[oldest]) oldest = s;
  }
  return oldest;
}

void KvCache::release(int sequence) {
  busy_[sequence] = false;
  last_used_[sequence] = decodes_;
  settle();
  drop_if_covered(sequence);
}

bool KvCache::make_room(int tokens) {
  if (!decoder_.shape().unified) return true;
  while (cells() + tokens > decoder_.shape().cells) {
    const int oldest = to_evict(/*keep=*/-1);
    if (oldest < 0) return false;
    clear(oldest);
  }
  return true;
}

void KvCache::extended(int sequence, Node tip) {
  // Another sequence may have had this very prefix already: keep one cell of the two.
  if (decoder_.shape().unified && decoder_.shape().rollback)
    for (Node n = tip; n != tree_.tip(sequence); n = tree_.parent(n))
      for (int s = 0; tree_.resident(n).any() && s < sequences(); ++s)
        if (s != sequence && tree_.resident(n)[s]) {
          decoder_.share(s, sequence, tree_.depth(n) - 1);
          break;
        }
  tree_.move_tip(sequence, tip);
}

void KvCache::trim(int sequence, int length) {
  if (!decoder_.shape().rollback) length = 0;
  decoder_.trim(sequence, length);
  tree_.move_tip(sequence, tree_.ancestor(tree_.tip(sequence), length));
}

void KvCache::clear(int sequence) {
  decoder_.trim(sequence, 0);
  tree_.move_tip(sequence, PrefixTree::kRoot);
}

void KvCache::swap(int a, int b) {
  decoder_.swap(a, tree_.length(a), b, tree_.length(b));
  tree_.swap_sequences(a, b);
  const bool busy = busy_[a];
  busy_[a] = busy_[b];
  busy_[b] = busy;
  std::swap(last_used_[a], last_used_[b]);
}

void KvCache::settle() {
  const auto dirty = tree_.take_dirty();
  for (int s = 0; dirty.any() && s < sequences(); ++s) {
    if (!dirty[s]) continue;
    trim(s, tree_.length(s));
    if (!busy_[s]) drop_if_covered(s);
  }
}

void KvCache::drop_if_covered(int sequence) {
  const Node tip = tree_.tip(sequence);
  if (!decoder_.shape().rollback || tip == PrefixTree::kRoot) return;
  if (tree_.resident(tip).count() > 1) clear(sequence);
}

std::int64_t KvCache::cells() const {
  if (decoder_.shape().unified) return static_cast<std::int64_t>(tree_.live_resident());
  std::int64_t cells = 0;
  for (int s = 0; s < sequences(); ++s) cells += tree_.length(s);
  return cells;
}

}  // namespace cairn::llama
