#pragma once
// judge/labels.h — labels whose probabilities are read.

#include <string>
#include <vector>

#include "cairn/language_model.h"

namespace cairn::judge {

// The alternatives that are single tokens of the model.
// Errors: Fault::model, in the name of the judge, when none is.
std::vector<Token> label_tokens(const std::string& judge, const LanguageModel& model,
                                const std::vector<std::string>& alternatives);

// The classes of these names as label_probabilities() takes them.
// Errors: Fault::model, in the name of the judge, when the model has no such class.
std::vector<Token> class_tokens(const std::string& judge, const LanguageModel& model,
                                const std::vector<std::string>& names);

}  // namespace cairn::judge
