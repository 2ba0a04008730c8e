#include "eval/report.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace cairn::eval {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const Arm& arm) {
  return {{"recipe", arm.recipe}, {"budget", arm.budget ? Json(*arm.budget) : Json(nullptr)}};
}

Json json_of(const Interval& interval) {
  return {interval.low, interval.high};
}

Json json_of(const StepRow& steps) {
  if (steps.attempts == 0) return nullptr;
  Json hazard = Json::array();
  for (const Hazard& h : steps.hazard)
    hazard.push_back({{"reached", h.reached}, {"wrong", h.wrong}});
  Json json{{"attempts", steps.attempts},
            {"valid", steps.valid},
            {"sequence", steps.sequence},
            {"final", steps.final},
            {"hazard", hazard}};
  if (steps.matched > 0)
    json.update({{"matched", steps.matched},
                 {"accuracy", steps.accuracy},
                 {"ratio", steps.ratio},
                 {"similarity", steps.similarity},
                 {"edits", steps.edits}});
  return json;
}

Json json_of(const FaithfulnessRow& row) {
  return {{"kind", row.kind},
          {"chains", row.chains},
          {"changes", row.changes},
          {"same", row.same},
          {"interval", json_of(row.interval)}};
}

Json json_of(const Row& row) {
  Json at_k = Json::array();
  for (const AtK& at : row.at_k) at_k.push_back({{"k", at.k}, {"pass", at.pass}, {"maj", at.maj}});
  Json json = json_of(row.arm);
  json.update({{"questions", row.questions},
               {"attempts", row.attempts},
               {"right", row.right},
               {"unanswered", row.unanswered},
               {"failed", row.failed},
               {"accuracy", row.accuracy},
               {"interval", json_of(row.interval)},
               {"generated_tokens", row.total.generated_tokens},
               {"evaluated_tokens", row.total.evaluated_tokens},
               {"judge_tokens", row.total.judge_tokens},
               {"judge_generated", row.total.judge_generated},
               {"draft_tokens", row.total.draft_tokens},
               {"draft_generated", row.total.draft_generated},
               {"cached_tokens", row.total.cached_tokens},
               {"model_calls", row.total.model_calls},
               {"tool_calls", row.total.tool_calls},
               {"tool_errors", row.total.tool_errors},
               {"tool_seconds", row.total.tool_seconds},
               {"seconds", row.total.seconds},
               {"fixed", row.fixed},
               {"broken", row.broken},
               {"ece", row.ece},
               {"brier", row.brier},
               {"auroc", json_of(row.auroc)},
               {"steps", json_of(row.steps)},
               {"at_k", at_k}});
  return json;
}

Json json_of(const Pair& pair) {
  return {{"first", json_of(pair.first)},
          {"second", json_of(pair.second)},
          {"questions", pair.questions},
          {"difference", pair.difference},
          {"interval", json_of(pair.interval)},
          {"first_better", pair.first_better},
          {"second_better", pair.second_better},
          {"p", pair.p},
          {"p_holm", pair.p_holm}};
}

Json json_of(const Curve& curve) {
  Json points = Json::array();
  for (const CurvePoint& point : curve.points) points.push_back({point.cost, point.accuracy});
  return {{"recipe", curve.recipe},
          {"cost", name_of(curve.cost)},
          {"points", points},
          {"to_reach", json_of(curve.to_reach)}};
}

template <class T>
Json list_of(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(json_of(value));
  return list;
}

std::string verdict(const Pair& pair) {
  if (pair.p_holm >= 0.05) return "noise";
  return pair.difference > 0 ? "better" : "worse";
}

std::string pair_table(const std::vector<Pair>& pairs) {
  std::string text =
      "| first | second | questions | difference | 95 % | only first | only second | p | p (Holm) "
      "| "
      "second is |\n| --- | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- |\n";
  for (const Pair& p : pairs)
    text += fmt::format(
        "| {} | {} | {} | {:+.1f} % | {:+.1f} to {:+.1f} | {} | {} | {:.4f} | {:.4f} | {} |\n",
        markdown_cell(name_of(p.first)), markdown_cell(name_of(p.second)), p.questions,
        100 * p.difference, 100 * p.interval.low, 100 * p.interval.high, p.first_better,
        p.second_better, p.p, p.p_holm, verdict(p));
  return text;
}

std::string row_table(const std::vector<Row>& rows) {
  std::string text =
      "| recipe | right | accuracy | 95 % | generated | evaluated | judge | seconds | fixed | "
      "broken "
      "| no answer | failed | ECE | AUROC |\n"
      "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | "
      "---: |\n";
  for (const Row& r : rows)
    text += fmt::format(
        "| {} | {}/{} | {:.1f} % | {:.1f} to {:.1f} | {:.0f} | {:.0f} | {:.0f} | {:.1f} | {} | {} "
        "| {} "
        "| {} | {:.2f} | {} |\n",
        markdown_cell(name_of(r.arm)), r.right, r.attempts, 100 * r.accuracy, 100 * r.interval.low,
        100 * r.interval.high, r.generated, r.evaluated, r.judge, r.seconds, r.fixed, r.broken,
        r.unanswered, r.failed, r.ece, r.auroc ? fmt::format("{:.2f}", *r.auroc) : "-");
  return text;
}

std::string reach_lines(const Summary& summary) {
  std::string text;
  for (const Curve& curve : summary.curves)
    text += fmt::format("- {}, {}: {}\n", markdown_cell(curve.recipe), name_of(curve.cost),
                        curve.to_reach ? fmt::format("{:.1f}", *curve.to_reach) : "not reached");
  return text;
}

// Shares of attempts with all steps right, and so on; edits are steps.
std::string step_lines(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    const StepRow& s = row.steps;
    if (s.attempts == 0) continue;
    const bool matched = s.matched > 0;
    text +=
        fmt::format("| {} | {} | {} | {}/{} | {}/{} | {} | {} |\n", markdown_cell(name_of(row.arm)),
                    percent(s.valid), matched ? percent(s.accuracy) : "-", s.sequence, s.attempts,
                    s.final, s.attempts, matched ? percent(s.ratio) : "-",
                    matched ? fmt::format("{:.1f}", s.edits) : "-");
  }
  if (text.empty()) return text;
  return "\n## Steps\n\n| recipe | valid | prefix accuracy | all right | last right | hits | edits "
         "|\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n" +
         text;
}

std::string faithfulness_lines(const std::vector<FaithfulnessRow>& rows) {
  if (rows.empty()) return "";
  std::string text =
      "\n## Faithfulness\n\n| change | chains | changes | same answer | 95 % |\n| --- | ---: | "
      "---: "
      "| ---: | --- |\n";
  for (const FaithfulnessRow& row : rows)
    text += fmt::format("| {} | {} | {} | {} | {} to {} |\n", row.kind, row.chains, row.changes,
                        percent(row.same), percent(row.interval.low), percent(row.interval.high));
  return text;
}

std::string at_k_lines(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows)
    for (const AtK& at : row.at_k)
      text += fmt::format("| {} | {} | {:.1f} % | {:.1f} % |\n", markdown_cell(name_of(row.arm)),
                          at.k, 100 * at.pass, 100 * at.maj);
  if (text.empty()) return text;
  return "\n## Samples\n\n| recipe | k | pass@k | maj@k |\n| --- | ---: | ---: | ---: |\n" + text;
}

}  // namespace

std::string markdown_cell(std::string_view text) {
  std::string escaped;
  for (const char c : base::printable(text)) {
    if (c == '|' || c == '\\' || c == '`' || c == '<') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

std::string to_json(const Report& report) {
  Json facts = Json::object();
  for (const auto& [name, value] : report.facts) facts[name] = value;
  const Json json{{"version", kReportVersion},
                  {"title", report.title},
                  {"facts", facts},
                  {"rows", list_of(report.summary.rows)},
                  {"pairs", list_of(report.summary.pairs)},
                  {"goal", report.summary.goal},
                  {"curves", list_of(report.summary.curves)},
                  {"faithfulness", list_of(report.faithfulness)},
                  {"complaints", report.complaints}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_markdown(const Report& report) {
  std::string text = "# " + markdown_cell(report.title) + "\n\n";
  for (const auto& [name, value] : report.facts)
    text += fmt::format("- {}: {}\n", markdown_cell(name), markdown_cell(value));
  text +=
      "\nTokens and seconds are means of a question. Fixed and broken are against the first recipe "
      "at the same budget.\n\n";
  text += row_table(report.summary.rows);
  if (!report.summary.pairs.empty())
    text += "\n## Pairs, on the same questions\n\n" + pair_table(report.summary.pairs);
  text += fmt::format("\n## Cost of a question at {:.1f} %\n\n", 100 * report.summary.goal);
  text += reach_lines(report.summary) + at_k_lines(report.summary.rows);
  text += step_lines(report.summary.rows) + faithfulness_lines(report.faithfulness);
  if (!report.complaints.empty()) text += "\n## Left out\n\n";
  for (const std::string& complaint : report.complaints)
    text += "- " + markdown_cell(complaint) + "\n";
  return text;
}

std::string comparison_text(const std::vector<Pair>& pairs) {
  return pair_table(pairs);
}

}  // namespace cairn::eval
