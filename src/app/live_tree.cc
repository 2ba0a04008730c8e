#include "app/live_tree.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

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
std::string flat(std::string_view text) {
  std::string line = base::printable(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  const auto first = line.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(' ') - first + 1);
}

// The first `width` characters, not cutting one in two.
std::string clipped(const std::string& text, std::size_t width) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (starts && ++characters > width) return text.substr(0, i) + "…";
  }
  return text;
}

}  // namespace

LiveTree::LiveTree(std::FILE* out, bool terminal, bool colour)
    : out_(out), terminal_(terminal), colour_(colour) {}

void LiveTree::begin(const Problem& problem, const std::string&, std::uint64_t) {
  question_ = flat(problem.question);
  nodes_.clear();
  drawn_lines_ = 0;
  fmt::print(out_, "{}\n", paint("1", clipped(question_, size_of(out_).columns - 2)));
}

void LiveTree::step(const Problem&, const StepRecord& record) {
  Node node;
  node.text = flat(record.step->text);
  node.answer = record.step->answer ? flat(*record.step->answer) : "";
  node.end = record.end;
  nodes_[record.parent].children.push_back(record.id);
  if (!terminal_)
    fmt::print(out_, "{:>4} <- {:<4} {}\n", record.id, record.parent, line_of(node, 1000));
  nodes_.insert_or_assign(record.id, std::move(node));
  const auto now = std::chrono::steady_clock::now();
  if (terminal_ && now - last_draw_ > std::chrono::milliseconds(60)) {
    last_draw_ = now;
    draw(/*last=*/false);
  }
}

void LiveTree::end(const Problem&, const Outcome&) {
  if (terminal_) draw(/*last=*/true);
  std::fflush(out_);
}

// While it grows the tree is held to the screen's height: its newest lines are shown.
void LiveTree::draw(bool last) {
  std::vector<std::string> lines;
  const auto root = nodes_.find(0);
  if (root == nodes_.end()) return;
  for (const std::uint64_t child : root->second.children) collect(child, "", lines);
  const std::size_t room = size_of(out_).rows - 3;
  if (!last && lines.size() > room)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(room));
  if (drawn_lines_ > 0) fmt::print(out_, "\x1b[{}A", drawn_lines_);
  for (const std::string& line : lines) fmt::print(out_, "\x1b[2K{}\n", line);
  fmt::print(out_, "\x1b[J");
  drawn_lines_ = static_cast<int>(lines.size());
  std::fflush(out_);
}

// A chain of only children is written below one another without deeper indents.
void LiveTree::collect(std::uint64_t id, const std::string& indent,
                       std::vector<std::string>& lines) const {
  const std::size_t columns = size_of(out_).columns;
  const Node* node = &nodes_.at(id);
  const std::string mark = indent.empty() ? "● " : "├ ";
  lines.push_back(indent + mark + line_of(*node, columns - indent.size() - 16));
  while (node->children.size() == 1) {
    node = &nodes_.at(node->children.front());
    lines.push_back(indent + "│ " + line_of(*node, columns - indent.size() - 16));
  }
  for (const std::uint64_t child : node->children) collect(child, indent + "│ ", lines);
}

std::string LiveTree::line_of(const Node& node, std::size_t width) const {
  std::string line = clipped(node.text, width);
  if (!node.answer.empty()) line += paint("32", " = " + clipped(node.answer, 40));
  if (node.end == End::cut) line += paint("33", " (cut)");
  return line;
}

std::string LiveTree::paint(const char* code, const std::string& text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

}  // namespace cairn::app
