#include "cairn/diversity.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"

namespace cairn {
namespace {

using Words = std::set<std::string>;

Words words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  Words words;
  while (true) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(kBlanks), text.size());
    words.insert(base::lower(text.substr(0, end)));
    text.remove_prefix(end);
  }
}

double distance(const Words& a, const Words& b) {
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const auto either = a.size() + b.size() - both.size();
  return either == 0 ? 0 : 1 - static_cast<double>(both.size()) / static_cast<double>(either);
}

}  // namespace

double word_distance(std::string_view a, std::string_view b) {
  return distance(words_of(a), words_of(b));
}

std::optional<double> sibling_diversity(const Tree& tree, Tree::Index node) {
  std::vector<Words> steps;
  for (const Tree::Index child : tree.children(node))
    steps.push_back(words_of(tree[child].trace.last().text));
  if (steps.size() < 2) return {};
  double sum = 0;
  for (std::size_t i = 0; i < steps.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) sum += distance(steps[i], steps[j]);
  return 2 * sum / static_cast<double>(steps.size() * (steps.size() - 1));
}

std::optional<double> sibling_diversity(const Tree& tree) {
  double sum = 0;
  int nodes = 0;
  for (Tree::Index node = 0; node < tree.size(); ++node)
    if (const auto diversity = sibling_diversity(tree, node)) sum += *diversity, ++nodes;
  if (nodes == 0) return {};
  return sum / nodes;
}

}  // namespace cairn
