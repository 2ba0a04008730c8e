#pragma once
// tool/process.h — a child process with its standard streams piped, watched without blocking.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/tool.h"
#include "tool/control_group.h"

namespace cairn::tool {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  void reset();

 private:
  int number_;
};

struct Command {
  std::vector<std::string> argv;         // argv[0]: an absolute path
  std::vector<std::string> environment;  // "NAME=value"
  std::string third;  // what the child can read from descriptor 3; empty: nothing
  std::shared_ptr<ControlGroup> group = {};  // kept as long as the process; null: none
};

// Killed, with its session, and reaped when it is destroyed.
class Process {
 public:
  // Errors: Fault::tool when it cannot be started.
  static Process start(const Command& command);
  Process(Process&& other) noexcept = default;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  void kill();
  // The exit status, 128 + n after signal n. Requires: it has ended.
  int reap();

  Descriptor in, out, error;  // our ends
  Descriptor pidfd;           // readable when it has ended

 private:
  Process() = default;
  std::shared_ptr<ControlGroup> group_;
  struct Pid {
    int number = -1;
    explicit Pid(int n = -1) : number(n) {}
    Pid(Pid&& other) noexcept : number(std::exchange(other.number, -1)) {}
    Pid& operator=(Pid&& other) noexcept {
      std::swap(number, other.number);
      return *this;
    }
  } pid_;
};

// What a process wrote, and how it ended.
struct Ended {
  std::string output, message;  // standard output and error, each capped
  int exit_status = 0;
  bool timeout = false;  // its time was over
  bool flooded = false;  // it wrote more than the cap
};

// Hands `input` to the process, closes its standard input and waits for its end; kills it when its
// time is over or when it writes more than it may. Cancelled: kills it.
boost::asio::awaitable<Ended> communicate(Process process, std::string input, ToolLimits limits);

// Waits until the process has written its first byte, and takes it. False when it ended before, or
// after `patience`.
boost::asio::awaitable<bool> wait_ready(Process& process, std::chrono::milliseconds patience);

}  // namespace cairn::tool
