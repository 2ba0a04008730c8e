#include "gym/tasks.h"

#include "base/nearest.h"
#include "cairn/error.h"

namespace cairn {
namespace {

constexpr std::string_view kLegal = ":moves=legal";

// A task whose steps are its legal moves and nothing else.
class OnlyLegal : public Task {
 public:
  explicit OnlyLegal(const Task& rules) : rules_(rules) {}

  std::string name() const override { return rules_.name() + std::string(kLegal); }
  std::string prompt() const override { return rules_.prompt(); }
  bool only_legal() const override { return true; }
  TaskState read(const Problem& problem, std::string_view text) const override {
    return rules_.read(problem, text);
  }
  std::vector<std::string> moves(const Problem& problem, std::string_view text) const override {
    return rules_.moves(problem, text);
  }
  bool solves(const Problem& problem, std::string_view answer) const override {
    return rules_.solves(problem, answer);
  }
  std::optional<std::vector<std::string>> solution(const Problem& problem,
                                                   std::string_view text) const override {
    return rules_.solution(problem, text);
  }
  Problem draw(std::uint64_t seed, int difficulty) const override {
    return rules_.draw(seed, difficulty);
  }

 private:
  const Task& rules_;
};

}  // namespace

std::vector<std::string> task_names() {
  return {"blocksworld", "countdown", "game24", "igsm"};
}

const Task& find_task(std::string_view name) {
  static const Task* const tasks[] = {&gym::blocksworld(), &gym::countdown(), &gym::game24(),
                                      &gym::igsm()};
  static const OnlyLegal legal[] = {OnlyLegal(*tasks[0]), OnlyLegal(*tasks[1]),
                                    OnlyLegal(*tasks[2]), OnlyLegal(*tasks[3])};
  std::vector<std::string> names = task_names();
  for (std::size_t i = 0; i < std::size(tasks); ++i) {
    if (name == tasks[i]->name()) return *tasks[i];
    if (name == legal[i].name()) return legal[i];
    names.push_back(legal[i].name());
  }
  throw Error(Fault::input, "task", "there is no task \"" + std::string(name) + "\"",
              base::did_you_mean(name, names));
}

std::vector<std::string_view> gym::lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace cairn
