#include "tool/sandbox.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include "base/nearest.h"
#include "cairn/error.h"
#include "tool/seccomp.h"

namespace cairn::tool {
namespace {

constexpr std::size_t kTemporary = 16u << 20;  // bytes in /tmp
constexpr int kThreads = 64;                   // with the processes around the program

std::string bubblewrap_path() {
  for (const char* path : {"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"})
    if (access(path, X_OK) == 0) return path;
  throw Error(Fault::tool, "sandbox", "bubblewrap is not installed",
              "Install the package bubblewrap");
}

// The limits that a process keeps by itself and hands on to what it becomes; first it enters its
// group, where it has one.
std::vector<std::string> limited(const ToolLimits& limits, const ControlGroup* group) {
  const std::string script = fmt::format(
      "{}cd /; ulimit -c 0; ulimit -n 64; ulimit -f {}; ulimit -v {}; ulimit -t {}; exec \"$@\"",
      group ? "echo 0 2>/dev/null >\"$0\"; " : "", kTemporary / 512, limits.memory / 1024,
      static_cast<long>(std::ceil(limits.seconds)) + 1);
  return {"/bin/sh", "-c", script, group ? group->door().string() : "sh"};
}

std::vector<std::string> bubblewrap(const std::vector<std::string>& readable) {
  std::vector<std::string> words = {bubblewrap_path(),
                                    "--unshare-all",
                                    "--die-with-parent",
                                    "--new-session",
                                    "--clearenv",
                                    "--uid",
                                    "65534",
                                    "--gid",
                                    "65534",
                                    "--hostname",
                                    "sandbox",
                                    "--cap-drop",
                                    "ALL"};
  const auto add = [&words](std::initializer_list<std::string> more) {
    words.insert(words.end(), more);
  };
  add({"--ro-bind", "/usr", "/usr"});
  for (const char* name : {"bin", "lib", "lib64", "lib32"}) {
    const std::string path = std::string("/") + name;
    if (access(path.c_str(), F_OK) == 0) add({"--symlink", "usr" + path, path});
  }
  for (const std::string& path : readable) add({"--ro-bind", path, path});
  add({"--dev-bind", "/dev/null", "/dev/null"});
  add({"--size", std::to_string(kTemporary), "--tmpfs", "/tmp", "--remount-ro", "/"});
  add({"--chdir", "/tmp", "--seccomp", "3"});
  return words;
}

void append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

std::string_view name_of(Isolation isolation) {
  switch (isolation) {
    case Isolation::bubblewrap:
      return "bubblewrap";
    case Isolation::landlock:
      return "landlock";
    case Isolation::none:
      break;
  }
  return "none";
}

std::string_view bounded_by() {
  static const bool group = ControlGroup::make(kTemporary, kThreads) != nullptr;
  return group ? "rlimits and a cgroup" : "rlimits";
}

std::vector<Isolation> isolations(bool unsafe) {
  if (unsafe) return {Isolation::none};
  const char* wanted = std::getenv("CAIRN_SANDBOX");
  std::vector<Isolation> all = {Isolation::bubblewrap, Isolation::landlock};
  if (wanted == nullptr || *wanted == '\0') return all;
  std::vector<std::string> names;
  for (const Isolation isolation : all) {
    if (name_of(isolation) == wanted) return {isolation};
    names.emplace_back(name_of(isolation));
  }
  throw Error(Fault::input, "CAIRN_SANDBOX", fmt::format("there is no sandbox \"{}\"", wanted),
              base::did_you_mean(wanted, names));
}

Command confined(std::vector<std::string> argv, Isolation isolation, const ToolLimits& limits,
                 const std::vector<std::string>& readable) {
  Command command;
  command.group = ControlGroup::make(limits.memory + kTemporary, kThreads);
  command.argv = limited(limits, command.group.get());
  // Hashes are the same in every run, and so is what a program prints of a set.
  command.environment = {"LANG=C.UTF-8", "PYTHONHASHSEED=0", "PYTHONUTF8=1"};
  if (isolation == Isolation::bubblewrap) {
    append(command.argv, bubblewrap(readable));
    for (const std::string& variable : command.environment) {
      const auto equals = variable.find('=');
      append(command.argv, {"--setenv", variable.substr(0, equals), variable.substr(equals + 1)});
    }
    static const std::string filter = seccomp_filter(/*exec=*/true);
    command.third = filter;
  }
  append(command.argv, argv);
  return command;
}

ToolResult result_of(Ended ended, const ToolLimits& limits) {
  ToolResult result;
  result.exit_status = ended.exit_status;
  result.output = std::move(ended.output);
  result.message = std::move(ended.message);
  const int signal = ended.exit_status - 128;
  if (ended.timeout || signal == SIGXCPU) {
    result.status = ToolStatus::timeout;
    result.message += fmt::format("stopped after {} s\n", limits.seconds);
  } else if (ended.flooded) {
    result.status = ToolStatus::limit;
    result.message += fmt::format("stopped after {} bytes of output\n", limits.output);
  } else if (signal == SIGKILL || signal == SIGXFSZ) {
    result.status = ToolStatus::limit;
    result.message +=
        fmt::format("stopped by signal {}: too much memory or too large a file\n", signal);
  } else if (ended.exit_status != 0) {
    result.status = ToolStatus::error;
  }
  return result;
}

}  // namespace cairn::tool
