#pragma once
// cairn/error.h — the one exception cairn throws.
//
// Thrown when cairn cannot go on. Never thrown because a model reasoned badly: a wrong, missing
// or unparsable answer is an Outcome, and so is a spent budget.

#include <stdexcept>
#include <string_view>

namespace cairn {

// Whose fault it is, so that a caller can decide without reading the text.
//   input      an option, a file or a question that breaks a rule
//   model      a model or its backend cannot be used
//   tool       a tool cannot be run
//   store      a trace, a database or a disk cannot be read or written
//   cancelled  the caller asked for the end
enum class Fault { input, model, tool, store, cancelled };

class Error : public std::runtime_error {
 public:
  // where:  the recipe, primitive or backend, by its public name
  // what:   the rule that was broken, with the numbers and names that broke it; no full stop
  // remedy: what the reader can change; no full stop
  // what() is "where: what. remedy."
  Error(Fault fault, std::string_view where, std::string_view what, std::string_view remedy);

  Fault fault() const { return fault_; }

 private:
  Fault fault_;
};

}  // namespace cairn
