#include "gym/tasks.h"

#include "base/nearest.h"
#include "cairn/error.h"

namespace cairn {

std::vector<std::string> task_names() {
  return {"blocksworld", "countdown", "game24", "igsm"};
}

const Task& find_task(std::string_view name) {
  for (const Task* task : {&gym::blocksworld(), &gym::countdown(), &gym::game24(), &gym::igsm()})
    if (task->name() == name) return *task;
  throw Error(Fault::input, "task", "there is no task \"" + std::string(name) + "\"",
              base::did_you_mean(name, task_names()));
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
