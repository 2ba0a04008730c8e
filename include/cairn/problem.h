#pragma once
// cairn/problem.h — one task instance: a question and, where it is known, its answer.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// What kind of thing an answer is; it decides how answers are extracted and compared.
// math: LaTeX or plain mathematics.
// sql: a query, which is right when it returns what the gold one does (cairn/sql.h).
enum class AnswerKind { automatic, number, choice, text, math, sql };

std::string_view name_of(AnswerKind kind);      // "auto", "number", "choice", "text", "math", "sql"
AnswerKind answer_kind(std::string_view name);  // Errors: Fault::input with the nearest name

struct Choice {
  std::string label;  // "A"
  std::string text;   // what the label stands for
};

struct Problem {
  std::string id;                              // unique within a run; printable
  std::string question;                        // as the user wrote it
  std::optional<std::string> answer = {};      // the gold answer, never shown to a policy
  std::vector<std::string> alternatives = {};  // other gold answers, each of them right as well
  AnswerKind kind = AnswerKind::automatic;
  std::vector<Choice> choices = {};  // empty unless the question offers them
  std::string extract = "auto";      // name of the extraction rule, see cairn/answer.h
  std::string database = {};         // the SQLite file that a query is asked for; empty: none
};

}  // namespace cairn
