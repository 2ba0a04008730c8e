#pragma once
// tool/sandbox.h — where code from a model runs: it may compute and print, and nothing else.
//
//   bubblewrap  namespaces of its own for users, processes, network, mounts, IPC, host name and
//   cgroups;
//               the system's programs read-only, /tmp small and in memory, nobody's user id, no
//               environment; seccomp; limits on memory, time, files and output, by
//               rlimits and by a cgroup where one can be made
//   landlock    where namespaces cannot be made: the kernel's Landlock lets it read the system's
//               libraries and write nothing; seccomp and the same limits
//   none        limits alone; only where a user typed --unsafe-tools

#include <string>
#include <string_view>
#include <vector>

#include "cairn/tool.h"
#include "tool/process.h"

namespace cairn::tool {

enum class Isolation { bubblewrap, landlock, none };
std::string_view name_of(Isolation isolation);

// What to try, in this order. CAIRN_SANDBOX=bubblewrap or landlock leaves only that one.
// Errors: Fault::input for another value of it.
std::vector<Isolation> isolations(bool unsafe);

// What bounds programs on this machine: "rlimits", and a cgroup where one can be made.
std::string_view bounded_by();

// A program with its arguments, wrapped so that it runs in isolation and within the limits.
// `readable`: folders beside /usr that it reads.
// landlock only limits here: the program has to shut itself in (tool/python.cc does).
// Errors: Fault::tool when bubblewrap is not installed.
Command confined(std::vector<std::string> argv, Isolation isolation, const ToolLimits& limits,
                 const std::vector<std::string>& readable = {});

// How a confined program ended, as a tool's result.
ToolResult result_of(Ended ended, const ToolLimits& limits);

}  // namespace cairn::tool
