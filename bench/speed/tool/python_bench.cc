// How long a program waits for the sandbox, and how many run a second. Each result is checked.

#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <string>

#include "cairn/error.h"
#include "cairn/tools.h"

namespace cairn {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> checked_call(Tool& tool, int number) {
  const ToolResult result = co_await tool.call("print(" + std::to_string(number) + " * 2)");
  if (result.output != std::to_string(2 * number) + "\n")
    throw Error(Fault::tool, "python_bench", "a program printed \"" + result.output + "\"",
                "See " + result.message);
}

// `calls` at once; all of them have ended when it returns.
void run_calls(Tool& tool, int calls) {
  asio::io_context io;
  std::exception_ptr failed;
  for (int i = 0; i < calls; ++i)
    asio::co_spawn(io, checked_call(tool, i), [&](std::exception_ptr error) {
      if (error) failed = error;
    });
  io.run();
  if (failed) std::rethrow_exception(failed);
}

// Nothing started ahead: what a first call takes.
void BM_ColdCall(benchmark::State& state) {
  for (auto _ : state) run_calls(*make_tool("python", {.warm = 0}), 1);
}
BENCHMARK(BM_ColdCall)->Unit(benchmark::kMillisecond)->UseRealTime();

// An interpreter is waiting, as it is when the calls of a model come with pauses between them.
void BM_WarmCall(benchmark::State& state) {
  const auto tool = make_tool("python", {.warm = 2});
  run_calls(*tool, 1);
  for (auto _ : state) {
    state.PauseTiming();
    asio::io_context io;
    asio::steady_timer pause(io, std::chrono::milliseconds(150));
    pause.wait();
    state.ResumeTiming();
    run_calls(*tool, 1);
  }
}
BENCHMARK(BM_WarmCall)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_CallsAtOnce(benchmark::State& state) {
  const auto tool = make_tool("python", {.parallel = 4, .warm = 2});
  for (auto _ : state) run_calls(*tool, 100);
  state.SetItemsProcessed(100 * state.iterations());
}
BENCHMARK(BM_CallsAtOnce)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace cairn
