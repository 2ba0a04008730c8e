#include "app/trace_text.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "base/text.h"

namespace cairn::app {
namespace {

// Text of a model on one line.
std::string step_text(const Tree::Node& node) {
  const Step& step = node.trace.last();
  std::string line = step.kind == "text" ? "" : "[" + base::one_line(step.kind) + "] ";
  line += base::one_line(step.text);
  if (step.answer) line += " = " + base::one_line(*step.answer);
  for (const auto& [judge, reward] : step.rewards)
    line += fmt::format(" [{} {:.3f}]", base::one_line(judge), reward);
  if (node.visit_count > 0) line += fmt::format(" [N {}]", node.visit_count);
  if (node.trace.end() == End::cut) line += fmt::format(" (cut: {})", name_of(step.stop));
  return node.chosen ? line + "  *" : line;
}

// What is still to be written, with its indent: only children stand below one another.
struct Pending {
  Tree::Index node;
  std::string indent;
};

void append_tree(std::string& out, const Tree& tree) {
  std::vector<Pending> pending;
  const auto push_children = [&](Tree::Index node, const std::string& indent) {
    const auto children = tree.children(node);
    for (auto child = children.rbegin(); child != children.rend(); ++child)
      pending.push_back({*child, children.size() > 1 ? indent + "  " : indent});
  };
  push_children(Tree::kRoot, "");
  while (!pending.empty()) {
    const Pending next = std::move(pending.back());
    pending.pop_back();
    const Tree::Node& node = tree[next.node];
    const bool branch = tree[node.parent].children > 1 || node.parent == Tree::kRoot;
    fmt::format_to(std::back_inserter(out), "  {}{} {}\n", next.indent, branch ? "-" : " ",
                   step_text(node));
    push_children(next.node, next.indent);
  }
}

}  // namespace

std::string episode_text(const store::Episode& episode) {
  const store::ProblemRecord& record = episode.problem;
  std::string out = fmt::format("{}: {}\n", base::one_line(record.problem.id),
                                base::one_line(record.problem.question));
  fmt::format_to(std::back_inserter(out), "  {}, {}, seed {}{}\n", base::one_line(record.recipe),
                 base::one_line(record.run.model), record.seed,
                 record.run.reproducible ? "" : ", not reproducible");
  append_tree(out, episode.tree);
  if (!episode.outcome) return out + "  unfinished\n";
  const store::OutcomeRecord& outcome = *episode.outcome;
  fmt::format_to(std::back_inserter(out),
                 "  answer {}, confidence {:.2f}, {}, {} tokens generated, {} evaluated\n",
                 outcome.answer ? base::one_line(*outcome.answer) : "none", outcome.confidence,
                 name_of(outcome.stopped), outcome.usage.generated_tokens,
                 outcome.usage.evaluated_tokens);
  return out;
}

}  // namespace cairn::app
