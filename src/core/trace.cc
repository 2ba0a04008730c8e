#include "cairn/trace.h"

#include <algorithm>
#include <utility>

namespace cairn {

struct Trace::Node {
  std::shared_ptr<const Node> parent;
  std::shared_ptr<const char> identity;  // the same in all copies
  Step step;
  End end = End::open;
  std::uint64_t id = 0;
  std::size_t depth = 0;
  std::size_t tokens = 0;  // from the root
  double logprob = 0;      // from the root
  Usage usage;             // from the root

  Node() = default;
  Node(const Node&) = default;
  Node& operator=(const Node&) = delete;
  ~Node();
};

// A long chain is taken apart step by step: each parent would otherwise be destroyed inside its
// child's destructor, as deep as the trace is long.
Trace::Node::~Node() {
  if (!parent) return;
  thread_local std::vector<std::shared_ptr<const Node>>* orphans = nullptr;
  if (orphans) {
    orphans->push_back(std::move(parent));
    return;
  }
  std::vector<std::shared_ptr<const Node>> list;
  list.push_back(std::move(parent));
  orphans = &list;
  while (!list.empty()) {
    const std::shared_ptr<const Node> next = std::move(list.back());
    list.pop_back();
  }
  orphans = nullptr;
}

Trace Trace::extended(Step step, End end, std::uint64_t id) const {
  auto node = std::make_shared<Node>();
  node->parent = tip_;
  node->identity = std::make_shared<const char>();
  node->end = end;
  node->id = id;
  node->depth = depth() + 1;
  node->tokens = tokens() + step.tokens.size();
  node->logprob = logprob() + step.logprob();
  node->usage = usage();
  node->usage += step.usage;
  node->step = std::move(step);
  Trace trace(ordinal_);
  trace.tip_ = std::move(node);
  return trace;
}

Trace Trace::with_ordinal(std::uint64_t ordinal) const {
  Trace trace = *this;
  trace.ordinal_ = ordinal;
  return trace;
}

Trace Trace::with_reward(const std::string& judge, float reward) const {
  auto node = std::make_shared<Node>(*tip_);
  node->step.rewards[judge] = reward;
  Trace trace(ordinal_);
  trace.tip_ = std::move(node);
  return trace;
}

Trace Trace::answerless() const {
  if (!answer()) return *this;
  auto node = std::make_shared<Node>(*tip_);
  node->step.answer = std::nullopt;
  Trace trace(ordinal_);
  trace.tip_ = std::move(node);
  return trace;
}

Trace Trace::without_state() const {
  std::vector<const Node*>
      path;  // from the tip to the first node below which nothing holds a state
  std::size_t stateful = 0;
  for (const Node* node = tip_.get(); node != nullptr; node = node->parent.get()) {
    path.push_back(node);
    if (node->step.state) stateful = path.size();
  }
  if (stateful == 0) return *this;
  std::shared_ptr<const Node> parent = path[stateful - 1]->parent;
  for (std::size_t i = stateful; i-- > 0;) {
    auto node = std::make_shared<Node>(*path[i]);
    node->step.state = nullptr;
    node->parent = std::move(parent);
    parent = std::move(node);
  }
  Trace trace(ordinal_);
  trace.tip_ = std::move(parent);
  return trace;
}

std::size_t Trace::depth() const {
  return tip_ ? tip_->depth : 0;
}

const Step& Trace::last() const {
  return tip_->step;
}

Trace Trace::parent() const {
  Trace trace(ordinal_);
  if (tip_) trace.tip_ = tip_->parent;
  return trace;
}

std::vector<const Step*> Trace::steps() const {
  std::vector<const Step*> steps(depth());
  const Node* node = tip_.get();
  for (auto slot = steps.rbegin(); slot != steps.rend(); ++slot, node = node->parent.get())
    *slot = &node->step;
  return steps;
}

std::string Trace::text() const {
  std::string text;
  for (const Step* step : steps()) text += step->text;
  return text;
}

std::uint64_t Trace::id() const {
  return tip_ ? tip_->id : 0;
}
std::weak_ptr<const void> Trace::watch() const {
  return tip_ ? std::weak_ptr<const void>(tip_->identity) : std::weak_ptr<const void>();
}
bool Trace::finished() const {
  return end() != End::open;
}
End Trace::end() const {
  return tip_ ? tip_->end : End::open;
}
std::optional<std::string> Trace::answer() const {
  return tip_ ? tip_->step.answer : std::nullopt;
}
std::size_t Trace::tokens() const {
  return tip_ ? tip_->tokens : 0;
}
double Trace::logprob() const {
  return tip_ ? tip_->logprob : 0;
}
Usage Trace::usage() const {
  return tip_ ? tip_->usage : Usage{};
}

}  // namespace cairn
