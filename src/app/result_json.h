#pragma once
// app/result_json.h — problems as they are read, results as they are written.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cairn/outcome.h"
#include "cairn/problem.h"
#include "cairn/task.h"

namespace cairn::app {

// {"id", "question", "answer"?, "kind"?, "choices"?, "extract"?}; `choices` is [[label, text], …]
// or a list of texts, labelled A, B, … A text "passage" in "meta" goes before the question.
// Errors: Fault::input that says what is wrong with the object; `where` names it.
Problem problem_from_json(const std::string& where, const nlohmann::json& json);

// Whether the answer is right: by the task's rules, or by the gold answer; nothing without either.
std::optional<bool> is_right(const Outcome& outcome, const Problem& problem, const Task* task);

// answer, recipe, model, confidence, stopped, usage, traces; `correct` where is_right knows it.
nlohmann::ordered_json result_to_json(const Outcome& outcome, const Problem& problem,
                                      const std::string& recipe, const std::string& model,
                                      const Task* task = nullptr);

// One line; bytes that are no UTF-8 are replaced.
std::string one_line(const nlohmann::ordered_json& json);

}  // namespace cairn::app
