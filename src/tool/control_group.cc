#include "tool/control_group.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/file.h"

namespace cairn::tool {
namespace {

namespace fs = std::filesystem;

bool write_to(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

// Do groups made in this folder get limits of memory and of pids?
bool hands_on(const fs::path& folder) {
  bool memory = false, pids = false;
  std::istringstream words(base::file_content(folder / "cgroup.subtree_control").value_or(""));
  for (std::string word; words >> word;) {
    memory |= word == "memory";
    pids |= word == "pids";
  }
  return memory && pids;
}

// The group of this process, from "0::/user/a.scope"; empty where there is no cgroup v2.
std::string own_group() {
  std::istringstream lines(base::file_content("/proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::")) return line.substr(3);
  return "";
}

std::string fresh_name() {
  static std::atomic<int> made{0};
  return fmt::format("cairn-{}-{}", getpid(), ++made);
}

}  // namespace

std::shared_ptr<ControlGroup> ControlGroup::make(std::size_t memory, int pids) {
  const std::string own = own_group();
  return own.empty() ? nullptr : make_below("/sys/fs/cgroup", own, memory, pids);
}

std::shared_ptr<ControlGroup> ControlGroup::make_below(const fs::path& root, const std::string& own,
                                                       std::size_t memory, int pids) {
  fs::path below = fs::path(own).relative_path();
  for (;;) {
    const fs::path folder = root / below / fresh_name();
    std::error_code failed;
    // To enter, a process has to be let write to the group above both.
    const bool lets_in = access((root / below / "cgroup.procs").c_str(), W_OK) == 0;
    if (lets_in && hands_on(root / below) && fs::create_directory(folder, failed)) {
      auto group = std::make_shared<ControlGroup>(folder);
      const bool limited = write_to(folder / "memory.max", std::to_string(memory)) &&
                           write_to(folder / "pids.max", std::to_string(pids));
      write_to(folder / "memory.swap.max", "0");  // where the kernel counts swap
      if (limited) return group;
    }
    if (below.empty()) return nullptr;
    below = below.parent_path();
  }
}

ControlGroup::~ControlGroup() {
  write_to(folder_ / "cgroup.kill", "1");
  std::error_code failed;  // what was killed takes a moment to be gone
  for (int tries = 0; tries < 50 && !fs::remove(folder_, failed) && failed; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace cairn::tool
