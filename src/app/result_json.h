#pragma once
// app/result_json.h — problems as they are read, results as they are written.

#include <nlohmann/json.hpp>
#include <string>

#include "app/marks.h"
#include "cairn/outcome.h"
#include "cairn/problem.h"

namespace cairn::app {

// {"id", "question", "answer"?, "kind"?, "choices"?, "extract"?}; `choices` is [[label, text], …]
// or a list of texts, labelled A, B, … A text "passage" in "meta" goes before the question.
// Errors: Fault::input that says what is wrong with the object; `where` names it.
Problem problem_from_json(const std::string& where, const nlohmann::json& json);

// answer, recipe, model, confidence, stopped, usage, traces; `correct`, of the answer and of each
// trace, and `steps` (eval/attempt.h) where they are known.
nlohmann::ordered_json result_to_json(const Marked& marked, const Problem& problem,
                                      const std::string& recipe, const std::string& model);

// One line; bytes that are no UTF-8 are replaced.
std::string one_line(const nlohmann::ordered_json& json);

}  // namespace cairn::app
