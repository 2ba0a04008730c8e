#include "tool/seccomp.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>

#include "cairn/error.h"

namespace cairn::tool {
namespace {

// Names, since not every architecture has them all.
constexpr std::initializer_list<const char*> kAllowed = {
    // memory
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise",
    // files that are open, or below what the sandbox shows
    "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "lseek",
    "close", "close_range", "open", "openat", "openat2", "stat", "fstat", "lstat", "newfstatat",
    "statx", "fstatfs", "statfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
    "getcwd", "chdir", "fchdir", "getdents64", "dup", "dup2", "dup3", "fcntl", "ftruncate", "fsync",
    "fdatasync", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat",
    "renameat2", "pipe", "pipe2", "poll", "ppoll", "select", "pselect6",
    // itself
    "exit", "exit_group", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid",
    "getpgrp", "getpgid", "getsid", "getgroups", "uname", "sysinfo", "getrusage", "times",
    "prlimit64", "getrlimit", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
    "sched_yield", "sched_getaffinity", "futex", "membarrier", "getcpu",
    // time and chance
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "getrandom",
    // its own signals
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"};

void require(int result) {
  if (result >= 0) return;
  throw Error(Fault::tool, "sandbox",
              std::string("no system call filter can be made: ") + std::strerror(-result),
              "Use a kernel with seccomp");
}

std::string exported(scmp_filter_ctx context) {
  const int file = memfd_create("cairn-seccomp", MFD_CLOEXEC);
  require(file < 0 ? -errno : 0);
  std::string bytes;
  const int result = seccomp_export_bpf(context, file);
  char buffer[4096];
  lseek(file, 0, SEEK_SET);
  for (ssize_t n; (n = read(file, buffer, sizeof buffer)) > 0;)
    bytes.append(buffer, static_cast<std::size_t>(n));
  close(file);
  require(result);
  return bytes;
}

}  // namespace

std::string seccomp_filter(bool exec) {
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> context(
      seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  require(context ? 0 : -ENOSYS);
  const auto rule = [&](std::uint32_t action, const char* name) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR) seccomp_rule_add(context.get(), action, number, 0);
  };
  for (const char* name : kAllowed) rule(SCMP_ACT_ALLOW, name);
  if (exec)
    for (const char* name : {"execve", "prctl", "seccomp", "wait4"}) rule(SCMP_ACT_ALLOW, name);
  rule(SCMP_ACT_ERRNO(ENOTTY), "ioctl");  // nothing is a terminal
  rule(SCMP_ACT_ERRNO(ENOSYS),
       "clone3");  // its flags cannot be looked at: libc falls back to clone
  const scmp_arg_cmp thread{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD};
  require(seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread));
  require(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));  // a tree, not a list
  return exported(context.get());
}

}  // namespace cairn::tool
