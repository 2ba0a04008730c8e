#pragma once
// eval/report.h — a run's summary for programs (report.json) and for people (report.md,
// report.html).
//
// The HTML is one file without scripts that loads nothing. Text from models and data is escaped in
// it and made printable. SVG is written by hand: a plotting library would be needed at run time by
// everybody for the few lines and marks that are drawn.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "eval/faithfulness.h"
#include "eval/summary.h"

namespace cairn::eval {

inline constexpr int kReportVersion = 1;  // of report.json, docs/evaluation.md

// What was run, where and when: shown as it stands.
using Facts = std::vector<std::pair<std::string, std::string>>;

struct Report {
  std::string title;
  Facts facts;
  Summary summary;
  std::vector<FaithfulnessRow> faithfulness;
  std::vector<std::string> complaints;
};

std::string to_json(const Report& report);
std::string to_markdown(const Report& report);
// `attempts` are shown step by step, by question.
std::string to_html(const Report& report, const std::vector<Attempt>& attempts);

// A table of what changed between two runs, as Markdown.
std::string comparison_text(const std::vector<Pair>& pairs);

// A page as report.html is one: title, headline and style around `body`, which is HTML.
std::string html_page(std::string_view title, const std::string& body);
// `caption` and `heads` are HTML, the cells text.
std::string html_table(const std::string& caption, const std::vector<std::string>& heads,
                       const std::vector<std::vector<std::string>>& rows);
std::string percent(double share);  // "37.0 %"
// Text in a cell of a Markdown table.
std::string markdown_cell(std::string_view text);

// &, <, >, " and ' as references; what is not printable as U+FFFD.
std::string escape_html(std::string_view text);

}  // namespace cairn::eval
