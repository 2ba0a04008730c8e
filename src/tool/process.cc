#include "tool/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "cairn/error.h"
#include "cairn/gather.h"

namespace cairn::tool {
namespace {

namespace asio = boost::asio;
using Stream = asio::posix::stream_descriptor;

[[noreturn]] void fail(const char* what, int error) {
  throw Error(Fault::tool, "sandbox", std::string(what) + ": " + std::strerror(error),
              "See whether the machine is out of processes, files or memory");
}

// Above the numbers that a child's own streams take.
Descriptor moved_up(int number) {
  Descriptor low(number);
  Descriptor high(fcntl(number, F_DUPFD_CLOEXEC, 16));
  if (high.get() < 0) fail("no file descriptor is left", errno);
  return high;
}

struct Pipe {
  Descriptor read, write;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail("no pipe can be made", errno);
    Descriptor second(ends[1]);
    read = moved_up(ends[0]);
    write = moved_up(second.release());
  }
};

Descriptor file_with(const std::string& bytes) {
  const int number = memfd_create("cairn", MFD_CLOEXEC);
  if (number < 0) fail("no memory file can be made", errno);
  Descriptor file = moved_up(number);
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    fail("a memory file cannot be written", errno);
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> list;
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

// How a child is started: in a session of its own, with all signals as they are by default, and
// without any descriptor that was not meant for it.
struct SpawnPlan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void give(const Descriptor& ours, int theirs) {
    posix_spawn_file_actions_adddup2(&actions, ours.get(), theirs);
  }
  void close_from(int first) { posix_spawn_file_actions_addclosefrom_np(&actions, first); }
};

void set_nonblocking(const Descriptor& descriptor) {
  fcntl(descriptor.get(), F_SETFL, fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

// One conversation with a process. Kept until its last handler has run.
struct Conversation {
  Conversation(const asio::any_io_executor& executor, Process child, ToolLimits l)
      : process(std::move(child)),
        limits(l),
        in(executor, process.in.release()),
        out(executor, process.out.release()),
        error(executor, process.error.release()),
        end(executor, process.pidfd.release()),
        clock(executor) {}

  void stop() {
    process.kill();
    boost::system::error_code ignored;
    out.cancel(ignored);  // something that left the session may still hold the other end
    error.cancel(ignored);
    in.cancel(ignored);
  }

  Process process;
  const ToolLimits limits;
  Stream in, out, error, end;
  asio::steady_timer clock;
  Ended ended;
};

asio::awaitable<void> feed(Conversation& talk, const std::string& input) {
  boost::system::error_code closed;  // the child may not want it all
  auto token = asio::redirect_error(asio::use_awaitable, closed);
  co_await asio::async_write(talk.in, asio::buffer(input), token);
  talk.in.close(closed);
}

asio::awaitable<void> collect(Conversation& talk, Stream& from, std::string& into) {
  std::array<char, 16384> buffer;
  boost::system::error_code ended;
  auto token = asio::redirect_error(asio::use_awaitable, ended);
  while (!ended) {
    const std::size_t n = co_await from.async_read_some(asio::buffer(buffer), token);
    into.append(buffer.data(), std::min(n, talk.limits.output - into.size()));
    if (n == 0 || into.size() < talk.limits.output) continue;
    talk.ended.flooded = true;
    talk.stop();
  }
}

asio::awaitable<void> wait_for_end(Conversation& talk) {
  co_await talk.end.async_wait(Stream::wait_read, asio::use_awaitable);
  talk.clock.cancel();
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

void Descriptor::reset() {
  if (number_ >= 0) close(release());
}

Process Process::start(const Command& command) {
  Pipe in, out, error;
  SpawnPlan plan;
  plan.give(in.read, 0);
  plan.give(out.write, 1);
  plan.give(error.write, 2);
  Descriptor third;
  if (!command.third.empty()) {
    third = file_with(command.third);
    plan.give(third, 3);
  }
  plan.close_from(third.get() < 0 ? 3 : 4);
  Process process;
  process.group_ = command.group;
  const std::vector<char*> argv = pointers(command.argv);
  const std::vector<char*> environment = pointers(command.environment);
  const int failed = posix_spawn(&process.pid_.number, argv[0], &plan.actions, &plan.attributes,
                                 argv.data(), environment.data());
  if (failed != 0) {
    process.pid_.number = -1;
    fail((command.argv[0] + " cannot be started").c_str(), failed);
  }
  process.pidfd = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, process.pid_.number, 0)));
  if (process.pidfd.get() < 0) fail("a process cannot be watched", errno);
  process.in = std::move(in.write);
  process.out = std::move(out.read);
  process.error = std::move(error.read);
  for (const Descriptor* ours : {&process.in, &process.out, &process.error}) set_nonblocking(*ours);
  return process;
}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(in, other.in);
  std::swap(out, other.out);
  std::swap(error, other.error);
  std::swap(pidfd, other.pidfd);
  std::swap(group_, other.group_);
  std::swap(pid_, other.pid_);
  return *this;
}

Process::~Process() {
  if (pid_.number < 0) return;
  kill();
  reap();
}

void Process::kill() {
  if (pid_.number < 0) return;
  ::kill(-pid_.number, SIGKILL);
  ::kill(pid_.number, SIGKILL);
}

int Process::reap() {
  int status = 0;
  while (waitpid(pid_.number, &status, 0) < 0 && errno == EINTR) {
  }
  pid_.number = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

asio::awaitable<Ended> communicate(Process process, std::string input, ToolLimits limits) {
  const auto executor = co_await asio::this_coro::executor;
  const auto talk = std::make_shared<Conversation>(executor, std::move(process), limits);
  const std::chrono::duration<double> seconds(limits.seconds);
  talk->clock.expires_after(std::chrono::duration_cast<std::chrono::nanoseconds>(seconds));
  talk->clock.async_wait([talk](boost::system::error_code stopped) {
    if (stopped) return;
    talk->ended.timeout = true;
    talk->stop();
  });
  std::vector<asio::awaitable<void>> work;
  work.push_back(feed(*talk, input));
  work.push_back(collect(*talk, talk->out, talk->ended.output));
  work.push_back(collect(*talk, talk->error, talk->ended.message));
  work.push_back(wait_for_end(*talk));
  try {
    co_await gather(std::move(work));
  } catch (...) {
    talk->clock.cancel();
    talk->stop();
    throw;
  }
  talk->ended.exit_status = talk->process.reap();
  co_return std::move(talk->ended);
}

asio::awaitable<bool> wait_ready(Process& process, std::chrono::milliseconds patience) {
  const auto executor = co_await asio::this_coro::executor;
  const auto out = std::make_shared<Stream>(executor, dup(process.out.get()));
  asio::steady_timer clock(executor, patience);
  clock.async_wait([out](boost::system::error_code stopped) {
    boost::system::error_code ignored;
    if (!stopped) out->cancel(ignored);
  });
  char byte = 0;
  boost::system::error_code failed;
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  const std::size_t n = co_await out->async_read_some(asio::buffer(&byte, 1), token);
  clock.cancel();
  if (failed == asio::error::operation_aborted) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(failed);
  }
  co_return n == 1;
}

}  // namespace cairn::tool
