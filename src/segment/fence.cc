#include "segment/fence.h"

namespace cairn::segment {
namespace {

constexpr std::size_t kSeen = 256;

}  // namespace

void Fence::feed(char c) {
  if (c == '\n') {
    end_of_line();
    line_.clear();
    backtick_later_ = text_later_ = false;
  } else if (line_.size() < kSeen) {
    line_.push_back(c);
  } else {
    backtick_later_ |= c == '`';
    text_later_ |= c != ' ' && c != '\t' && c != '\r';
  }
}

void Fence::end_of_line() {
  const std::size_t indent = line_.find_first_not_of(' ');
  if (indent == std::string::npos || indent > 3) return;
  const char mark = line_[indent];
  if (mark != '`' && mark != '~') return;
  const std::size_t end = line_.find_first_not_of(mark, indent);
  const std::size_t length = (end == std::string::npos ? line_.size() : end) - indent;
  const std::string_view rest =
      end == std::string::npos ? std::string_view() : std::string_view(line_).substr(end);
  if (inside()) {
    const bool bare = rest.find_first_not_of(" \t\r") == std::string_view::npos && !text_later_;
    if (mark == open_char_ && length >= open_length_ && bare) open_length_ = 0;
  } else if (length >= 3) {
    if (mark == '`' && (rest.find('`') != std::string_view::npos || backtick_later_)) return;
    open_char_ = mark;
    open_length_ = length;
  }
}

}  // namespace cairn::segment
