#pragma once
// cairn/prompt.h — prompts are data: a conversation with a place for the question.
//
// A prompt file (prompts/<family>/<recipe>.md) is Markdown. A line "## system", "## user" or
// "## assistant" starts a turn; what follows, trimmed, is its content; text before the first such
// line is a note for readers. {question} stands for the problem's question (and its choices, one a
// line as "A) text"). A last "## assistant" turn is a prefill: the model goes on after it.
// Turns before the question's are few-shot examples and are evaluated once in a run.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/language_model.h"
#include "cairn/problem.h"

namespace cairn {

// What stands for what in a text: {"draft", TEXT} puts TEXT where the text says {draft}.
using Parts = std::map<std::string, std::string, std::less<>>;

// The text with every part in its place, in one pass: placeholders inside a part stay as they are,
// and so do names that no part has.
std::string filled(std::string_view text, const Parts& parts);

// The question as a model reads it: with its choices, one a line.
std::string question_text(const Problem& problem);

struct Prompt {
  std::vector<Message> turns;

  // The turns with the question, and these parts, in their places.
  std::vector<Message> render(const Problem& problem, Parts parts = {}) const;
};

// `place`: what has to stand in one of the turns, as {place}.
// Errors: Fault::input when there is no turn, or none with the place.
Prompt parse_prompt(std::string_view where, std::string_view markdown,
                    std::string_view place = "question");

// The text of an embedded prompt file by its path without suffix, "vote/self_consistency".
// Errors: Fault::input with the nearest name.
std::string_view prompt_text(std::string_view name);
std::vector<std::string> prompt_names();

// The embedded prompt of that name.
// Errors: as prompt_text and parse_prompt.
Prompt prompt_named(std::string_view name, std::string_view place = "question");

// A file of the user's (it ends in .md or begins with /), or the embedded prompt of that name.
// Errors: as prompt_named; Fault::input for a file that cannot be read.
Prompt prompt_read(const std::string& name, std::string_view place = "question");

// A part of an embedded prompt file that is no turn: what stands below the line "## NAME", trimmed.
// Errors: Fault::input for an unknown file or part.
std::string prompt_part(std::string_view name, std::string_view part);

}  // namespace cairn
