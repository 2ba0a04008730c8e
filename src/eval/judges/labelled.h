#pragma once
// eval/judges/labelled.h — chains of steps that people, or rules, have labelled right or wrong.
//
// One JSON object a line, as ProcessBench has them (Zheng et al. 2024, arXiv:2412.06559):
//   "question", "steps": [text, …], and "label" or "first_error": the index of the first wrong
//   step, -1 where all are right; or only "chain_correct": true or false.
// Optional: "id"; "error", or in "meta" one of error_category, subset, task, question_type,
// generator (the first that is there) or step_status of the first wrong step, names the kind.
// A question's "choices" ([[label, text], …]) are part of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/problem.h"

namespace cairn::eval {

struct LabelledChain {
  Problem problem;
  std::vector<std::string> steps;  // one at least
  std::optional<int> first_error;  // -1: none; nothing where only the whole chain is labelled
  bool sound = false;              // no step is wrong
  std::string kind;                // of error, of task or of who wrote it; for the table
};

struct LabelledFile {
  std::vector<LabelledChain> chains;  // in the file's order
  int without_label = 0;              // lines that hold no labelled chain
};

// Errors: Fault::input, with the line, for what is no JSON object or has a label out of range.
LabelledFile read_labelled(const std::string& where, std::string_view text);

// `limit` of them drawn without replacement, in the file's order; all where there are no more.
std::vector<LabelledChain> drawn(std::vector<LabelledChain> chains, std::size_t limit,
                                 std::uint64_t seed);

}  // namespace cairn::eval
