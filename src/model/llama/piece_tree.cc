#include "model/llama/piece_tree.h"

#include <algorithm>
#include <numeric>

namespace cairn::llama {

PieceTree::PieceTree(const std::vector<std::string>& pieces)
    : order_(pieces.size()), places_(pieces.size()), ends_(pieces.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(),
                   [&](Token a, Token b) { return pieces[a] < pieces[b]; });
  const int count = static_cast<int>(order_.size());
  std::vector<int> above;  // places whose tokens the one at hand may be below
  const auto close = [&](int place) {
    ends_[above.back()] = place;
    above.pop_back();
  };
  for (int place = 0; place < count; ++place) {
    const std::string& piece = pieces[order_[place]];
    const auto is_below = [&](int other) {
      const std::string& begin = pieces[order_[other]];
      return !begin.empty() && piece.starts_with(begin);
    };
    while (!above.empty() && !is_below(above.back())) close(place);
    above.push_back(place);
    places_[order_[place]] = place;
  }
  while (!above.empty()) close(count);
}

std::vector<Token> PieceTree::roots() const {
  std::vector<Token> roots;
  append(0, static_cast<int>(order_.size()), roots);
  return roots;
}

void PieceTree::append_children(Token token, std::vector<Token>& out) const {
  const int place = places_[token];
  append(place + 1, ends_[place], out);
}

// The topmost tokens of [place, end).
void PieceTree::append(int place, int end, std::vector<Token>& out) const {
  for (; place < end; place = ends_[place]) out.push_back(order_[place]);
}

}  // namespace cairn::llama
