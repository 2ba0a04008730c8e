#pragma once
// judge/kept.h — what a judge knows of a trace, kept as long as somebody holds the trace.

#include <map>
#include <memory>
#include <utility>

#include "cairn/trace.h"

namespace cairn::judge {

template <class T>
class Kept {
 public:
  // Null where nothing is known. Valid until the next put or let_go.
  const T* find(const Trace& trace) const {
    const auto found = by_trace_.find(trace.watch());
    return found == by_trace_.end() ? nullptr : &found->second;
  }
  // Requires: trace.depth() > 0.
  void put(const Trace& trace, T value) {
    by_trace_.insert_or_assign(trace.watch(), std::move(value));
  }
  // Forgets the traces that nobody holds any more.
  void let_go() {
    std::erase_if(by_trace_, [](const auto& entry) { return entry.first.expired(); });
  }

 private:
  std::map<std::weak_ptr<const void>, T, std::owner_less<>> by_trace_;
};

// A trace that goes on from this one, whatever its next step says.
inline Trace continued(const Trace& trace) {
  Step any;
  any.text = "\n.";
  return trace.extended(any);
}

// The trace's prefixes that come after the longest one that is known, the shortest first.
template <class T>
std::vector<Trace> unknown_prefixes(const Kept<T>& kept, Trace trace) {
  std::vector<Trace> prefixes;
  for (; trace.depth() > 0 && kept.find(trace) == nullptr; trace = trace.parent())
    prefixes.insert(prefixes.begin(), trace);
  return prefixes;
}

}  // namespace cairn::judge
