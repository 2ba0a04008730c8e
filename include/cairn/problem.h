#pragma once
// cairn/problem.h — one task instance: a question and, where it is known, its answer.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// What kind of thing an answer is; it decides how answers are extracted and compared.
// math: LaTeX or plain mathematics.
// list, set: several values, each compared as `auto` does, in order or not; in a set it does not
// count how often one is named.
// sql: a query, which is right when it returns what the gold one does (cairn/sql.h).
// code: a Python program, which is right when the problem's unit tests pass (cairn/code.h).
enum class AnswerKind { automatic, number, choice, text, math, list, set, sql, code };

std::string_view name_of(AnswerKind kind);      // as above, but "auto"
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
  std::string prelude = {};          // what stands before a program that is asked for
  std::string tests = {};  // Python that fails unless such a program is right; empty: none
};

}  // namespace cairn
