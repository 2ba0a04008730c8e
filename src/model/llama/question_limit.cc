#include "model/llama/question_limit.h"

#include <algorithm>

namespace cairn::llama {

void QuestionLimit::note(const Round& round) {
  window_.evaluated += round.evaluated;
  window_.evicted += round.evicted;
  window_.running = std::max(window_.running, round.running);
  window_.held_back |= round.held_back;
  if (window_.evaluated < kWindow) return;
  const double evicted = static_cast<double>(window_.evicted) / window_.evaluated;
  if (evicted > 0.5 && window_.running > 1)
    fall();
  else if (evicted < 0.25 && window_.held_back)
    rise();
  window_ = {};
}

void QuestionLimit::fall() {
  crowded_ = std::min(window_.running, most_);
  most_ = std::max(1, crowded_ / 2);
  calm_ = 0;
}

void QuestionLimit::rise() {
  if (crowded_ == kNone) {
    most_ += std::max(1, most_ / 2);
  } else if (most_ < crowded_ - 1) {
    most_ += (crowded_ - most_) / 2;
  } else if (++calm_ == kPatience) {
    crowded_ = kNone;
    calm_ = 0;
  }
}

}  // namespace cairn::llama
