#include "app/marks.h"

#include <algorithm>
#include <string>

#include "cairn/answer.h"
#include "cairn/error.h"
#include "cairn/match.h"
#include "cairn/procedure.h"

namespace cairn::app {
namespace {

bool right(const std::optional<std::string>& answer, const Problem& problem, const Task* task) {
  if (task) return answer && task->solves(problem, *answer);
  return check_answer(answer, problem).verdict == Equality::equal;
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

Marks mark(const Outcome& outcome, const Problem& problem, const Task* task) {
  Marks marks;
  if (!task && !problem.answer) return marks;
  marks.steps = step_marks(outcome, problem, task);
  marks.answer = right(outcome.answer, problem, task);
  for (const FinishedTrace& finished : outcome.traces)
    marks.traces.push_back(right(finished.trace.answer(), problem, task));
  return marks;
}

asio::awaitable<Marked> run_and_mark(LanguageModel& model, const Recipe& recipe,
                                     const Problem& problem, RunOptions options,
                                     Budget** budget_out) {
  Marked marked;
  marked.outcome = co_await run_problem(model, recipe, problem, options, budget_out);
  marked.marks = mark(marked.outcome, problem, options.task);
  co_return marked;
}

}  // namespace cairn::app
