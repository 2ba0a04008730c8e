#include "app/eval_data.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>

#include "app/solved.h"
#include "base/text.h"
#include "cairn/error.h"
#include "cairn/options.h"
#include "cairn/procedure.h"
#include "cairn/written.h"

namespace cairn::app {
namespace {

namespace asio = boost::asio;

struct GymData {
  int difficulty = 3;
  int count = 100;
  int seed = 1;
};

void describe(OptionSet& set, GymData& o) {
  set.add("difficulty", o.difficulty, 1, kHardest, "mostly how many steps");
  set.add("count", o.count, 1, 1000000, "exercises");
  set.add("seed", o.seed, 0, 1 << 30, "of the first exercise; the next have the next seeds");
}

bool is_procedure(const std::string& name) {
  const auto& all = procedures();
  return std::any_of(all.begin(), all.end(), [&](const Procedure& p) { return p.name == name; });
}

ProblemFile exercises(const std::string& data) {
  const Written written = read_written("eval", data);
  const auto options = assigned<GymData>(written.name, written.settings);
  ProblemFile file;
  if (const Task* task = find_procedure(written.name).task) file.task = task->name();
  for (int i = 0; i < options.count; ++i) {
    const auto seed = static_cast<std::uint64_t>(options.seed) + static_cast<std::uint64_t>(i);
    file.problems.push_back(exercise(written.name, seed, options.difficulty).problem);
  }
  return file;
}

}  // namespace

ProblemFile read_eval_data(const std::string& data, bool has_task, int limit) {
  std::error_code ignored;
  const bool gym =
      is_procedure(data.substr(0, data.find(':'))) && !std::filesystem::exists(data, ignored);
  ProblemFile file = gym ? exercises(data) : read_problems(data);
  std::erase_if(file.problems, [&](const Problem& problem) {
    const bool unknown = !checkable(problem) && !has_task && file.task.empty();
    if (unknown)
      file.complaints.push_back(fmt::format("{}: question {} has no answer to check by", data,
                                            base::printable(problem.id)));
    return unknown;
  });
  if (limit > 0 && file.problems.size() > static_cast<std::size_t>(limit))
    file.problems.resize(static_cast<std::size_t>(limit));
  if (file.problems.empty())
    throw Error(Fault::input, data, "no question of it can be asked",
                file.complaints.empty() ? "Give a file with questions" : file.complaints.front());
  return file;
}

std::vector<WrongGold> wrong_golds(const std::vector<Problem>& problems, const Task* task) {
  Toolbox tools;
  std::vector<WrongGold> wrong;
  asio::io_context io;
  const auto look = [&]() -> asio::awaitable<void> {
    for (const Problem& problem : problems) {
      Outcome outcome;
      outcome.answer = problem.answer;
      try {
        const Marks marks = co_await marked(outcome, problem, task, tools);
        if (!marks.outcome.value_or(false))
          wrong.push_back({problem.id, "the answer given is not right by its own rules"});
      } catch (const Error& error) {
        if (error.fault() != Fault::input) throw;
        wrong.push_back({problem.id, error.what()});
      }
    }
  };
  std::exception_ptr error;
  asio::co_spawn(io, look(), [&](std::exception_ptr failed) { error = failed; });
  io.run();
  if (error) std::rethrow_exception(error);
  return wrong;
}

}  // namespace cairn::app
