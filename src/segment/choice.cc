#include "cairn/choice.h"

#include <algorithm>
#include <optional>

namespace cairn {
namespace {

class ChoiceSegmenter : public Segmenter {
 public:
  explicit ChoiceSegmenter(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  std::unique_ptr<Segmenter::Cursor> start(std::string_view) const override {
    return std::make_unique<Cursor>(texts_);
  }
  std::string name() const override {
    std::string name = "choice";
    for (const std::string& text : texts_) name += ":" + text;
    return name;
  }

 private:
  class Cursor : public Segmenter::Cursor {
   public:
    explicit Cursor(std::vector<std::string> texts) : left_(std::move(texts)) {}

    std::optional<std::size_t> feed(std::string_view piece) override {
      step_ += piece;
      std::erase_if(left_, [this](const std::string& text) { return !text.starts_with(step_); });
      if (left_.size() > 1 || step_.empty()) return {};
      return step_.size();
    }

   private:
    std::vector<std::string> left_;
    std::string step_;
  };

  const std::vector<std::string> texts_;
};

}  // namespace

std::string choice_grammar(const std::vector<std::string>& texts) {
  std::string choices;
  for (const std::string& text : texts) {
    choices += choices.empty() ? "root ::= \"" : " | \"";
    for (const char c : text) {
      if (c == '"' || c == '\\') choices += '\\';
      c == '\n' ? choices += "\\n" : choices += c;
    }
    choices += '"';
  }
  return choices;
}

std::shared_ptr<const Segmenter> choice_segmenter(std::vector<std::string> texts) {
  return std::make_shared<ChoiceSegmenter>(std::move(texts));
}

std::string rest_of_choice(const std::vector<std::string>& texts, const std::string& begun) {
  std::optional<std::string> rest;
  for (const std::string& text : texts) {
    if (!text.starts_with(begun)) continue;
    if (rest) return {};
    rest = text.substr(begun.size());
  }
  return rest.value_or("");
}

}  // namespace cairn
