#pragma once
// judge/statements.h — reasoning that names its premises, in the format of Natural Program (Ling et
// al. 2023, arXiv:2306.03872):
//
//   #1. Ann has 3 apples.          a premise: it names nothing
//   #2. Bob has twice as many.
//   #3. (by #1 #2) Bob has 6.      a step: derived from what it names; "#1-#2" names a range
//
// A statement goes from its "#k" at the start of a line to the next one.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::judge {

struct Statement {
  int number = 0;
  std::vector<int> premises;  // the numbers it names
  bool derived = false;       // it has a "(by …)"
  std::string text;           // without number and citation, trimmed
  std::size_t begin = 0;      // of "#k", bytes
};

// Time linear in the length, but for ranges, of which each names 64 numbers at most.
std::vector<Statement> read_statements(std::string_view text);

}  // namespace cairn::judge
