#include "app/solved.h"

#include <algorithm>
#include <map>
#include <string>

#include "cairn/answer.h"
#include "cairn/code.h"
#include "cairn/error.h"
#include "cairn/match.h"
#include "cairn/procedure.h"
#include "cairn/sql.h"

namespace cairn::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<bool> is_right(const std::string& answer, const Problem& problem, const Task* task,
                               Toolbox& tools) {
  if (task) co_return task->solves(problem, answer);
  if (problem.kind == AnswerKind::sql && !problem.database.empty()) {
    Tool& tool = tools.get("sql");
    const bool right = co_await sql::right(tool, problem, answer);
    co_return right;
  }
  if (problem.kind == AnswerKind::code && !problem.tests.empty()) {
    Tool& tool = tools.get("python");
    const Comparison checked = co_await code::checked(tool, problem, answer);
    co_return checked.verdict == Equality::equal;
  }
  co_return check_answer(answer, problem).verdict == Equality::equal;
}

std::string chosen_text(const Outcome& outcome) {
  if (outcome.traces.empty()) return "";
  const auto found = std::find_if(
      outcome.traces.begin(), outcome.traces.end(), [&](const FinishedTrace& finished) {
        return outcome.answer && finished.trace.answer() == outcome.answer;
      });
  return (found == outcome.traces.end() ? outcome.traces.front() : *found).trace.text();
}

// The exercise that a problem is; nothing for any other problem.
std::optional<Exercise> exercise_for(const Problem& problem) {
  const auto& all = procedures();
  const std::string name = problem.id.substr(0, problem.id.find('/'));
  if (std::none_of(all.begin(), all.end(), [&](const Procedure& p) { return p.name == name; }))
    return {};
  try {
    Exercise made = exercise_of(problem.id);
    if (made.problem.question == problem.question) return made;
  } catch (const Error&) {  // an id that only begins like one
  }
  return {};
}

eval::StepMarks compared(const std::string& text, const Exercise& exercise) {
  const std::vector<std::string> steps = steps_in(text);
  const Match m = match(exercise, steps);
  return {.written = static_cast<int>(steps.size()),
          .first_error = m.first_error,
          .valid = m.valid,
          .sequence = m.sequence,
          .final = m.final,
          .accuracy = m.accuracy,
          .ratio = m.ratio,
          .similarity = m.similarity,
          .edits = m.edits};
}

eval::StepMarks checked(const TaskState& state) {
  const bool broken = !state.broken.empty();
  const int written = state.moves + (broken ? 1 : 0);
  const bool solved = state.answer.has_value();
  return {.written = written,
          .first_error = broken ? state.moves : -1,
          .valid = written == 0 ? 0 : state.moves / static_cast<double>(written),
          .sequence = solved,
          .final = solved};
}

std::optional<eval::StepMarks> step_marks(const Outcome& outcome, const Problem& problem,
                                          const Task* task) {
  const std::string text = chosen_text(outcome);
  if (task) return checked(task->read(problem, text));
  const auto exercise = exercise_for(problem);
  return exercise ? std::optional(compared(text, *exercise)) : std::nullopt;
}

}  // namespace

bool checkable(const Problem& problem) {
  return problem.answer || !problem.tests.empty();
}

asio::awaitable<Marks> marked(const Outcome& outcome, const Problem& problem, const Task* task,
                              Toolbox& tools) {
  Marks marks;
  marks.traces.resize(outcome.traces.size());
  if (!task && !checkable(problem)) co_return marks;
  marks.steps = step_marks(outcome, problem, task);
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
