// The python tool: programs in a pool of sandboxed interpreters that are started ahead, each used
// once.

#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <optional>

#include "base/embedded.h"
#include "cairn/error.h"
#include "tool/gate.h"
#include "tool/hexadecimal.h"
#include "tool/registry.h"
#include "tool/sandbox.h"
#include "tool/seccomp.h"

namespace cairn::tool {
namespace {

constexpr std::chrono::seconds kPatience{10};  // for an interpreter to start
constexpr int kOutOfMemory = 253;              // tool/python_worker.py

// What an interpreter shuts itself in with; made once.
const std::string& strict_filter() {
  static const std::string filter = hexadecimal(seccomp_filter(/*exec=*/false));
  return filter;
}

// CAIRN_PYTHON, or the distribution's.
std::string interpreter() {
  const char* named = std::getenv("CAIRN_PYTHON");
  if (named != nullptr && *named != '\0') return std::filesystem::canonical(named).string();
  for (const char* path : {"/usr/bin/python3", "/usr/local/bin/python3"})
    if (access(path, X_OK) == 0) return path;
  throw Error(Fault::tool, "python", "there is no /usr/bin/python3",
              "Install the package python3, or set CAIRN_PYTHON to an interpreter");
}

class Python : public Tool {
 public:
  explicit Python(const ToolOptions& options)
      : limits_(options.limits),
        candidates_(isolations(options.unsafe)),
        warm_wanted_(static_cast<std::size_t>(options.warm)),
        gate_(options.parallel) {}

  std::string name() const override { return "python"; }

  asio::awaitable<ToolResult> call(std::string input) override {
    const auto start = std::chrono::steady_clock::now();
    const Gate::Place place = co_await gate_.enter();
    ToolResult result;
    try {
      std::optional<Process> process = co_await take();
      if (process) {
        Ended ended = co_await communicate(std::move(*process), std::move(input), limits_);
        result = judged(std::move(ended));
      } else {
        result = {.status = ToolStatus::refused, .message = why_not_};
      }
    } catch (const Error& error) {
      result = {.status = ToolStatus::refused, .message = error.what()};
    }
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    co_return result;
  }

 private:
  // An interpreter that waits for its program; nothing where none can be shut in.
  asio::awaitable<std::optional<Process>> take() {
    while (!candidates_.empty()) {
      std::string why;
      try {
        Process process = warm_.empty() ? start() : std::move(warm_.front());
        if (!warm_.empty()) warm_.pop_front();
        const bool ready = co_await wait_ready(process, kPatience);
        if (ready) {
          proven_ = true;
          refill();
          co_return std::move(process);
        }
        process.kill();
        Ended ended = co_await communicate(std::move(process), "", limits_);
        why = std::move(ended.message);
      } catch (const Error& error) {
        why = error.what();
      }
      if (proven_)
        throw Error(Fault::tool, "python", "an interpreter did not start: " + why, "Try again");
      give_up(why);
    }
    co_return std::nullopt;
  }

  // The next way of shutting programs in, where this one did not work.
  void give_up(const std::string& why) {
    if (candidates_.empty()) return;
    why_not_ += std::string(name_of(candidates_.front())) + ": " + why + "\n";
    candidates_.erase(candidates_.begin());
    warm_.clear();
    if (candidates_.empty())
      why_not_ =
          "python: no sandbox can be set up here, so the program was not run. Install bubblewrap "
          "and allow user namespaces, or type --unsafe-tools to run it without a sandbox.\n" +
          why_not_;
  }

  void refill() {
    while (warm_.size() < warm_wanted_) warm_.push_back(start());
  }

  Process start() const {
    const Isolation isolation = candidates_.front();
    const std::string python = interpreter();
    const std::string filter = isolation == Isolation::none ? "" : strict_filter();
    std::vector<std::string> readable;
    if (!python.starts_with("/usr/"))
      readable = {std::filesystem::path(python).parent_path().parent_path().string()};
    return Process::start(
        confined({python, "-s", "-S", "-B", "-c", std::string(base::python_worker()),
                  std::string(name_of(isolation)), filter},
                 isolation, limits_, readable));
  }

  ToolResult judged(Ended ended) const {
    const bool out_of_memory = ended.exit_status == kOutOfMemory;
    ToolResult result = result_of(std::move(ended), limits_);
    if (out_of_memory) result.status = ToolStatus::limit;
    return result;
  }

  const ToolLimits limits_;
  std::vector<Isolation> candidates_;  // the first is used
  bool proven_ = false;                // it has worked
  std::string why_not_;
  const std::size_t warm_wanted_;
  std::deque<Process> warm_;
  Gate gate_;
};

}  // namespace

std::unique_ptr<Tool> make_python(const ToolOptions& options) {
  return std::make_unique<Python>(options);
}

}  // namespace cairn::tool
