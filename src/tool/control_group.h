#pragma once
// tool/control_group.h — a control group (cgroup v2) for what one call runs: its memory without
// swap, and its threads and processes together, where limits of a process count each for itself.

#include <filesystem>
#include <memory>
#include <string>

namespace cairn::tool {

// Killed with all that is in it, and removed, when it is destroyed.
class ControlGroup {
 public:
  // Below the group of this process or the nearest above it that hands memory and pids on and lets
  // us make one. Null where there is none: no cgroup v2, or no leave to write.
  // memory: bytes.  pids: threads and processes.
  static std::shared_ptr<ControlGroup> make(std::size_t memory, int pids);

  // As make(), with the hierarchy at `root` and this process in the group `own`, "/user/a.scope".
  static std::shared_ptr<ControlGroup> make_below(const std::filesystem::path& root,
                                                  const std::string& own, std::size_t memory,
                                                  int pids);

  explicit ControlGroup(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~ControlGroup();
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  // What a process writes "0" to in order to enter.
  std::filesystem::path door() const { return folder_ / "cgroup.procs"; }

 private:
  const std::filesystem::path folder_;
};

}  // namespace cairn::tool
