#include "judge/labels.h"

#include <fmt/format.h>

#include <algorithm>

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

std::vector<Token> class_tokens(const std::string& judge, const LanguageModel& model,
                                const std::vector<std::string>& names) {
  const std::vector<std::string>& classes = model.info().classes;
  std::vector<Token> tokens;
  for (const std::string& name : names) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end())
      throw Error(Fault::model, judge,
                  classes.empty()
                      ? fmt::format("{} has no classification head", model.info().name)
                      : fmt::format("\"{}\" is no class of {}", name, model.info().name),
                  classes.empty() ? "Use a preset that reads tokens, or another model"
                                  : fmt::format("Its classes are {}", fmt::join(classes, ", ")));
    tokens.push_back(model.info().vocabulary + static_cast<Token>(found - classes.begin()));
  }
  return tokens;
}

}  // namespace cairn::judge
