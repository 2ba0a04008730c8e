#pragma once
// app/live_tree.h — the steps as they end, as a tree a person can read.
//
//   What is 2 + 2?
//   ● 2 and 2 make 4.
//   │ ├ The answer is 4. = 4
//   │ ├ So it is 4. = 4
//   ● Let me count: 1, 2, 3, 4, 5 (cut)
//
// On a terminal the tree is drawn again in place when steps came; elsewhere each step is a line
// when it ends. The text comes from a model: it is made printable first. Threads: the one that runs
// `io`.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "cairn/trace_log.h"

namespace cairn::app {

class LiveTree : public TraceLog {
 public:
  // `terminal`: draw in place. `colour`: with colours. Writes to `out`; borrows both.
  LiveTree(boost::asio::io_context& io, std::FILE* out, bool terminal, bool colour);

  void begin(const Problem& problem, const std::string& recipe, std::uint64_t seed) override;
  void step(const Problem& problem, const StepRecord& record) override;
  void reward(const Problem&, std::uint64_t, const std::string&, float) override {}
  void end(const Problem& problem, const Outcome& outcome) override;

 private:
  struct Node {
    std::string text;
    std::string answer;
    End end = End::open;
    std::vector<std::uint64_t> children;
  };

  void draw_soon();
  void draw(bool last);
  void collect(std::uint64_t id, std::size_t depth, std::size_t columns,
               std::vector<std::string>& lines) const;
  std::string line_of(const Node& node, std::size_t width) const;
  std::string paint(const char* code, const std::string& text) const;

  std::FILE* const out_;
  const bool terminal_, colour_;
  std::string question_;
  std::map<std::uint64_t, Node> nodes_;  // 0: the root
  int drawn_lines_ = 0;
  boost::asio::steady_timer timer_;
  bool drawing_soon_ = false;
};

}  // namespace cairn::app
