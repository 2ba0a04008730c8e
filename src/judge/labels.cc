#include "judge/labels.h"

#include <fmt/format.h>

#include "cairn/error.h"

namespace cairn::judge {

std::vector<Token> label_tokens(const std::string& judge, const LanguageModel& model,
                                const std::vector<std::string>& alternatives) {
  std::vector<Token> tokens;
  for (const std::string& label : alternatives)
    if (const auto split = model.tokenize(label, false); split.size() == 1)
      tokens.push_back(split.front());
  if (tokens.empty())
    throw Error(Fault::model, judge,
                fmt::format("the label \"{}\" is no single token of {}", alternatives.front(),
                            model.info().name),
                "Use another preset or another model");
  return tokens;
}

}  // namespace cairn::judge
