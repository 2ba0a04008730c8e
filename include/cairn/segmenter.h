#pragma once
// cairn/segmenter.h — decides where a step ends.
//
// A Segmenter is a rule; a Cursor follows one step while it is written. Boundaries are byte
// offsets; whoever owns the tokens rounds a boundary up to the end of the token that covers it,
// and offers whole tokens beyond it to the next step.
//
//   "so 3.5 is left. Then"      sentence: the boundary after "left. " is known only once "T" is
//                      ^        read, so "Then" was generated past it.
//
// Rules hold outside fenced code only: inside ``` or ~~~ fences there is no boundary, unless the
// rule is a fixed token count.
// Threads: a Segmenter is immutable and may be shared; a Cursor belongs to one thread at a time.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

class Segmenter {
 public:
  class Cursor {
   public:
    virtual ~Cursor() = default;
    // Reads the text of one more token (any bytes; UTF-8 may be torn). Returns the number of bytes
    // from the step's start to its end once that is known, at most the bytes fed so far and more
    // than 0; nothing while the step goes on. Not called again after it returned an offset.
    // Feeding byte by byte gives the same boundary as feeding at once, except where the rule
    // counts tokens.
    virtual std::optional<std::size_t> feed(std::string_view piece) = 0;
  };

  virtual ~Segmenter() = default;

  // A cursor for the step that follows `before`, the text of the trace so far (needed to know
  // whether it starts inside a code fence or a thinking span). Copies what it needs of `before`.
  virtual std::unique_ptr<Cursor> start(std::string_view before) const = 0;

  // The rule as a user writes it: see make_segmenter.
  virtual std::string name() const = 0;
};

// A segmenter by its name:
//   line  blank_line  sentence  tokens:N  marker:TEXT  regex:PATTERN  think  none
// line: a line with something on it and its newline. blank_line: a paragraph and the blank lines
// after it. marker, regex: the step ends before the next match that is not at its very start.
// think: the whole <think>…</think> span is one step, then the rest. none: never.
// Errors: Fault::input with the nearest name; a bad pattern or count.
std::shared_ptr<const Segmenter> make_segmenter(std::string_view name);
std::vector<std::string> segmenter_names();

// Splits a finished text into steps; joined they are the text. The last may be unfinished.
std::vector<std::string> split_steps(const Segmenter& segmenter, std::string_view text);

}  // namespace cairn
