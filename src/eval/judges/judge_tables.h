#pragma once
// eval/judges/judge_tables.h — what judges did on labelled chains, for programs and for people.
// Text from data is escaped and made printable.

#include <string>
#include <vector>

#include "eval/judges/judge_report.h"
#include "eval/report.h"

namespace cairn::eval {

// A judge on all chains. Of a baseline, and of a judge's second row, there is no cost.
struct JudgeRow {
  std::string judge;
  std::vector<ScoredChain> chains = {};
  bool by_kind = false;  // with a row for each kind of chain
  bool costs = false;
  std::int64_t evaluated = 0, generated = 0;  // tokens
  double seconds = 0;                         // of the wall's clock
  int failed = 0;  // chains that are left out: an error, such as too long
};

struct JudgeTable {
  std::string title;
  Facts facts;
  std::vector<JudgeRow> rows;
  std::uint64_t seed = 0;  // of the bootstrap
};

std::string to_json(const JudgeTable& table);
std::string to_markdown(const JudgeTable& table);
std::string to_html(const JudgeTable& table);

}  // namespace cairn::eval
