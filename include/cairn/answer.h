#pragma once
// cairn/answer.h — what answer does a text state, and do two answers mean the same?

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/problem.h"

namespace cairn {

enum class Equality { equal, different, no_answer };
std::string_view name_of(Equality equality);

struct Comparison {
  Equality verdict = Equality::no_answer;
  std::string rule;  // which rule decided, e.g. "number", "percent", "choice label", "text"
};

// Do the rules leave it open? There is no answer, or the words or trees differ, which may still
// mean the same.
bool leaves_open(const Comparison& comparison);

struct Extraction {
  std::string answer;      // trimmed, as the text states it; never empty
  std::string rule;        // which rule found it
  bool explicit_ = false;  // stated as the final answer, not guessed (the last number is a guess)
};

// Extraction rules by name: boxed, the_answer_is, hashes (####), choice, json, last_number,
// code (the last fenced block; of kind code the last that defines something), list (the last
// [...]), text (the last line, or what it says that the answer is), and auto, which tries them in
// an order that depends on the kind. Nothing when the rule finds nothing.
// Errors: Fault::input for an unknown rule, with the nearest name.
std::optional<Extraction> extract_answer(std::string_view text, const Problem& problem);
std::vector<std::string> extraction_rules();

// Do two answers mean the same? An empty or blank answer is no answer. `choices` lets a label
// equal its text. Symmetric; never throws; time linear in the length.
Comparison compare_answers(std::string_view a, std::string_view b, AnswerKind kind,
                           const std::vector<Choice>& choices = {});

// Is the answer right, by the gold answer or one of its alternatives? no_answer when there is none,
// or when the problem has no gold answer. Queries and programs are compared as text; sql::right and
// code::checked run them.
Comparison check_answer(const std::optional<std::string>& answer, const Problem& problem);

}  // namespace cairn
