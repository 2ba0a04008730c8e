#pragma once
// cairn/choice.h — a step that is one of some given texts: a language model chooses, and writes no
// more of it than it takes to know which.

#include <memory>
#include <string>
#include <vector>

#include "cairn/segmenter.h"

namespace cairn {

// GBNF that admits these texts and nothing else; empty for none.
std::string choice_grammar(const std::vector<std::string>& texts);

// The boundary is where only one of the texts begins as the step does.
// Requires: under choice_grammar(texts). Its name holds the texts.
std::shared_ptr<const Segmenter> choice_segmenter(std::vector<std::string> texts);

// What makes `begun` the one text that begins so; empty when there are several or none.
std::string rest_of_choice(const std::vector<std::string>& texts, const std::string& begun);

}  // namespace cairn
