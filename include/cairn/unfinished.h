#pragma once
// cairn/unfinished.h — what an interrupted run of a problem had done. The run is made again from
// its beginning; a step that is found here by its seed is taken from here, and costs what it cost
// then, instead of being generated, and so is a judge's reward.
//
// Steps are handed over in the order in which they ended, so a search with many expansions in
// flight takes the same way again and is where it was when the last of them is taken.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cairn/step.h"
#include "cairn/trace.h"

namespace cairn {

struct Unfinished {
  struct Done {
    Step step;  // without state
    End end = End::open;
  };
  std::string question;     // of another question nothing is taken
  std::vector<Done> steps;  // in the order in which they ended; their ids were 1, 2, …
  std::map<std::pair<std::uint64_t, std::string>, float> rewards;      // of a step's id by a judge
  std::map<std::pair<std::uint64_t, std::string>, Usage> judge_usage;  // of asking that judge
};

}  // namespace cairn
