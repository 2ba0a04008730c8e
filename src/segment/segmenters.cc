#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "base/nearest.h"
#include "base/text.h"
#include "cairn/error.h"
#include "cairn/segmenter.h"
#include "segment/fence.h"

namespace cairn {
namespace {

using Cursor = Segmenter::Cursor;

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}
// Reads byte by byte and keeps track of fences; what a rule adds is next().
class ByteCursor : public Cursor {
 public:
  explicit ByteCursor(std::string_view before) { fence_.feed(before); }

  std::optional<std::size_t> feed(std::string_view piece) final {
    for (const char c : piece) {
      const bool was_inside = fence_.inside();
      fence_.feed(c);
      ++read_;
      if (const auto boundary = next(c, was_inside)) return boundary;
    }
    return {};
  }

 protected:
  // The byte `c` was read; `was_inside`: it stood inside a fence. The boundary, once known.
  virtual std::optional<std::size_t> next(char c, bool was_inside) = 0;

  bool inside() const { return fence_.inside(); }
  std::size_t read() const { return read_; }  // bytes, this one included

 private:
  segment::Fence fence_;
  std::size_t read_ = 0;
};

class LineCursor : public ByteCursor {
 public:
  using ByteCursor::ByteCursor;

 private:
  std::optional<std::size_t> next(char c, bool) override {
    if (c == '\n' && content_ && !inside()) return read();
    content_ |= !blank(c);
    return {};
  }
  bool content_ = false;
};

// The paragraph ends where the first line after its blank lines starts.
class BlankLineCursor : public ByteCursor {
 public:
  using ByteCursor::ByteCursor;

 private:
  std::optional<std::size_t> next(char c, bool) override {
    if (c == '\n') {
      if (content_ && !inside()) ++newlines_;
      line_start_ = read();
    } else if (!blank(c)) {
      if (newlines_ >= 2) return line_start_;
      newlines_ = 0;
      content_ = true;
    }
    return {};
  }
  bool content_ = false;
  int newlines_ = 0;  // since the last content
  std::size_t line_start_ = 0;
};

// A sentence ends after . ! ? … with the quotes and brackets that close it, or at the end of a
// line, and the white space after that; this is known when the next sentence begins.
class SentenceCursor : public ByteCursor {
 public:
  using ByteCursor::ByteCursor;

 private:
  std::optional<std::size_t> next(char c, bool was_inside) override {
    if (was_inside || inside()) {
      content_ = true;
      ended_ = by_line_ = spaced_ = !inside();  // the closing line ends the block
      word_.clear();
      return {};
    }
    if (blank(c)) {
      note_space(c);
      return {};
    }
    if (ended_ && spaced_ && begins_sentence(c)) return read() - 1;
    note_mark(c);
    return {};
  }

  void note_space(char c) {
    if (c == '\n' && content_ && !list_marker()) ended_ = by_line_ = true;
    spaced_ = true;
    if (!ended_) close_word();
  }

  void note_mark(char c) {
    if (spaced_) {
      close_word();
      ended_ = by_line_ = false;
    }
    spaced_ = false;
    const bool stop =
        c == '.' || c == '!' || c == '?' || (c == '\xa6' && word_.ends_with("\xe2\x80"));
    const bool closer = c == '"' || c == '\'' || c == ')' || c == ']' || c == '*' || c == '_';
    if (stop) {
      ended_ = c != '.' || !abbreviation();
    } else if (!closer) {
      ended_ = false;
    }
    if (word_.size() < 32) word_.push_back(c);
    content_ = true;
  }

  // A small letter goes on with the sentence, unless a line ended.
  bool begins_sentence(char c) const { return by_line_ || !(c >= 'a' && c <= 'z'); }

  void close_word() {
    if (!word_.empty()) ++words_;
    word_.clear();
  }

  // The first word of the line is "1." or "a)": the item follows.
  bool list_marker() const {
    return words_ == 0 && word_.size() <= 4 &&
           (word_.ends_with('.') || word_.ends_with(')') || word_ == "-" || word_ == "*");
  }

  // Is the word before this full stop one that is written with a stop, or a number of a list?
  bool abbreviation() const {
    static constexpr std::array<std::string_view, 34> kKnown = {
        "mr",  "mrs", "ms",  "dr",  "prof", "st",  "sr",  "jr",  "vs",     "etc",  "eg",  "ie",
        "cf",  "al",  "fig", "eq",  "vol",  "pp",  "ch",  "sec", "approx", "dept", "est", "inc",
        "ltd", "jan", "feb", "aug", "sept", "oct", "nov", "dec", "ca",     "resp"};
    const std::string word = base::lower(word_);
    const bool number = std::all_of(word.begin(), word.end(), base::is_digit);
    if (words_ == 0 && word.size() <= 3 && number) return true;  // "1." first in a line
    if (word.size() == 1 && base::is_letter(word_[0]) && word_ != "I")
      return words_ > 0 || !content_;  // "J. Doe"
    if (word.find('.') != std::string::npos && word.size() <= 5 && base::is_letter(word[0]))
      return true;  // "e.g.", "U.S."
    return std::find(kKnown.begin(), kKnown.end(), word) != kKnown.end();
  }

  bool content_ = false, ended_ = false, spaced_ = false, by_line_ = false;
  std::string word_;
  int words_ = 0;
};

// Before the next TEXT that is not at the very start.
class MarkerCursor : public ByteCursor {
 public:
  MarkerCursor(std::string_view before, const std::string& marker)
      : ByteCursor(before), marker_(marker) {}

 private:
  std::optional<std::size_t> next(char c, bool was_inside) override {
    recent_.push_back(c);
    fenced_.push_back(was_inside);
    if (recent_.size() > marker_.size()) {
      recent_.erase(0, 1);
      fenced_.erase(0, 1);
    }
    const std::size_t start = read() - recent_.size();
    if (start > 0 && recent_ == marker_ && !fenced_.front()) return start;
    return {};
  }
  const std::string& marker_;
  std::string recent_, fenced_;  // the last marker_.size() bytes, and whether each was fenced
};

// Before the first match in a line, once the line is whole.
class RegexCursor : public ByteCursor {
 public:
  RegexCursor(std::string_view before, const re2::RE2& pattern)
      : ByteCursor(before), pattern_(pattern) {}

 private:
  std::optional<std::size_t> next(char c, bool was_inside) override {
    if (c != '\n') {
      line_.push_back(c);
      return {};
    }
    const std::size_t start = read() - 1 - line_.size();
    re2::StringPiece found;
    std::size_t from = start == 0 ? 1 : 0;
    std::optional<std::size_t> boundary;
    if (!was_inside && from <= line_.size() &&
        pattern_.Match(line_, from, line_.size(), re2::RE2::UNANCHORED, &found, 1))
      boundary = start + static_cast<std::size_t>(found.data() - line_.data());
    line_.clear();
    return boundary;
  }
  const re2::RE2& pattern_;
  std::string line_;
};

class CountCursor : public Cursor {
 public:
  explicit CountCursor(int tokens) : left_(tokens) {}
  std::optional<std::size_t> feed(std::string_view piece) override {
    bytes_ += piece.size();
    if (--left_ > 0 || bytes_ == 0) return {};
    return bytes_;
  }

 private:
  int left_;
  std::size_t bytes_ = 0;
};

// A span of thinking is one step; so is what comes before and after it.
class ThinkCursor : public Cursor {
 public:
  explicit ThinkCursor(std::string_view before) {
    const auto open = before.rfind(kOpen), close = before.rfind(kClose);
    thinking_ = open != std::string_view::npos && (close == std::string_view::npos || close < open);
  }

  std::optional<std::size_t> feed(std::string_view piece) override {
    for (const char c : piece) {
      text_.push_back(c);
      if (!thinking_ && text_.ends_with(kOpen)) {
        const std::size_t start = text_.size() - kOpen.size();
        if (!base::trim(std::string_view(text_).substr(0, start)).empty()) return start;
        thinking_ = true;
      } else if (thinking_ && text_.ends_with(kClose)) {
        return text_.size();
      }
    }
    return {};
  }

 private:
  static constexpr std::string_view kOpen = "<think>", kClose = "</think>";
  std::string text_;
  bool thinking_ = false;
};

class NoCursor : public Cursor {
 public:
  std::optional<std::size_t> feed(std::string_view) override { return {}; }
};

using Start = std::function<std::unique_ptr<Cursor>(std::string_view before)>;

class Rule : public Segmenter {
 public:
  Rule(std::string name, Start start) : name_(std::move(name)), start_(std::move(start)) {}
  std::unique_ptr<Cursor> start(std::string_view before) const override { return start_(before); }
  std::string name() const override { return name_; }

 private:
  const std::string name_;
  const Start start_;
};

template <class C>
Start plain() {
  return [](std::string_view before) { return std::make_unique<C>(before); };
}

[[noreturn]] void bad(std::string_view name, std::string_view what, std::string_view remedy) {
  throw Error(Fault::input, "segmenter", fmt::format("\"{}\" {}", name, what), remedy);
}

Start token_count(std::string_view name, std::string_view argument) {
  int tokens = 0;
  const auto [end, error] =
      std::from_chars(argument.data(), argument.data() + argument.size(), tokens);
  if (error != std::errc() || end != argument.data() + argument.size() || tokens < 1)
    bad(name, "wants a number of tokens from 1", "Write tokens:32, for example");
  return [tokens](std::string_view) { return std::make_unique<CountCursor>(tokens); };
}

Start marker_text(std::string_view name, std::string_view argument) {
  if (argument.empty()) bad(name, "has no text to look for", "Write marker:Step, for example");
  auto text = std::make_shared<std::string>(argument);
  struct Owning : MarkerCursor {
    Owning(std::string_view before, std::shared_ptr<std::string> marker)
        : MarkerCursor(before, *marker), keep(std::move(marker)) {}
    std::shared_ptr<std::string> keep;
  };
  return [text](std::string_view before) { return std::make_unique<Owning>(before, text); };
}

Start regex_pattern(std::string_view name, std::string_view argument) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern =
      std::make_shared<re2::RE2>(re2::StringPiece(argument.data(), argument.size()), options);
  if (!pattern->ok() || argument.empty())
    bad(name,
        fmt::format("has a bad pattern: {}", pattern->ok() ? "it is empty" : pattern->error()),
        "Write a pattern in RE2's syntax");
  struct Owning : RegexCursor {
    Owning(std::string_view before, std::shared_ptr<re2::RE2> p)
        : RegexCursor(before, *p), keep(std::move(p)) {}
    std::shared_ptr<re2::RE2> keep;
  };
  return [pattern](std::string_view before) { return std::make_unique<Owning>(before, pattern); };
}

}  // namespace

std::vector<std::string> segmenter_names() {
  return {"line", "blank_line", "sentence", "tokens", "marker", "regex", "think", "none"};
}

std::shared_ptr<const Segmenter> make_segmenter(std::string_view name) {
  const auto colon = name.find(':');
  const std::string_view kind = name.substr(0, colon);
  const std::string_view argument =
      colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
  Start start;
  if (kind == "tokens")
    start = token_count(name, argument);
  else if (kind == "marker")
    start = marker_text(name, argument);
  else if (kind == "regex")
    start = regex_pattern(name, argument);
  else if (colon != std::string_view::npos)
    bad(name, "takes no argument", "Only tokens, marker and regex do");
  else if (kind == "line")
    start = plain<LineCursor>();
  else if (kind == "blank_line")
    start = plain<BlankLineCursor>();
  else if (kind == "sentence")
    start = plain<SentenceCursor>();
  else if (kind == "think")
    start = plain<ThinkCursor>();
  else if (kind == "none")
    start = [](std::string_view) { return std::make_unique<NoCursor>(); };
  else
    throw Error(Fault::input, "segmenter", fmt::format("there is no segmenter \"{}\"", kind),
                base::did_you_mean(kind, segmenter_names()));
  return std::make_shared<Rule>(std::string(name), std::move(start));
}

std::vector<std::string> split_steps(const Segmenter& segmenter, std::string_view text) {
  std::vector<std::string> steps;
  std::size_t start = 0;
  auto cursor = segmenter.start("");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto length = cursor->feed(text.substr(i, 1));
    if (!length) continue;
    steps.emplace_back(text.substr(start, *length));
    start += *length;
    cursor = segmenter.start(text.substr(0, start));
    i = start - 1;
  }
  if (start < text.size()) steps.emplace_back(text.substr(start));
  return steps;
}

}  // namespace cairn
