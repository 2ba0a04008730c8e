#include "eval/judges/judge_tables.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace cairn::eval {
namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<std::string>;

Json json_of(const Share& share) {
  const Interval interval = wilson(share.hits, share.all);
  return {{"hits", share.hits}, {"all", share.all}, {"low", interval.low}, {"high", interval.high}};
}

Json json_of(const std::optional<Measure>& estimate) {
  if (!estimate) return nullptr;
  return {{"value", estimate->value},
          {"low", estimate->interval.low},
          {"high", estimate->interval.high}};
}

Json json_of(const JudgeReport& report) {
  Json bins = Json::array();
  for (const ReliabilityBin& bin : report.bins)
    bins.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"chains", bin.chains},
                    {"sound", bin.sound},
                    {"confidence", bin.confidence}});
  return {{"chains", report.chains},
          {"faulty", json_of(report.faulty)},
          {"clean", json_of(report.clean)},
          {"precision", json_of(report.precision)},
          {"flagged", json_of(report.flagged)},
          {"f1", json_of(report.f1)},
          {"chain_f1", json_of(report.chain_f1)},
          {"auroc", json_of(report.auroc)},
          {"ece", report.ece},
          {"brier", report.brier},
          {"bins", bins}};
}

std::string shown(const Share& share) {
  if (share.all == 0) return "–";
  const Interval interval = wilson(share.hits, share.all);
  return fmt::format("{}/{}, {:.3f} [{:.3f}, {:.3f}]", share.hits, share.all, share.value(),
                     interval.low, interval.high);
}

std::string shown(const std::optional<Measure>& estimate) {
  if (!estimate) return "–";
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", estimate->value, estimate->interval.low,
                     estimate->interval.high);
}

std::string cost_of(const JudgeRow& row) {
  if (!row.costs) return "";
  std::string cost = fmt::format("{} + {}, {:.1f}", row.evaluated, row.generated, row.seconds);
  if (row.failed > 0) cost += fmt::format("; {} chains left out", row.failed);
  return cost;
}

const Cells kHeads = {"judge, kind",
                      "first error found",
                      "clean left alone",
                      "precision",
                      "F1",
                      "faulty flagged",
                      "chain F1",
                      "AUROC",
                      "ECE",
                      "tokens evaluated + generated, seconds"};

Cells cells_of(const std::string& name, const JudgeReport& report, const std::string& cost) {
  return {name,
          shown(report.faulty),
          shown(report.clean),
          shown(report.precision),
          shown(report.f1),
          shown(report.flagged),
          shown(report.chain_f1),
          shown(report.auroc),
          fmt::format("{:.3f}", report.ece),
          cost};
}

std::vector<Cells> cells_of(const JudgeTable& table) {
  std::vector<Cells> cells;
  for (const JudgeRow& row : table.rows) {
    cells.push_back(cells_of(row.judge, judge_report(row.chains, table.seed), cost_of(row)));
    const auto kinds = reports_by_kind(row.chains, table.seed);
    if (!row.by_kind || kinds.size() < 2) continue;
    for (const auto& [kind, report] : kinds)
      cells.push_back(cells_of(row.judge + ", " + (kind.empty() ? "(no kind)" : kind), report, ""));
  }
  return cells;
}

std::string markdown_row(const Cells& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + markdown_cell(cell) + " |";
  return line + "\n";
}

// Of the chains in each bin of confidence, how many are sound.
std::string reliability_line(const JudgeRow& row, std::uint64_t seed) {
  std::string line;
  for (const ReliabilityBin& bin : judge_report(row.chains, seed).bins)
    if (bin.chains > 0)
      line += fmt::format("{}{:.2f}: {}/{}", line.empty() ? "" : ", ", bin.confidence, bin.sound,
                          bin.chains);
  return fmt::format("- {}: {}\n", markdown_cell(row.judge), line);
}

// Confidence to the right, the share that is sound upwards; the area of a mark goes with its
// number of chains, and on the diagonal the confidence is right.
std::string reliability_picture(const JudgeRow& row, std::uint64_t seed) {
  const JudgeReport report = judge_report(row.chains, seed);
  std::string svg = fmt::format(
      R"(<figure><svg viewBox="0 0 300 300" width="300" role="img" aria-label="Reliability of {0}">)"
      R"(<path class="axis" d="M40 10V260H290M40 260L290 10"/>)"
      R"(<text x="165" y="290" text-anchor="middle">confidence</text>)"
      R"(<text x="36" y="16" text-anchor="end">1</text><text x="36" y="264" text-anchor="end">0</text>)"
      R"(<text x="290" y="276" text-anchor="end">1</text><g class="s0">)",
      escape_html(row.judge));
  for (const ReliabilityBin& bin : report.bins) {
    if (bin.chains == 0) continue;
    const double size = 3 + 12 * std::sqrt(double(bin.chains) / report.chains);
    svg += fmt::format(R"(<circle class="mark" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>)",
                       40 + 250 * bin.confidence, 260 - 250.0 * bin.sound / bin.chains, size);
  }
  return svg + fmt::format("</g></svg><figcaption>{}, ECE {:.3f}</figcaption></figure>\n",
                           escape_html(row.judge), report.ece);
}

}  // namespace

std::string to_json(const JudgeTable& table) {
  Json json = {{"version", kReportVersion}, {"facts", Json::object()}, {"judges", Json::array()}};
  for (const auto& [name, value] : table.facts) json["facts"][name] = value;
  for (const JudgeRow& row : table.rows) {
    Json one = {{"judge", row.judge},
                {"all", json_of(judge_report(row.chains, table.seed))},
                {"kinds", Json::object()}};
    for (const auto& [kind, report] : reports_by_kind(row.chains, table.seed))
      one["kinds"][kind] = json_of(report);
    if (row.costs)
      one.update({{"evaluated_tokens", row.evaluated},
                  {"generated_tokens", row.generated},
                  {"seconds", row.seconds},
                  {"failed", row.failed}});
    json["judges"].push_back(one);
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_markdown(const JudgeTable& table) {
  std::string text = "# " + markdown_cell(table.title) + "\n\n";
  for (const auto& [name, value] : table.facts)
    text += fmt::format("- {}: {}\n", markdown_cell(name), markdown_cell(value));
  text += "\n" + markdown_row(kHeads) + markdown_row(Cells(kHeads.size(), "---"));
  for (const Cells& cells : cells_of(table)) text += markdown_row(cells);
  text += "\nReliability, as mean confidence: sound chains/chains\n\n";
  for (const JudgeRow& row : table.rows)
    if (row.costs) text += reliability_line(row, table.seed);
  return text;
}

std::string to_html(const JudgeTable& table) {
  std::string body = "<ul>";
  for (const auto& [name, value] : table.facts)
    body += fmt::format("<li>{}: {}</li>\n", escape_html(name), escape_html(value));
  body += "</ul>\n" + html_table("Judges", kHeads, cells_of(table)) + "<h2>Reliability</h2>\n";
  for (const JudgeRow& row : table.rows)
    if (row.costs) body += reliability_picture(row, table.seed);
  return html_page(table.title, body);
}

}  // namespace cairn::eval
