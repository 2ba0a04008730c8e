#pragma once
// tool/seccomp.h — which system calls a program in the sandbox may make: those that computing,
// memory, its own threads and files that are already bounded need, and no others. No sockets, no
// processes, no signals to others, no ptrace, no mounts, no namespaces, no keys, no BPF.

#include <string>

namespace cairn::tool {

// The filter as the kernel reads it (struct sock_filter[]). A call that is not allowed fails with
// EPERM. `exec`: whether a program may become another one and wait
// for it, as what sets the sandbox up has to.
// Errors: Fault::tool when the kernel's architecture is not known.
std::string seccomp_filter(bool exec);

}  // namespace cairn::tool
