#pragma once
// segment/fence.h — is this line inside fenced code?
//
// CommonMark 0.31, section 4.5: a fence opens with at least three ` or ~ after at most three
// spaces; it closes with at least as many of the same and nothing after them. The info string of a
// backtick fence has no backtick.

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::segment {

class Fence {
 public:
  void feed(char c);
  void feed(std::string_view text) {
    for (const char c : text) feed(c);
  }
  // After the last byte: the newline of an opening line is inside, that of a closing line is not.
  bool inside() const { return open_length_ > 0; }

 private:
  void end_of_line();

  std::string line_;  // its beginning; a fence shows within kSeen bytes or not at all
  bool backtick_later_ = false, text_later_ = false;  // beyond those
  char open_char_ = 0;
  std::size_t open_length_ = 0;
};

}  // namespace cairn::segment
