#pragma once
// cairn/match.h — how far the steps that were written go with the true ones.
//
// Fujisawa et al. 2024 (ProcBench), arXiv:2410.03117: prefix match length (PML), prefix accuracy
// (PA), sequential match (SM) and final match (FM). Their total match is SM here, because the last
// state counts as a step. Gui et al. 2024 (LogicGame), arXiv:2408.15778, for the similarity.
// Pinned by tests/gym/match_test.cc.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// Steps are compared as text_of_state reads them. Shares are in [0, 1].
struct Match {
  int length = 0;         // of the longer one, in steps
  int right = 0;          // PML: leading steps that are right
  int first_error = -1;   // index of the first step that is wrong, missing or too much; -1: none
  int hits = 0;           // places with the right step, those after an error too
  int edits = 0;          // fewest steps to add, leave out or replace until all are right
  double accuracy = 0;    // PA: right / length
  double ratio = 0;       // hits / length
  double valid = 0;       // right / steps written; 0 where nothing was written
  double similarity = 0;  // 1 - character edits / characters of the longer; of 4,000 at most
  bool sequence = false;  // SM: all steps are right, and none is missing or too much
  bool final = false;     // FM: the last step is right
};
Match match(const std::vector<std::string>& steps, const std::vector<std::string>& truth);

// What a line states, for comparison: in lower case, without "Step 3:", list marks, quotes, blanks
// and a stop at its end.
std::string text_of_state(std::string_view line);

// The steps of a text: its lines with something on them, without the blanks around it.
std::vector<std::string> steps_in(std::string_view text);

// How often the first error comes at place k, of those that are right up to it. Errors that do not
// depend on each other give a flat line, and a share (1 - h)^n of right sequences of n steps.
struct Hazard {
  int reached = 0;  // solutions that are right before this place and have something to be there
  int wrong = 0;    // of them, those with the first error here
};
std::vector<Hazard> hazard(std::span<const Match> matches);  // by place, up to the longest

}  // namespace cairn
