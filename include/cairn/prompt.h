#pragma once
// cairn/prompt.h — prompts are data: a conversation with a place for the question.
//
// A prompt file (prompts/<family>/<recipe>.md) is Markdown. A line "## system", "## user" or
// "## assistant" starts a turn; what follows, trimmed, is its content; text before the first such
// line is a note for readers. {question} stands for the problem's question (and its choices, one a
// line as "A) text"). A last "## assistant" turn is a prefill: the model goes on after it.
// Turns before the question's are few-shot examples and are evaluated once in a run.

#include <string>
#include <string_view>
#include <vector>

#include "cairn/language_model.h"
#include "cairn/problem.h"

namespace cairn {

struct Prompt {
  std::vector<Message> turns;

  // The turns with the question in its place. Placeholders inside the question are not replaced.
  std::vector<Message> render(const Problem& problem) const;
};

// Errors: Fault::input when there is no turn, or no {question}.
Prompt parse_prompt(std::string_view where, std::string_view markdown);

// The text of an embedded prompt file by its path without suffix, "vote/self_consistency".
// Errors: Fault::input with the nearest name.
std::string_view prompt_text(std::string_view name);
std::vector<std::string> prompt_names();

// A part of an embedded prompt file that is no turn: what stands below the line "## NAME", trimmed.
// Errors: Fault::input for an unknown file or part.
std::string prompt_part(std::string_view name, std::string_view part);

}  // namespace cairn
