#pragma once
// app/result_json.h — problems as they are read, results as they are written.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/solved.h"
#include "cairn/problem.h"

namespace cairn::app {

// {"id", "question", "answer"?, "alternatives"?, "kind"?, "choices"?, "extract"?, "database"?};
// `choices` is [[label, text], …] or a list of texts, labelled A, B, … In "meta", a text "passage"
// goes before the question and "instructions" behind it; "alternatives" are read there as well, and
// "db": NAME is the database db/NAME.sqlite. With a database the kind is sql unless it is said.
// Errors: Fault::input that says what is wrong with the object; `where` names it.
Problem problem_from_json(const std::string& where, const nlohmann::json& json);

// answer, recipe, model, confidence, stopped, usage, traces; `correct` and `steps`
// (eval/attempt.h) where the marks know them.
nlohmann::ordered_json result_to_json(const Solved& solved, const Problem& problem,
                                      const std::string& recipe, const std::string& model);

// One line; bytes that are no UTF-8 are replaced.
std::string one_line(const nlohmann::ordered_json& json);

}  // namespace cairn::app
