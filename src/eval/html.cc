// eval/html.cc — report.html.

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "eval/report.h"

namespace cairn::eval {
namespace {

// Colours have a contrast of 4.5 at least with their background, in light and in dark.
constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--line:#767676;--a:#0b5394;--b:#8a4b00;--c:#38761d;--d:#7b1fa2}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--line:#9a9a9a;--a:#8ab8f0;--b:#f0b060;--c:#8fd07a;--d:#d9a0ee}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;padding:1rem;max-width:75rem}
.scroll{overflow-x:auto}table{border-collapse:collapse}th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}h1,h2,p,li,summary,pre,dd{overflow-wrap:anywhere}pre{white-space:pre-wrap;margin:.3rem 0 .3rem 1rem}
svg{width:100%;max-width:30rem;height:auto}svg text{fill:var(--ink);font-size:13px}.key{list-style:none;padding:0}.key svg{width:44px;height:16px;vertical-align:middle;margin-right:.5rem}.pictures{display:flex;flex-wrap:wrap;gap:1rem}.pictures svg{flex:1 1 18rem}.axis{stroke:var(--line);fill:none}
.s0{--s:var(--a)}.s1{--s:var(--b)}.s2{--s:var(--c)}.s3{--s:var(--d)}.curve{stroke:var(--s);fill:none;stroke-width:2}.mark{fill:var(--s)}
@media(max-width:40rem){table{font-size:.85rem}}details{margin-left:1rem}details p{margin:.2rem 0 .2rem 1rem}
)";

constexpr const char* kDashes[] = {"", "8 4", "2 3", "10 3 2 3", "5 5", "14 4"};

std::string mark(std::size_t which, double x, double y) {
  switch (which % 4) {
    case 0:
      return fmt::format(R"(<circle class="mark" cx="{:.1f}" cy="{:.1f}" r="5"/>)", x, y);
    case 1:
      return fmt::format(R"(<rect class="mark" x="{:.1f}" y="{:.1f}" width="9" height="9"/>)",
                         x - 4.5, y - 4.5);
    case 2:
      return fmt::format(R"(<path class="mark" d="M{:.1f} {:.1f}l6 10h-12z"/>)", x, y - 6);
    default:
      return fmt::format(R"(<path class="mark" d="M{:.1f} {:.1f}l6 6l-6 6l-6-6z"/>)", x, y - 6);
  }
}

// The plane of one picture: cost to the right, accuracy upwards.
struct Plane {
  double most = 1;
  double x(double cost) const { return 52 + 330 * cost / most; }
  double y(double accuracy) const { return 220 - 205 * accuracy; }
};

std::string axes(const Plane& plane, Cost cost) {
  std::string svg = R"(<path class="axis" d="M52 15V220H382"/>)";
  for (const int percent : {0, 25, 50, 75, 100})
    svg += fmt::format(R"(<text x="46" y="{:.0f}" text-anchor="end">{} %</text>)",
                       plane.y(percent / 100.0) + 4, percent);
  for (const double part : {0.0, 0.5, 1.0})
    svg += fmt::format(R"(<text x="{:.0f}" y="238" text-anchor="middle">{:.{}f}</text>)",
                       plane.x(part * plane.most), part * plane.most, plane.most < 20 ? 2 : 0);
  return svg + fmt::format(R"(<text x="217" y="256" text-anchor="middle">{} a question</text>)",
                           name_of(cost));
}

std::string line(std::size_t which, const std::string& path) {
  return fmt::format(R"(<path class="curve" stroke-dasharray="{}" d="{}"/>)",
                     kDashes[which % std::size(kDashes)], path);
}

std::string drawn(const Curve& curve, const Plane& plane, std::size_t which) {
  std::string path, marks;
  for (const CurvePoint& point : curve.points) {
    const double x = plane.x(point.cost), y = plane.y(point.accuracy);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y);
    marks += mark(which, x, y);
  }
  return fmt::format(R"(<g class="s{}">{}{}</g>)", which % 4, line(which, path), marks);
}

std::vector<const Curve*> curves_of(const Summary& summary, Cost cost) {
  std::vector<const Curve*> curves;
  for (const Curve& curve : summary.curves)
    if (curve.cost == cost) curves.push_back(&curve);
  return curves;
}

// Which line is which, once for all pictures.
std::string key(const Summary& summary) {
  std::string html = "<ul class=\"key\">";
  const auto curves = curves_of(summary, Cost::generated);
  for (std::size_t i = 0; i < curves.size(); ++i)
    html += fmt::format(
        R"(<li class="s{}"><svg viewBox="0 0 44 16" aria-hidden="true">{}{}</svg>{}</li>)", i % 4,
        line(i, "M0 8h44"), mark(i, 22, 8), escape_html(curves[i]->recipe));
  return html + "</ul>\n";
}

std::string picture(const Summary& summary, Cost cost) {
  const auto curves = curves_of(summary, cost);
  Plane plane{0};
  for (const Curve* curve : curves)
    for (const CurvePoint& point : curve->points) plane.most = std::max(plane.most, point.cost);
  if (plane.most <= 0) plane.most = 1;
  std::string svg = fmt::format(
      R"(<svg viewBox="0 0 400 265" role="img" aria-label="Accuracy against {}">)", name_of(cost));
  svg += axes(plane, cost);
  for (std::size_t i = 0; i < curves.size(); ++i) svg += drawn(*curves[i], plane, i);
  return svg + "</svg>\n";
}

std::string rows_html(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells;
  for (const Row& r : rows)
    cells.push_back({name_of(r.arm), fmt::format("{}/{}", r.right, r.attempts), percent(r.accuracy),
                     percent(r.interval.low) + " to " + percent(r.interval.high),
                     fmt::format("{:.0f}", r.generated), fmt::format("{:.0f}", r.evaluated),
                     fmt::format("{:.0f}", r.judge), fmt::format("{:.1f}", r.seconds),
                     fmt::format("{}", r.fixed), fmt::format("{}", r.broken),
                     fmt::format("{}", r.unanswered), fmt::format("{}", r.failed),
                     fmt::format("{:.2f}", r.ece),
                     r.auroc ? fmt::format("{:.2f}", *r.auroc) : "-"});
  return html_table("Recipes",
                    {"recipe", "right", "accuracy", "95 %", "generated", "evaluated", "judge",
                     "seconds", "fixed", "broken", "no answer", "failed", "ECE", "AUROC"},
                    cells);
}

std::string pairs_html(const std::vector<Pair>& pairs) {
  std::vector<std::vector<std::string>> cells;
  for (const Pair& p : pairs)
    cells.push_back({name_of(p.first), name_of(p.second), fmt::format("{}", p.questions),
                     fmt::format("{:+.1f} %", 100 * p.difference),
                     fmt::format("{:+.1f} to {:+.1f}", 100 * p.interval.low, 100 * p.interval.high),
                     fmt::format("{:.4f}", p.p), fmt::format("{:.4f}", p.p_holm)});
  return html_table("Pairs",
                    {"first", "second", "questions", "difference", "95 %", "p", "p (Holm)"}, cells);
}

std::string steps_html(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells;
  for (const Row& row : rows) {
    const StepRow& s = row.steps;
    if (s.attempts == 0) continue;
    const auto of_all = [&](int count) { return fmt::format("{}/{}", count, s.attempts); };
    const auto matched = [&](const std::string& text) { return s.matched > 0 ? text : "-"; };
    cells.push_back({name_of(row.arm), percent(s.valid), matched(percent(s.accuracy)),
                     of_all(s.sequence), of_all(s.final), matched(percent(s.ratio)),
                     matched(fmt::format("{:.1f}", s.edits))});
  }
  if (cells.empty()) return "";
  return "<h2>Steps</h2>\n" + html_table("Steps",
                                         {"recipe", "valid", "prefix accuracy", "all right",
                                          "last right", "hits", "edits"},
                                         cells);
}

std::string faithfulness_html(const std::vector<FaithfulnessRow>& rows) {
  if (rows.empty()) return "";
  std::vector<std::vector<std::string>> cells;
  for (const FaithfulnessRow& row : rows)
    cells.push_back({row.kind, fmt::format("{}", row.chains), fmt::format("{}", row.changes),
                     percent(row.same),
                     percent(row.interval.low) + " to " + percent(row.interval.high)});
  return "<h2>Faithfulness</h2>\n" +
         html_table("Faithfulness", {"change", "chains", "changes", "same answer", "95 %"}, cells);
}

// The lines of an attempt as a tree: steps that they share stand once. The first node is the root.
struct StepNode {
  const std::string* step = nullptr;
  std::vector<std::size_t> next{};
  std::vector<const Line*> ends{};  // lines that end here
};
using StepTree = std::vector<StepNode>;

void add(StepTree& tree, const Line& line) {
  std::size_t at = 0;
  for (const std::string& step : line.steps) {
    const auto& next = tree[at].next;
    const auto found = std::find_if(next.begin(), next.end(),
                                    [&](std::size_t node) { return *tree[node].step == step; });
    const std::size_t to = found == next.end() ? tree.size() : *found;
    if (to == tree.size()) {
      tree[at].next.push_back(to);
      tree.push_back({&step});
    }
    at = to;
  }
  tree[at].ends.push_back(&line);
}

std::string end_html(const Line& line) {
  return fmt::format("<p>{} {}, reward {:.2f}</p>\n", line.right ? "right:" : "wrong:",
                     escape_html(line.answer.value_or("(no answer)")), line.reward);
}

// Steps one below the other up to where ways part; each way is folded.
std::string tree_html(const StepTree& tree, std::size_t at) {
  std::string html;
  while (tree[at].next.size() == 1 && tree[at].ends.empty()) {
    at = tree[at].next[0];
    html += "<pre>" + escape_html(*tree[at].step) + "</pre>";
  }
  for (const Line* line : tree[at].ends) html += end_html(*line);
  for (const std::size_t next : tree[at].next)
    html += fmt::format("<details><summary>{}</summary>{}</details>\n",
                        escape_html(*tree[next].step), tree_html(tree, next));
  return html;
}

std::string attempt_html(const Attempt& attempt) {
  std::string html = fmt::format(
      "<details><summary>{} seed {}: {} {}</summary>", escape_html(name_of(attempt.arm)),
      attempt.seed, attempt.right ? "right:" : "wrong:",
      escape_html(attempt.failure.empty() ? attempt.answer.value_or("(no answer)")
                                          : attempt.failure));
  StepTree tree(1);
  for (const Line& line : attempt.lines) add(tree, line);
  return html + tree_html(tree, 0) + "</details>\n";
}

std::string questions_html(const std::vector<Attempt>& attempts) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const Attempt*>> questions;
  for (const Attempt& attempt : attempts) {
    auto& all = questions[attempt.problem];
    if (all.empty()) order.push_back(attempt.problem);
    all.push_back(&attempt);
  }
  std::string html;
  for (const std::string& id : order) {
    const auto& all = questions[id];
    const auto right =
        std::count_if(all.begin(), all.end(), [](const Attempt* a) { return a->right; });
    html +=
        fmt::format("<details><summary>{}: {} of {} right</summary><pre>{}</pre><p>Answer: {}</p>",
                    escape_html(id), right, all.size(), escape_html(all.front()->question),
                    escape_html(all.front()->gold));
    for (const Attempt* attempt : all) html += attempt_html(*attempt);
    html += "</details>\n";
  }
  return html;
}

std::string list(const std::vector<std::string>& items) {
  std::string html = "<ul>";
  for (const std::string& item : items) html += "<li>" + escape_html(item) + "</li>\n";
  return html + "</ul>\n";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : base::printable(text)) switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  return escaped;
}

std::string html_table(const std::string& caption, const std::vector<std::string>& heads,
                       const std::vector<std::vector<std::string>>& rows) {
  std::string html = fmt::format(
      R"(<div class="scroll" tabindex="0" role="region" aria-label="{}"><table><thead><tr>)",
      caption);
  for (const std::string& head : heads) html += "<th scope=\"col\">" + head + "</th>";
  html += "</tr></thead><tbody>";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += "<td>" + escape_html(cell) + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string html_page(std::string_view title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"><link rel=\"icon\" "
      "href=\"data:,\"><title>{0}</title><style>{1}</style></head><body><main><h1>{0}</h1>\n{2}"
      "</main></body></html>\n",
      escape_html(title), kStyle, body);
}

std::string to_html(const Report& report, const std::vector<Attempt>& attempts) {
  std::vector<std::string> facts;
  for (const auto& [name, value] : report.facts)
    facts.push_back(fmt::format("{}: {}", name, value));
  std::string html = list(facts) + "<h2>Recipes</h2>\n" + rows_html(report.summary.rows);
  html += "<h2>Accuracy against cost</h2>\n";
  html += key(report.summary) + "<div class=\"pictures\">\n";
  for (const Cost cost : kCosts) html += picture(report.summary, cost);
  html += "</div>\n";
  if (!report.summary.pairs.empty())
    html += "<h2>Pairs, on the same questions</h2>\n" + pairs_html(report.summary.pairs);
  html += steps_html(report.summary.rows) + faithfulness_html(report.faithfulness);
  if (!report.complaints.empty()) html += "<h2>Left out</h2>\n" + list(report.complaints);
  return html_page(report.title, html + "<h2>Questions</h2>\n" + questions_html(attempts));
}

}  // namespace cairn::eval
