#include "app/live_tree.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/columns.h"
#include "base/text.h"

namespace cairn::app {
namespace {

struct Size {
  std::size_t columns = 100, rows = 30;
};

Size size_of(std::FILE* out) {
  winsize size{};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 20 && size.ws_row > 4)
    return {size.ws_col, size.ws_row};
  return {};
}

// Model text on one line.
// While the tree is drawn a line that is too long in spite of all does not wrap: the next drawing
// counts lines.
constexpr const char* kWrapOff = "\x1b[?7l";
constexpr const char* kWrapOn = "\x1b[?7h";
constexpr std::size_t kNarrowest = 16, kLongestAnswer = 40, kPlainWidth = 1000;

}  // namespace

LiveTree::LiveTree(boost::asio::io_context& io, std::FILE* out, bool terminal, bool colour)
    : out_(out), terminal_(terminal), colour_(colour), timer_(io) {}

void LiveTree::begin(const Problem& problem, const std::string&, std::uint64_t) {
  question_ = base::one_line(problem.question);
  nodes_.clear();
  drawn_lines_ = 0;
  fmt::print(out_, "{}\n", paint("1", base::clipped(question_, size_of(out_).columns - 1)));
}

void LiveTree::step(const Problem&, const StepRecord& record) {
  Node node;
  node.text = base::one_line(record.step->text);
  node.answer = record.step->answer ? base::one_line(*record.step->answer) : "";
  node.end = record.end;
  nodes_[record.parent].children.push_back(record.id);
  if (!terminal_)
    fmt::print(out_, "{:>4} <- {:<4} {}\n", record.id, record.parent, line_of(node, kPlainWidth));
  nodes_.insert_or_assign(record.id, std::move(node));
  if (terminal_) draw_soon();
}

// Steps that end together are drawn together.
void LiveTree::draw_soon() {
  if (std::exchange(drawing_soon_, true)) return;
  timer_.expires_after(std::chrono::milliseconds(60));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // cancelled, perhaps with this tree gone
    drawing_soon_ = false;
    draw(/*last=*/false);
  });
}

void LiveTree::end(const Problem&, const Outcome&) {
  timer_.cancel();
  drawing_soon_ = false;
  if (terminal_) draw(/*last=*/true);
  std::fflush(out_);
}

// While it grows the tree is held to the screen's height: its newest lines are shown.
void LiveTree::draw(bool last) {
  std::vector<std::string> lines;
  const auto root = nodes_.find(0);
  if (root == nodes_.end()) return;
  const Size size = size_of(out_);
  for (const std::uint64_t child : root->second.children) collect(child, 0, size.columns, lines);
  const std::size_t room = size.rows - 3;
  if (!last && lines.size() > room)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(room));
  if (drawn_lines_ > 0) fmt::print(out_, "\x1b[{}A", drawn_lines_);
  fmt::print(out_, "\r{}", kWrapOff);
  for (const std::string& line : lines) fmt::print(out_, "\x1b[2K{}\n", line);
  fmt::print(out_, "\x1b[J{}", kWrapOn);
  drawn_lines_ = static_cast<int>(lines.size());
  std::fflush(out_);
}

// A chain of only children is written below one another without deeper indents.
void LiveTree::collect(std::uint64_t id, std::size_t depth, std::size_t columns,
                       std::vector<std::string>& lines) const {
  std::string indent;
  for (std::size_t i = 0; i < depth; ++i) indent += "│ ";
  const std::size_t width = std::max(kNarrowest, columns - std::min(columns, 2 * depth + 3));
  const Node* node = &nodes_.at(id);
  lines.push_back(indent + (depth == 0 ? "● " : "├ ") + line_of(*node, width));
  while (node->children.size() == 1) {
    node = &nodes_.at(node->children.front());
    lines.push_back(indent + "│ " + line_of(*node, width));
  }
  for (const std::uint64_t child : node->children) collect(child, depth + 1, columns, lines);
}

// In `width` columns, the answer last.
std::string LiveTree::line_of(const Node& node, std::size_t width) const {
  std::string answer = node.answer.empty() ? "" : base::clipped(node.answer, kLongestAnswer);
  const std::size_t answer_columns = answer.empty() ? 0 : 3 + base::columns(answer);
  const std::size_t mark_columns = node.end == End::cut ? 6 : 0;
  const std::size_t tail = answer_columns + mark_columns;
  std::string line = base::clipped(node.text, std::max(kNarrowest, width - std::min(width, tail)));
  if (!answer.empty()) line += paint("32", " = " + answer);
  if (node.end == End::cut) line += paint("33", " (cut)");
  return line;
}

std::string LiveTree::paint(const char* code, const std::string& text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

}  // namespace cairn::app
