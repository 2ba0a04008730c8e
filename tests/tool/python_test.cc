// The python tool, over every way of shutting programs in that this machine has.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cairn/code_step.h"
#include "cairn/error.h"
#include "cairn/tools.h"
#include "testkit/instrumented.h"
#include "testkit/paths.h"
#include "testkit/run.h"
#include "testkit/temp_dir.h"

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testkit::run;

// Processes that have this one as their parent; those that have ended and wait are not counted.
int children() {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos)
      continue;
    std::ifstream file(entry.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;
    char state = 0;
    int parent = 0;
    std::istringstream(text.substr(name_end + 1)) >> state >> parent;
    count += parent == getpid() && state != 'Z' ? 1 : 0;
  }
  return count;
}

int open_files() {
  const auto files = fs::directory_iterator("/proc/self/fd");
  return static_cast<int>(std::distance(begin(files), end(files)));
}

class PythonTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    setenv("CAIRN_SANDBOX", GetParam().c_str(), 1);
    const ToolResult probe = run(make()->call("print(1)"));
    if (probe.status == ToolStatus::refused) GTEST_SKIP() << probe.message;
  }
  void TearDown() override { unsetenv("CAIRN_SANDBOX"); }

  static std::unique_ptr<Tool> make(ToolOptions options = {}) {
    return make_tool("python", options);
  }
  static ToolResult result(const std::string& program, ToolLimits limits = {}) {
    return run(make({.limits = limits, .warm = 0})->call(program));
  }
};

TEST_P(PythonTest, AProgramComputesAndPrints) {
  const ToolResult got =
      result("import math\nprint(math.comb(10, 3))\nprint({'b', 'a'} == {'a', 'b'})");
  EXPECT_EQ(got.status, ToolStatus::ok) << got.message;
  EXPECT_EQ(got.output, "120\nTrue\n");
  EXPECT_EQ(got.message, "");
  EXPECT_EQ(got.exit_status, 0);
  EXPECT_GT(got.seconds, 0);
}

TEST_P(PythonTest, AnExceptionIsAnObservation) {
  const ToolResult got = result("def half(x):\n  return x / 0\nprint('before')\nhalf(3)");
  EXPECT_EQ(got.status, ToolStatus::error);
  EXPECT_EQ(got.output, "before\n");
  EXPECT_EQ(got.exit_status, 1);
  EXPECT_NE(got.message.find("line 4"), std::string::npos) << got.message;
  EXPECT_NE(got.message.find("ZeroDivisionError"), std::string::npos);
  EXPECT_EQ(got.message.find("python_worker"), std::string::npos);
}

TEST_P(PythonTest, TheSameProgramPrintsTheSame) {
  const std::string program = "print({str(i) for i in range(50)}, hash('x'))";
  EXPECT_EQ(result(program).output, result(program).output);
}

TEST_P(PythonTest, ProgramsDoNotSeeOneAnother) {
  const auto tool = make();
  run(
      tool->call("import builtins\nbuiltins.left = 1\ntry: open('/tmp/left', "
                 "'w').write('x')\nexcept OSError: pass"));
  const ToolResult got = run(tool->call(
      "import os, builtins\nprint(hasattr(builtins, 'left'), os.path.exists('/tmp/left'))"));
  EXPECT_EQ(got.output, "False False\n");
}

// What with_earlier_code says of branches.
TEST_P(PythonTest, ABlockKnowsTheTracesEarlierBlocksAndNoOthers) {
  const auto after = [](const Trace& trace, std::string code, std::string status) {
    Step step;
    step.kind = "tool";
    step.tool = {.tool = "python", .call = std::move(code), .status = std::move(status)};
    return trace.extended(std::move(step));
  };
  const Trace root = after(Trace(), "x = 'é\\''\nprint('earlier')\n", "ok");
  Trace trace = after(root, "y = 2\nimport sys\nsys.exit(1)\n", "error");
  trace = after(trace, "while True: pass\n", "timeout");
  trace = after(trace, "def twice(n): return y * n\n", "ok");
  const ToolResult got = result(with_earlier_code(trace, "print(x, twice(3), __name__)\n"));
  EXPECT_EQ(got.output, "é' 6 __main__\n") << got.message;
  EXPECT_EQ(got.message, "");

  const ToolResult other = result(with_earlier_code(root, "print(x)\nprint(y)\n"));
  EXPECT_EQ(other.status, ToolStatus::error);
  EXPECT_EQ(other.output, "é'\n");
  EXPECT_NE(other.message.find("\"<code>\", line 2"), std::string::npos) << other.message;
  EXPECT_NE(other.message.find("NameError: name 'y'"), std::string::npos) << other.message;
}

TEST_P(PythonTest, LimitsAreKept) {
  EXPECT_EQ(result("while True: pass", {.seconds = 0.3}).status, ToolStatus::timeout);
  const ToolResult flood = result("print('a' * 5000)", {.output = 1000});
  EXPECT_EQ(flood.status, ToolStatus::limit);
  EXPECT_EQ(flood.output, std::string(1000, 'a'));
  EXPECT_EQ(result("x = bytearray(10**9)").status, ToolStatus::limit);
}

TEST_P(PythonTest, TextComesAsItIs) {
  EXPECT_EQ(result("print('\\x1b[31m\u00e9')").output, "\x1b[31m\u00e9\n");
  EXPECT_EQ(result("import os\nos.write(1, b'\\xff\\x00\\x1b[2J')").output,
            std::string("\xff\0\x1b[2J", 6));
  EXPECT_EQ(result("print('" + std::string("\xff") + "')").status, ToolStatus::ok);
}

TEST_P(PythonTest, CancellingEndsTheProgram) {
  const auto tool = make({.warm = 0});
  asio::io_context io;
  asio::cancellation_signal cancel;
  bool threw = false;
  asio::co_spawn(
      io, tool->call("import time\ntime.sleep(100)"),
      asio::bind_cancellation_slot(
          cancel.slot(), [&](std::exception_ptr error, ToolResult) { threw = error != nullptr; }));
  asio::steady_timer clock(io, std::chrono::milliseconds(300));
  clock.async_wait([&](auto) { cancel.emit(asio::cancellation_type::terminal); });
  io.run();
  EXPECT_TRUE(threw);
  EXPECT_EQ(children(), 0);
}

// ---- hostile programs

struct Hostile {
  std::string name, expected, text;
};

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::vector<Hostile> hostile_programs() {
  std::istringstream file(testkit::read_text(testkit::source_dir() / "tests/hostile/programs.txt"));
  std::vector<Hostile> programs;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) {
      const auto colon = line.find(": ");
      programs.push_back({line.substr(4, colon - 4), line.substr(colon + 2), ""});
    } else if (!programs.empty()) {
      programs.back().text += line + "\n";
    }
  }
  return programs;
}

// A server that would notice a visitor.
struct Listener {
  Listener() {
    socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(socket, 8);
    socklen_t size = sizeof address;
    getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~Listener() { close(socket); }
  bool visited() const { return accept(socket, nullptr, nullptr) >= 0; }
  int socket = -1, port = 0;
};

TEST_P(PythonTest, HostileProgramsReachNothing) {
  const testkit::TempDir folder;
  const std::string secret = (folder / "cairn-secret-5041").string();
  testkit::write_text(secret, "hunter2");
  setenv("CAIRN_TEST_SECRET", "hunter2", 1);
  const Listener listener;
  std::vector<Hostile> programs = hostile_programs();
  ASSERT_GE(programs.size(), 100u);
  // What these test is the other process, which is not instrumented.
  std::size_t place = 0;
  std::erase_if(programs, [&](const Hostile&) { return place++ % testkit::one_in(8) != 0; });
  const ToolLimits limits{.seconds = 3, .memory = 192u << 20, .output = 20000};
  const auto tool = make({.limits = limits, .parallel = 6});
  std::vector<asio::awaitable<ToolResult>> calls;
  for (Hostile& program : programs) {
    replace_all(program.text, "@PID@", std::to_string(getpid()));
    replace_all(program.text, "@PORT@", std::to_string(listener.port));
    replace_all(program.text, "@SECRET@", secret);
    replace_all(program.text, "@SECRET_NAME@", "cairn-secret-5041");
    calls.push_back(tool->call(program.text));
  }
  const std::vector<ToolResult> results = testkit::run_all(std::move(calls));
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const ToolResult& got = results[i];
    const std::string what = programs[i].name + ": " + base::printable(got.output.substr(0, 200)) +
                             base::printable(got.message.substr(0, 400));
    EXPECT_EQ(got.output.find("ESCAPED"), std::string::npos) << what;
    EXPECT_EQ(got.output.find("hunter2"), std::string::npos) << what;
    EXPECT_NE(("|" + programs[i].expected + "|").find("|" + std::string(name_of(got.status)) + "|"),
              std::string::npos)
        << name_of(got.status) << " of " << programs[i].expected << ", " << what;
    EXPECT_LE(got.output.size(), limits.output) << what;
  }
  EXPECT_FALSE(listener.visited());
  EXPECT_EQ(testkit::read_text(secret), "hunter2");
  const ToolResult after = run(tool->call("print(6 * 7)"));  // the pool goes on
  EXPECT_EQ(after.output, "42\n") << after.message;
  unsetenv("CAIRN_TEST_SECRET");
}

TEST_P(PythonTest, NothingIsLeftAfterManyPrograms) {
  const int files = open_files();
  {
    const auto tool = make({.limits = {.seconds = 20}, .parallel = 6});
    const char* many = std::getenv("CAIRN_TOOL_CALLS");
    const int calls_wanted = many ? std::atoi(many) : 100 / testkit::one_in(5);
    std::vector<asio::awaitable<ToolResult>> calls;
    for (int i = 0; i < calls_wanted; ++i)
      calls.push_back(tool->call("print(" + std::to_string(i) + " * 2)"));
    const auto results = testkit::run_all(std::move(calls));
    for (int i = 0; i < calls_wanted; ++i)
      EXPECT_EQ(results[static_cast<std::size_t>(i)].output, std::to_string(2 * i) + "\n")
          << results[static_cast<std::size_t>(i)].message;
  }
  EXPECT_EQ(children(), 0);
  EXPECT_EQ(open_files(), files);
}

INSTANTIATE_TEST_SUITE_P(Sandbox, PythonTest, testing::Values("bubblewrap", "landlock"),
                         [](const auto& info) { return info.param; });

// The tests above skip what this machine does not have; one of the two it must have.
TEST(PythonToolTest, ASandboxCanBeSetUpHere) {
  const ToolResult got = run(make_tool("python")->call("print(1)"));
  EXPECT_EQ(got.status, ToolStatus::ok) << got.message;
}

TEST(PythonToolTest, WithoutASandboxNothingRuns) {
  setenv("CAIRN_SANDBOX", "bubblewrap", 1);
  setenv("CAIRN_PYTHON", "/bin/false", 1);  // it never gets ready
  const ToolResult got = run(make_tool("python")->call("print(1)"));
  EXPECT_EQ(got.status, ToolStatus::refused);
  EXPECT_NE(got.message.find("--unsafe-tools"), std::string::npos) << got.message;
  unsetenv("CAIRN_PYTHON");
  setenv("CAIRN_SANDBOX", "bubblewarp", 1);
  EXPECT_THROW(make_tool("python"), Error);
  unsetenv("CAIRN_SANDBOX");
}

TEST(PythonToolTest, AnUnknownToolIsRefusedWithTheNearest) {
  try {
    make_tool("pyton");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("python"), std::string::npos);
  }
}

}  // namespace
}  // namespace cairn
