#include "app/solved.h"

#include <map>
#include <string>

#include "cairn/answer.h"
#include "cairn/sql.h"

namespace cairn::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<bool> is_right(const std::string& answer, const Problem& problem, const Task* task,
                               Toolbox& tools) {
  if (task) co_return task->solves(problem, answer);
  if (problem.kind != AnswerKind::sql || problem.database.empty())
    co_return check_answer(answer, problem).verdict == Equality::equal;
  Tool& tool = tools.get("sql");
  const bool right = co_await sql::right(tool, problem, answer);
  co_return right;
}

asio::awaitable<Marks> marked(const Outcome& outcome, const Problem& problem, const Task* task,
                              Toolbox& tools) {
  Marks marks;
  marks.traces.resize(outcome.traces.size());
  if (!task && !problem.answer) co_return marks;
  std::vector<std::optional<std::string>> answers = {outcome.answer};
  for (const FinishedTrace& finished : outcome.traces) answers.push_back(finished.trace.answer());
  std::map<std::string, bool> known;
  for (const auto& answer : answers) {
    if (!answer || known.contains(*answer)) continue;
    const bool right = co_await is_right(*answer, problem, task, tools);
    known[*answer] = right;
  }
  const auto mark = [&](const auto& answer) { return answer && known.at(*answer); };
  marks.outcome = mark(answers[0]);
  for (std::size_t i = 0; i < marks.traces.size(); ++i) marks.traces[i] = mark(answers[i + 1]);
  co_return marks;
}

}  // namespace

asio::awaitable<Solved> solved(LanguageModel& model, const Recipe& recipe, const Problem& problem,
                               RunOptions options, Budget** budget_out) {
  Solved result;
  const Task* const task = options.task;
  Toolbox& tools = *options.tools;
  result.outcome = co_await run_problem(model, recipe, problem, options, budget_out);
  if (result.outcome.stopped != Stopped::cancelled)
    result.marks = co_await marked(result.outcome, problem, task, tools);
  co_return result;
}

}  // namespace cairn::app
